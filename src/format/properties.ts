// Properties: what was set for a collection or database by name, as text, the way Milvus' clients set it.

import { requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { objectAt, stringAt } from './checks.js';

export type Properties = Readonly<Record<string, string>>;

/** Undefined if there are none. Errors: `Corrupt`, naming `where`. */
export function decodeProperties(value: unknown, where: string, place: string): Properties | undefined {
  if (value === undefined) return undefined;
  const entries = Object.entries(objectAt(value, where, place));
  requireIntact(entries.length > 0 && entries.length <= LIMITS.propertiesMax, where, `${place}: expected 1 to ${LIMITS.propertiesMax} members`);
  return Object.fromEntries(entries.map(([name, text]) => [name, stringAt(text, where, `${place}.${name}`)]));
}
