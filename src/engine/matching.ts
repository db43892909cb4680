// Matching: which live rows of a segment a filter lets through.

import { bitsetOf, type Bitset } from '../model/bitset.js';
import type { Predicates } from '../ports/core.js';
import { evaluateFilter } from '../query/evaluate.js';
import type { CheckedFilter } from '../query/check.js';
import { mayMatch } from '../query/skip.js';
import { analyzeBy } from './analyzers.js';
import type { Segment } from './segment.js';

/** False: no row of the segment can match, as far as its statistics tell. No column is read for that. */
export function mayMatchRows({ stored, rows }: Segment, filter: CheckedFilter | undefined): boolean {
  return mayMatch(filter, stored?.entry.statistics, rows);
}

/** Of the rows in `alive` (all of them if it is undefined) those for which `filter` holds, whose columns are in memory; undefined if that is every row. */
export function matchingRows(segment: Segment, filter: CheckedFilter | undefined, predicates: Predicates, alive: Bitset | undefined): Bitset | undefined {
  if (filter === undefined) return alive;
  if (!mayMatchRows(segment, filter)) return bitsetOf(segment.rows, false);
  const passing = evaluateFilter(filter, segment.columns.snapshot(), predicates, { analyze: analyzeBy(segment.schema) });
  return alive === undefined ? passing : predicates.and(passing, alive);
}
