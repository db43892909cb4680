// Consistency level: taken as Milvus' clients give it, and told back. One writer answers here, so a read sees every write
// that was acknowledged before it, whatever the level.

import { require } from './errors.js';

export const CONSISTENCY_LEVELS = ['Strong', 'Bounded', 'Session', 'Eventually'] as const;
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];

/** Of a collection for which none was asked. */
export const CONSISTENCY_DEFAULT: ConsistencyLevel = 'Bounded';

/** Errors: `InvalidArgument`. */
export function checkConsistencyLevel(given: unknown): ConsistencyLevel {
  const level = CONSISTENCY_LEVELS.find((known) => known === given);
  require(level !== undefined, () => `consistencyLevel: expected one of ${CONSISTENCY_LEVELS.join(', ')}, found ${JSON.stringify(given)}`);
  return level;
}
