// Scalar indexes: whatever is asked, the rows that an index answers with are those that reading the column finds; candidates
// hold all of them. Held against the evaluator over random columns and filters.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import type { Column, Columns } from '../../src/model/columns.js';
import { checkSchema } from '../../src/model/schema.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import type { ColumnIndex, ColumnIndexes } from '../../src/query/column-indexes.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { buildScalarIndex } from '../../src/query/indexes/build.js';
import { CodedIndex, type CodedColumn, type CodedForm } from '../../src/query/indexes/coded-index.js';
import { NgramIndex } from '../../src/query/indexes/ngram-index.js';
import { SortedIndex } from '../../src/query/indexes/sorted-index.js';
import { textOrder } from '../../src/query/indexes/text-order.js';
import { valueOrder } from '../../src/query/indexes/value-order.js';
import { likePattern, likeTest, type LikePattern } from '../../src/query/like.js';
import { hasBit } from '../../src/model/bitset.js';
import { compareText } from '../../src/model/text-order.js';
import type { NumericColumn } from '../../src/ports/core.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';
import { kinds, randomColumn } from '../wasm/columns.js';
import { randomColumns, randomFilterText, SCHEMA, TEXTS } from './random-texts.js';

const seed = 5_309;
let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

function done<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

type Make = (column: Column) => ColumnIndex | undefined;

const few = (form: CodedForm, distinctMax = Number.POSITIVE_INFINITY): Make => (column) => done(CodedIndex.ofFew(column.values as CodedColumn, form, distinctMax, predicates));
const many = (form: CodedForm): Make => (column) => done(CodedIndex.ofMany(column.values as CodedColumn, form, predicates));
const sorted: Make = (column) => (column.type === 'VarChar' ? undefined : done(SortedIndex.build(column.values as NumericColumn)));
const isFloat = ({ type }: Column): boolean => type === 'Float' || type === 'Double';

/** Counts how often it was of use. */
function indexesOf({ byName }: Columns, make: Make): { readonly indexes: ColumnIndexes; answers: number } {
  const made = new Map([...byName].map(([name, column]) => [name, make(column)]));
  const counted = {
    answers: 0,
    indexes: {
      has: (field: string): boolean => made.get(field) !== undefined,
      find: (field: string): ColumnIndex | undefined => {
        const index = made.get(field);
        return index && {
          answer: (question) => {
            const answer = index.answer(question);
            if (answer !== undefined) counted.answers++;
            return answer;
          },
        };
      },
    },
  };
  return counted;
}

describe.each<[string, Make]>([
  ['codes', (column) => (isFloat(column) ? undefined : few('codes')(column))],
  ['bitmaps', (column) => (isFloat(column) ? undefined : few('bitmaps')(column))],
  ['lists by value', (column) => (isFloat(column) ? undefined : few('lists')(column))],
  ['codes of many', (column) => (isFloat(column) ? undefined : many('codes')(column))],
  ['lists of many', (column) => (isFloat(column) ? undefined : many('lists')(column))],
  ['sorted rows', sorted],
])('%s', (_, make) => {
  it('answer random filters as columns do', () => {
    const next = random(seed);
    let answers = 0;
    for (let round = 0; round < 60; round++) {
      const spread = [3, 40, 400][randomInteger(next, 3)] as number;
      const columns = randomColumns([1, 63, 200, 1000][randomInteger(next, 4)] as number, spread, next);
      const counted = indexesOf(columns, make);
      for (let ask = 0; ask < 12; ask++) {
        const text = randomFilterText(2, spread, next);
        const filter = compileFilter(text, SCHEMA);
        const found = evaluateFilter(filter, columns, predicates, { indexes: counted.indexes });
        expect(Buffer.compare(found, evaluateFilter(filter, columns, predicates)), `seed ${seed}, round ${round}: ${text}`).toBe(0);
      }
      answers += counted.answers;
    }
    expect(answers).toBeGreaterThan(100);
  });
});

it.each(['Float', 'Double'] as const)('a %s that is NaN matches as it does in the column, whatever index was asked for', (type) => {
  const next = random(seed);
  const drawn = Array.from({ length: 400 }, () => [Number.NaN, -0, 0, 1, 2, Infinity, -Infinity, randomInteger(next, 300)][randomInteger(next, 8)] as number);
  const values = type === 'Float' ? Float32Array.from(drawn) : Float64Array.from(drawn);
  const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'f', type }, { name: 'vector', type: 'FloatVector', dim: 2 }] });
  const columns: Columns = { rows: values.length, byName: new Map([['f', { type, values } as Column]]) };
  let answers = 0;
  for (const indexType of ['INVERTED', 'STL_SORT', 'BITMAP', 'AUTOINDEX'] as const) {
    const counted = indexesOf(columns, (column) => done(buildScalarIndex(column, { indexName: 'f', fieldName: 'f', indexType, params: {} }, predicates)));
    for (const x of [0, 17, 250]) {
      for (const text of ['f == {x}', 'f != {x}', 'f < {x}', 'f <= {x}', 'f > {x}', 'f >= {x}', 'f in [{x}, 5]', '{x} <= f <= 3', '290 < f < {x}', '290 < f <= {x}']) {
        for (const asked of [text, `not (${text})`]) {
          const filter = compileFilter(asked, schema, { x });
          const found = evaluateFilter(filter, columns, predicates, { indexes: counted.indexes });
          expect(Buffer.compare(found, evaluateFilter(filter, columns, predicates)), `seed ${seed}, ${indexType}: ${asked} of ${x}`).toBe(0);
        }
      }
    }
    answers += counted.answers;
  }
  expect(answers).toBeGreaterThan(100);
});

it.each(kinds)('rows of $name are ordered by value, equal ones by row, NaN last', (kind) => {
  const next = random(seed);
  for (const rows of [0, 1, 2, 100, 3000]) {
    const column = randomColumn(kind, rows, next);
    const isNaN = (row: number): number => (Number.isNaN(Number(column[row])) ? 1 : 0);
    const order = Array.from({ length: rows }, (_, row) => row).sort((a, b) => isNaN(a) - isNaN(b) || (isNaN(a) === 1 || column[a] === column[b] ? compareZeros(column, a, b) || a - b : column[a] as number < (column[b] as number) ? -1 : 1));
    expect(Array.from(done(valueOrder(column))), `seed ${seed}`).toEqual(order);
  }
});

/** Of the two zeros the one with a sign comes first. */
function compareZeros(column: NumericColumn, a: number, b: number): number {
  const sign = (row: number): number => (Object.is(column[row], -0) ? 0 : 1);
  return sign(a) - sign(b);
}

it('texts are sorted by code point, however many there are', () => {
  const next = random(seed);
  for (const count of [0, 1, 1000, 20_000]) {
    for (const beyond of ['z', '😀']) {
      const texts = Array.from({ length: count }, () => `${String.fromCharCode(97 + randomInteger(next, 26))}${randomInteger(next, 1000)}${next() < 0.01 ? beyond : ''}${next() < 0.01 && beyond !== 'z' ? '\uffee' : ''}`);
      expect(Array.from(done(textOrder(texts)), (at) => texts[at])).toEqual([...texts].sort(compareText));
    }
  }
});

describe('like', () => {
  const patterns = ['a%', '%b%', '%ab%', 'a_c', '%', '', '_', '%long text%middle%', '😀', '%\\_%', 'zeb%a', '%ebr%', '%cut some%', 'a long text that is cut somewhere behind its middle%'].map((source) => likePattern(source) as LikePattern);

  it.each<[string, Make]>([['codes', few('codes')], ['bitmaps', few('bitmaps')], ['lists', many('lists')]])('is answered by %s exactly', (_, make) => {
    const next = random(seed);
    const column: Column = { type: 'VarChar', values: Array.from({ length: 500 }, () => TEXTS[randomInteger(next, TEXTS.length)] as string) };
    const index = make(column) as ColumnIndex;
    for (const pattern of patterns) {
      const test = likeTest(pattern);
      const rows = index.answer({ kind: 'like', pattern })?.rows as Uint8Array;
      expect(column.values.filter((__, row) => hasBit(rows, row)), pattern.source).toEqual(column.values.filter((text) => test(text as string)));
    }
  });

  it.each([2, 3])('has every match among the candidates of runs of %d, and few others', (gram) => {
    const next = random(seed);
    const words = ['kite', 'bird', 'wing', 'hover', 'field', 'river', 'stone', 'cloud', '😀'];
    const texts = Array.from({ length: 2000 }, () => Array.from({ length: 1 + randomInteger(next, 6) }, () => words[randomInteger(next, words.length)]).join(' '));
    const index = done(NgramIndex.build(texts, gram));
    expect(index.bytes).toBe(NgramIndex.bytesFor(texts));
    let answered = 0;
    for (const source of ['%kite wing%', '%bird%hover%', '%nothing like it%', '%river _tone%', 'cloud%', '%😀 kite%', '%x%', '%', 'a_']) {
      const pattern = likePattern(source) as LikePattern;
      const test = likeTest(pattern);
      const answer = index.answer({ kind: 'like', pattern });
      if (answer === undefined) continue;
      answered++;
      expect(answer.exact).toBe(false);
      texts.forEach((text, row) => test(text) && expect(hasBit(answer.rows, row), `seed ${seed}: ${source} in ${text}`).toBe(true));
    }
    expect(answered).toBeGreaterThan(3);
    expect(predicates.count(index.answer({ kind: 'like', pattern: likePattern('%nothing like it%') as LikePattern })?.rows ?? new Uint8Array(8).fill(255))).toBe(0);
  });
});

it('codes are not made of more distinct values than are allowed', () => {
  expect(few('codes', 3)({ type: 'VarChar', values: ['a', 'b', 'c', 'b', 'd'] })).toBeUndefined();
  expect(few('codes', 4)({ type: 'VarChar', values: ['a', 'b', 'c', 'b', 'd'] })).toBeDefined();
});
