// Visit: every segment of one moment, each with the columns that are asked for in memory. Those that are in memory are
// visited at once, so that what grows is seen as it was; of those with a damaged file the answer does without.

import { ElanusError } from '../model/errors.js';
import type { Bitset } from '../model/bitset.js';
import type { CheckedFilter } from '../query/check.js';
import { mayMatchRows } from './matching.js';
import type { Residency } from './residency.js';
import type { Segment } from './segment.js';
import type { Table } from './table.js';

/** What reads segments of a table. */
export interface Reader {
  readonly table: () => Table;
  readonly residency: Residency;
  /** A file of the segment is damaged or missing: it takes no part in answers any more. */
  readonly quarantine: (segment: Segment, error: ElanusError) => void;
}

/**
 * What `look` gives of each segment, in order of insertion, handed to `conclude` while all of them can be read. Segments of
 * which no row can match `filter` are passed over.
 */
export async function visitSegments<T, R>(reader: Reader, columns: Iterable<string>, look: (segment: Segment, alive: Bitset | undefined) => T, conclude: (found: readonly T[]) => R | Promise<R>, filter?: CheckedFilter): Promise<R> {
  const snapshot = reader.table().snapshot();
  try {
    const need = { columns };
    const found = new Map<Segment, T>();
    const parts = snapshot.parts.filter(({ segment }) => mayMatchRows(segment, filter));
    for (const { segment, alive } of parts) {
      if (!reader.residency.has(segment, need)) continue;
      reader.residency.touch(segment, undefined, columns);
      found.set(segment, look(segment, alive));
    }
    for (const { segment, alive } of parts) {
      if (found.has(segment)) continue;
      await unlessDamaged(reader, segment, async () => {
        found.set(segment, await reader.residency.use(segment, need, () => look(segment, alive)));
      });
    }
    return await conclude(parts.flatMap(({ segment }) => (found.has(segment) ? [found.get(segment) as T] : [])));
  } finally {
    snapshot.release();
  }
}

/** Does `work`, which reads files of `segment`; if one is damaged or missing, the segment is quarantined. */
export async function unlessDamaged(reader: Reader, segment: Segment, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isDamage(error)) throw error;
    reader.quarantine(segment, error);
  }
}

export function isDamage(error: unknown): error is ElanusError {
  return error instanceof ElanusError && (error.code === 'Corrupt' || error.code === 'NotFound');
}
