// Demand: what is asked of the truth of a condition: which side of it, and in which rows. Elsewhere it may be anything, so
// that what is costly is looked at only where it can still change the answer.

import type { Bitset } from '../../model/bitset.js';
import type { CheckedFilter, Value } from '../checked.js';
import type { Evaluation } from './context.js';
import { bothKnown, falseRows, type Truth } from './truth.js';

export interface Demand {
  /** Whether it is asked where the condition is true, false, or both. */
  readonly side: 'yes' | 'no' | 'both';
  /** The rows that are asked for; undefined for every row. */
  readonly among: Bitset | undefined;
}

/** What is asked of the operand of a `not`. */
export function flipped({ side }: Demand): Demand['side'] {
  return side === 'both' ? side : side === 'yes' ? 'no' : 'yes';
}

/** The rows that further operands can change, `truth` being that of those before. One that is unknown can become false by `and`, but not true. */
export function rowsLeft(kind: 'and' | 'or', truth: Truth, evaluation: Evaluation): Bitset {
  const { side, among, rows, predicates } = evaluation;
  const isOneSided = truth.no === undefined || side === (kind === 'and' ? 'yes' : 'no');
  const [open, closed] = kind === 'and' ? [truth.yes, truth.no] : [undefined, truth.yes];
  const left = isOneSided ? (open ?? falseRows(truth, evaluation)) : predicates.not(closed as Bitset, rows);
  return bothKnown(left, among, evaluation) as Bitset;
}

export function isEmpty(rows: Bitset): boolean {
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  for (let at = 0; at < words.length; at++) if (words[at] !== 0) return false;
  return true;
}

/** Kernels, and what indexes answer, come first; then what is looked at row by row, by what a row costs. */
export function byCost(operands: readonly CheckedFilter[], evaluation: Evaluation): readonly Costed[] {
  return operands
    .map((operand) => ({ operand, cost: costOf(operand, evaluation) }))
    .sort((a, b) => a.cost - b.cost)
    .map(({ operand, cost }) => ({ operand, isCheap: cost === COST.kernel }));
}

interface Costed {
  readonly operand: CheckedFilter;
  /** As cheap as telling what is left: it is evaluated over all rows. */
  readonly isCheap: boolean;
}

const COST = { kernel: 0, index: 1, values: 2, texts: 3, json: 4, regex: 5, terms: 6 } as const;

/** The most that a part of it costs. Filters nest no deeper than they may. */
function costOf(filter: CheckedFilter, evaluation: Evaluation): number {
  switch (filter.kind) {
    case 'constant':
    case 'compare':
    case 'range':
    case 'inSet':
      return COST.kernel;
    case 'text':
    case 'textInSet':
      return evaluation.indexes?.has(filter.field, [], 'values') ? COST.index : COST.values;
    case 'sample':
      return COST.values;
    case 'isNull':
      return filter.operand.kind === 'column' || filter.operand.kind === 'array' ? COST.kernel : valueCost(filter.operand, evaluation);
    case 'compareValues':
      return Math.max(valueCost(filter.left, evaluation), valueCost(filter.right, evaluation));
    case 'valueInSet':
    case 'exists':
    case 'contains':
      return valueCost(filter.operand, evaluation);
    case 'like':
      return Math.max(COST.texts, valueCost(filter.operand, evaluation));
    case 'regex':
      return COST.regex;
    case 'textMatch':
    case 'phraseMatch':
      return evaluation.indexes?.has(filter.field, [], 'terms') ? COST.index : COST.terms;
    case 'not':
      return costOf(filter.operand, evaluation);
    case 'and':
    case 'or':
      return filter.operands.reduce((most, operand) => Math.max(most, costOf(operand, evaluation)), 0);
  }
}

function valueCost(value: Value, evaluation: Evaluation): number {
  switch (value.kind) {
    case 'json':
      return evaluation.indexes?.has(value.field, value.path, 'values') ? COST.index : COST.json;
    case 'length':
      return valueCost(value.array, evaluation);
    case 'shift':
    case 'unary':
      return valueCost(value.operand, evaluation);
    case 'arithmetic':
      return Math.max(valueCost(value.left, evaluation), valueCost(value.right, evaluation));
    default:
      return COST.values;
  }
}
