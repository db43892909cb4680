// Indexes: questions to the scalar index of a column, if it has one.

import type { PathStep } from '../../model/filter.js';
import type { CheckedFilter, Constant, Value } from '../checked.js';
import type { IndexAnswer, IndexedValue, IndexQuestion } from '../column-indexes.js';
import type { Evaluation } from './context.js';
import type { Truth } from './truth.js';

export function ask(field: string, path: readonly PathStep[], question: IndexQuestion, { indexes }: Evaluation): IndexAnswer | undefined {
  return indexes?.find(field, path, question.kind === 'terms' || question.kind === 'phrase' ? 'terms' : 'values')?.answer(question);
}

/** What the index over a JSON path answers exactly, with the rows where it is known. */
export function askJson(value: Value, question: () => IndexQuestion, evaluation: Evaluation): Truth | undefined {
  if (value.kind !== 'json' || evaluation.indexes === undefined) return undefined;
  const answer = ask(value.field, value.path, question(), evaluation);
  if (answer?.known === undefined || answer.exact === false) return undefined;
  const { predicates, rows } = evaluation;
  return { yes: answer.rows, no: predicates.and(predicates.not(answer.rows, rows), answer.known) };
}

type ColumnLeaf = Extract<CheckedFilter, { readonly kind: 'compare' | 'range' | 'inSet' | 'text' | 'textInSet' }>;

export function questionOf(leaf: ColumnLeaf): IndexQuestion {
  if (leaf.kind === 'text') return { kind: 'compare', op: leaf.op, value: leaf.value };
  return leaf.kind === 'textInSet' ? { kind: 'inSet', values: [...leaf.values] } : leaf;
}

/** What an Array's index is asked: of elements in their own form. */
export function containsQuestion({ mode, values, operand }: Extract<CheckedFilter, { readonly kind: 'contains' }>): IndexQuestion {
  const isLong = operand.kind === 'array' && operand.elementType === 'Int64';
  return { kind: 'contains', mode, values: values.map((value) => indexedValue(value, isLong)) };
}

function indexedValue(value: Constant, isLong: boolean): IndexedValue {
  if (typeof value === 'boolean') return Number(value);
  return isLong ? BigInt(value as number | bigint) : (value as IndexedValue);
}
