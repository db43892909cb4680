// Matching: which live rows of a segment a filter lets through.

import { type Bitset } from '../model/bitset.js';
import type { Predicates } from '../ports/core.js';
import { evaluateFilter } from '../query/evaluate.js';
import type { CheckedFilter } from '../query/check.js';
import type { Segment } from './segment.js';

/** Of the rows in `alive` (all of them if it is undefined) those for which `filter` holds, whose columns are in memory; undefined if that is every row. */
export function matchingRows(segment: Segment, filter: CheckedFilter | undefined, predicates: Predicates, alive: Bitset | undefined): Bitset | undefined {
  if (filter === undefined) return alive;
  const passing = evaluateFilter(filter, segment.columns.snapshot(), predicates);
  return alive === undefined ? passing : predicates.and(passing, alive);
}
