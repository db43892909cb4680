// A scalar index of a column answers the leaves of a filter that it knows; what it leaves is scanned.

import { beforeAll, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetOf, setBit, setRows } from '../../src/model/bitset.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import type { ColumnIndex, ColumnIndexes, IndexQuestion } from '../../src/query/column-indexes.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { compileAsset } from '../support/assets.js';
import { schema, table } from './tables.js';

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const valid = bitsetOf(3, true);
valid[0] = 0b101;
const columns = table({ i8: { type: 'Int8', values: Int8Array.of(1, 2, 3), valid }, name: { type: 'VarChar', values: ['a', 'b', 'c'] } });

/** Answers row 1 to every question it knows, which the column would not. */
function indexed(field: string, knows: (question: IndexQuestion) => boolean): { readonly indexes: ColumnIndexes; readonly asked: IndexQuestion[] } {
  const asked: IndexQuestion[] = [];
  const rows = bitsetOf(3, false);
  setBit(rows, 1);
  const index: ColumnIndex = {
    answer(question) {
      asked.push(question);
      return knows(question) ? { rows: rows.slice() } : undefined;
    },
  };
  return { indexes: { has: (name) => name === field, find: (name, path) => (name === field && path.length === 0 ? index : undefined) }, asked };
}

it.each<[string, IndexQuestion]>([
  ['name == "c"', { kind: 'compare', op: 'eq', value: 'c' }],
  ['name in ["a", "c"]', { kind: 'inSet', values: ['a', 'c'] }],
])('%s is put to the index, whose answer counts', (text, question) => {
  const { indexes, asked } = indexed('name', () => true);
  expect([...setRows(evaluateFilter(compileFilter(text, schema), columns, predicates, { indexes }))]).toEqual([1]);
  expect(asked).toEqual([question]);
});

it('what the index does not know is scanned', () => {
  const { indexes, asked } = indexed('name', () => false);
  expect([...setRows(evaluateFilter(compileFilter('name == "c"', schema), columns, predicates, { indexes }))]).toEqual([2]);
  expect(asked).toHaveLength(1);
});

it('null stays unknown whatever the index says', () => {
  const { indexes } = indexed('i8', () => true);
  const rows = (text: string): readonly number[] => [...setRows(evaluateFilter(compileFilter(text, schema), columns, predicates, { indexes }))];
  expect(rows('i8 > 2')).toEqual([]);
  expect(rows('not i8 > 2')).toEqual([0, 2]);
  expect(rows('1 < i8 < 5')).toEqual([]);
});
