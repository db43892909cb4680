// Use matching: the rows of a segment that match a filter, whether its columns fit into memory or not: where they do not,
// they are read piece by piece, and only the answer is kept.

import { bitsetOf, setBit, setRows, type Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Predicates } from '../../ports/core.js';
import type { CheckedFilter } from '../../query/check.js';
import { evaluateFilter } from '../../query/evaluate.js';
import { fieldsOf } from '../../query/fields.js';
import { analyzeBy } from '../database/analyzers.js';
import { matchingRows } from './matching.js';
import type { Need, Residency } from '../table/residency.js';
import type { Segment, StoredSegment } from '../table/segment.js';

/** What takes part. */
export interface Matching {
  readonly filter: CheckedFilter | undefined;
  readonly predicates: Predicates;
  /** Every row if undefined. */
  readonly alive: Bitset | undefined;
  /** How rows are matched while the columns are in memory; as `matchingRows` does if undefined. */
  readonly match?: () => Bitset | undefined;
}

/** Of the memory limit, what the columns of a filter may take at once. */
const COLUMNS_SHARE = 0.5;

/**
 * Runs `work` with the rows of a stored segment that match, and what `need` says in memory. Errors: `Corrupt`, `OutOfMemory`
 * if that does not fit, those of the storage.
 */
export async function useMatching<T>(residency: Residency, segment: Segment, need: Need, matching: Matching, work: (rows: Bitset | undefined) => T | Promise<T>): Promise<T> {
  const { filter, predicates, alive, match = () => matchingRows(segment, filter, predicates, alive) } = matching;
  const columns = [...fieldsOf(filter)];
  if (await fits(residency, segment, columns)) {
    try {
      return await residency.use(segment, { ...need, columns: [...need.columns, ...columns] }, () => work(match()));
    } catch (error) {
      if (columns.length === 0 || !(error instanceof ElanusError) || error.code !== 'OutOfMemory') throw error;
    }
  }
  const rows = await rowsInPieces(segment, columns, matching);
  return residency.use(segment, need, () => work(rows));
}

async function fits({ limitBytes }: Residency, segment: Segment, columns: readonly string[]): Promise<boolean> {
  if (limitBytes === undefined) return true;
  let bytes = 0;
  for (const name of columns) if (!segment.columns.has(name)) bytes += await (segment.stored as StoredSegment).files.columnBytes(name);
  return bytes <= limitBytes * COLUMNS_SHARE;
}

/** A segment that is held is not closed meanwhile. */
async function rowsInPieces(segment: Segment, columns: readonly string[], { filter, predicates, alive }: Matching): Promise<Bitset | undefined> {
  if (filter === undefined) return alive;
  const rows = bitsetOf(segment.rows, false);
  segment.retain();
  try {
    for await (const piece of (segment.stored as StoredSegment).files.pieces(columns)) {
      const found = evaluateFilter(filter, piece.columns, predicates, { analyze: analyzeBy(segment.schema) });
      for (const row of setRows(found)) setBit(rows, piece.first + row);
    }
  } finally {
    segment.release();
  }
  return alive === undefined ? rows : predicates.and(rows, alive);
}
