// Skip: whether any row can match, told from the statistics of its columns alone. Logic is three-valued: of each node it is
// known whether it may be true of a row, and whether it may be false; where nothing is known, both.

import { compareValues, type ColumnStatistics, type Statistics, type StatisticValue } from '../model/column-statistics.js';
import type { CompareOp } from '../ports/core.js';
import type { CheckedFilter } from './check.js';
import type { LikePattern } from './like.js';

interface Possible {
  readonly yes: boolean;
  readonly no: boolean;
}

const ANYTHING: Possible = { yes: true, no: true };
const NOTHING: Possible = { yes: false, no: false };

/** False: `filter` is true of none of the `rows` rows that the statistics are of. */
export function mayMatch(filter: CheckedFilter | undefined, statistics: Statistics | undefined, rows: number): boolean {
  return filter === undefined || statistics === undefined || possible(filter, statistics, rows).yes;
}

function possible(filter: CheckedFilter, statistics: Statistics, rows: number): Possible {
  switch (filter.kind) {
    case 'constant':
      return { yes: filter.value, no: !filter.value };
    case 'compare':
    case 'text':
      return ofValues(columnOf(statistics, filter.field), rows, (of) => compared(filter.op, filter.value, of));
    case 'range':
      return ofValues(columnOf(statistics, filter.field), rows, (of) => {
        const low = compared(filter.low.exclusive ? 'gt' : 'ge', filter.low.value, of);
        const high = compared(filter.high.exclusive ? 'lt' : 'le', filter.high.value, of);
        return { yes: low.yes && high.yes, no: low.no || high.no };
      });
    case 'inSet':
    case 'textInSet':
      return ofValues(columnOf(statistics, filter.field), rows, (of) => {
        const each = Array.from<StatisticValue, Possible>(filter.values, (value) => compared('eq', value, of));
        return { yes: each.some(({ yes }) => yes), no: each.every(({ no }) => no) };
      });
    case 'like':
      return filter.operand.kind === 'column' ? ofValues(columnOf(statistics, filter.operand.field), rows, (of) => beginning(filter.pattern, of)) : ANYTHING;
    case 'isNull':
      return filter.operand.kind === 'column' || filter.operand.kind === 'array' ? nullOr(columnOf(statistics, filter.operand.field), rows) : ANYTHING;
    case 'not': {
      const { yes, no } = possible(filter.operand, statistics, rows);
      return { yes: no, no: yes };
    }
    case 'and': {
      const each = filter.operands.map((operand) => possible(operand, statistics, rows));
      return { yes: each.every(({ yes }) => yes), no: each.some(({ no }) => no) };
    }
    case 'or': {
      const each = filter.operands.map((operand) => possible(operand, statistics, rows));
      return { yes: each.some(({ yes }) => yes), no: each.every(({ no }) => no) };
    }
    default:
      return ANYTHING;
  }
}

function columnOf(statistics: Statistics, field: string): ColumnStatistics | undefined {
  return Object.hasOwn(statistics, field) ? statistics[field] : undefined;
}

function nullOr(column: ColumnStatistics | undefined, rows: number): Possible {
  return column === undefined ? ANYTHING : { yes: column.nulls > 0, no: column.nulls < rows };
}

/** What begins as the pattern does lies together in the order of texts. */
function beginning({ pieces }: LikePattern, { min, max }: ColumnStatistics): Possible {
  const first = pieces[0]?.[0];
  if (typeof first !== 'string') return ANYTHING;
  const isAfter = typeof min === 'string' && compareValues(min, first) > 0 && !min.startsWith(first);
  const isBefore = typeof max === 'string' && compareValues(max, first) < 0;
  return { yes: !isAfter && !isBefore, no: true };
}

/** Of rows that are null a comparison is neither true nor false. */
function ofValues(column: ColumnStatistics | undefined, rows: number, judge: (column: ColumnStatistics) => Possible): Possible {
  if (column === undefined) return ANYTHING;
  return column.nulls === rows ? NOTHING : judge(column);
}

/** What some value within the bounds may give. */
function compared(op: CompareOp, value: StatisticValue, { min, max }: ColumnStatistics): Possible {
  const above = max === undefined ? 1 : compareValues(max, value);
  const below = min === undefined ? -1 : compareValues(min, value);
  switch (op) {
    case 'eq':
      return { yes: above >= 0 && below <= 0, no: !isOnly(min, max, value) };
    case 'ne':
      return { yes: !isOnly(min, max, value), no: above >= 0 && below <= 0 };
    case 'lt':
      return { yes: below < 0, no: above >= 0 };
    case 'le':
      return { yes: below <= 0, no: above > 0 };
    case 'gt':
      return { yes: above > 0, no: below <= 0 };
    case 'ge':
      return { yes: above >= 0, no: below < 0 };
  }
}

function isOnly(min: StatisticValue | undefined, max: StatisticValue | undefined, value: StatisticValue): boolean {
  return min !== undefined && max !== undefined && compareValues(min, value) === 0 && compareValues(max, value) === 0;
}
