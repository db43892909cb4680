// Matching: which live rows of a segment a filter lets through.

import { bitsetOf, type Bitset } from '../../model/bitset.js';
import type { PathStep } from '../../model/filter.js';
import type { Predicates } from '../../ports/core.js';
import type { ColumnIndexes } from '../../query/column-indexes.js';
import { evaluateFilter } from '../../query/evaluate.js';
import type { CheckedFilter } from '../../query/check.js';
import type { ScalarForm } from '../../query/indexes/build.js';
import { mayMatch } from '../../query/skip.js';
import { analyzeBy } from '../database/analyzers.js';
import type { Segment } from '../table/segment.js';

/** False: no row of the segment can match, as far as its statistics tell. No column is read for that. */
export function mayMatchRows({ stored, rows }: Segment, filter: CheckedFilter | undefined): boolean {
  return mayMatch(filter, stored?.entry.statistics, rows);
}

/**
 * Of the rows in `alive` (all of them if it is undefined) those for which `filter` holds, whose columns are in memory;
 * undefined if that is every row. `used` is told of the scalar indexes that answered.
 */
export function matchingRows(segment: Segment, filter: CheckedFilter | undefined, predicates: Predicates, alive: Bitset | undefined, used?: (index: UsedIndex) => void): Bitset | undefined {
  if (filter === undefined) return alive;
  if (!mayMatchRows(segment, filter)) return bitsetOf(segment.rows, false);
  const passing = evaluateFilter(filter, segment.columns.snapshot(), predicates, { indexes: indexesOf(segment, used), analyze: analyzeBy(segment.newest) });
  return alive === undefined ? passing : predicates.and(passing, alive);
}

/** A scalar index that answered a part of a filter. */
export interface UsedIndex {
  readonly field: string;
  /** Into a JSON column; else empty. */
  readonly path: readonly PathStep[];
  readonly form: ScalarForm;
}

function indexesOf({ stored, scalars }: Segment, used: ((index: UsedIndex) => void) | undefined): ColumnIndexes | undefined {
  if (stored === undefined || used === undefined) return stored && scalars;
  return {
    has: (field, path, over) => scalars.has(field, path, over),
    find: (field, path, over) => {
      const index = scalars.find(field, path, over);
      return index && {
        answer: (question) => {
          const answer = index.answer(question);
          if (answer !== undefined) used({ field, path, form: index.form });
          return answer;
        },
      };
    },
  };
}
