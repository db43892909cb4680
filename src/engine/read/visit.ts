// Visit: every segment of one moment, each with the columns that are asked for in memory. What of those that are in memory matches is
// found at once, so that what grows is seen as it was; of those with a damaged file the answer does without.

import { ElanusError } from '../../model/errors.js';
import { bitsetOf, type Bitset } from '../../model/bitset.js';
import type { CheckedFilter } from '../../query/check.js';
import { fieldsOf } from '../../query/fields.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Predicates } from '../../ports/core.js';
import { matchingRows, mayMatchRows } from './matching.js';
import type { Residency } from '../table/residency.js';
import type { Segment } from '../table/segment.js';
import type { Table } from '../table/table.js';
import { useMatching } from './use-matching.js';

/** What reads segments of a table. */
export interface Reader {
  readonly table: () => Table;
  readonly residency: Residency;
  /** Lets others have their turn. */
  readonly environment: { readonly ambient: Pick<Ambient, 'pause'> };
  /** A file of the segment is damaged or missing: it takes no part in answers any more. */
  readonly quarantine: (segment: Segment, error: ElanusError) => void;
}

/** What a visit looks for. */
export interface Visit {
  /** Those that are looked at; what the filter reads is read besides. */
  readonly columns: Iterable<string>;
  readonly filter: CheckedFilter | undefined;
  readonly predicates: Predicates;
}

/**
 * What `look` gives of each segment and its rows that match (undefined: every row), one segment after the other, handed in order of
 * insertion to `conclude` while all of them can be read. Segments of which no row can match are passed over. A `look` that
 * is no promise is done at once where all is in memory.
 */
export async function visitSegments<T, R>(reader: Reader, { columns, filter, predicates }: Visit, look: (segment: Segment, rows: Bitset | undefined) => T | Promise<T>, conclude: (found: readonly T[]) => R | Promise<R>): Promise<R> {
  const snapshot = reader.table().snapshot();
  const inMemory: { readonly segment: Segment; readonly rows: Bitset | undefined }[] = [];
  try {
    const need = { columns: [...columns] };
    const whole = { columns: [...need.columns, ...fieldsOf(filter)] };
    const found = new Map<Segment, T>();
    const parts = snapshot.parts.filter(({ segment }) => mayMatchRows(segment, filter));
    for (const { segment, alive } of parts) {
      if (!reader.residency.has(segment, whole)) continue;
      reader.residency.touch(segment, undefined, whole.columns);
      const rows = matchingRows(segment, filter, predicates, alive);
      segment.beginUse();
      inMemory.push({ segment, rows: rows ?? (segment.stored === undefined ? bitsetOf(segment.rows, true) : undefined) });
    }
    for (const { segment, rows } of inMemory) {
      const seen = look(segment, rows);
      found.set(segment, seen instanceof Promise ? await seen : seen);
    }
    for (const { segment, alive } of parts) {
      if (found.has(segment)) continue;
      await unlessDamaged(reader, segment, async () => {
        found.set(segment, await useMatching(reader.residency, segment, need, { filter, predicates, alive }, (rows) => look(segment, rows)));
      });
    }
    return await conclude(parts.flatMap(({ segment }) => (found.has(segment) ? [found.get(segment) as T] : [])));
  } finally {
    for (const { segment } of inMemory) segment.endUse();
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
