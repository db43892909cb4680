// Demand: what is costly is looked at only in the rows that cheaper conditions have left open, as far as three-valued
// logic allows. What is counted are texts that were analyzed, or read.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetOf, clearBit, setRows } from '../../src/model/bitset.js';
import type { Columns } from '../../src/model/columns.js';
import { checkSchema } from '../../src/model/schema.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import type { Term } from '../../src/query/context.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { compileAsset } from '../support/assets.js';

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const ROWS = 1000;
const schema = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'n', type: 'Int32', nullable: true },
    { name: 'name', type: 'VarChar' },
    { name: 'text', type: 'VarChar' },
    { name: 'doc', type: 'JSON' },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});

interface Counts {
  analyzed: number;
  read: number;
  parsed: number;
}

/** Counts the rows that are read of it. */
function counted(values: readonly string[], note: () => void): readonly string[] {
  return new Proxy(values, {
    get: (target, key, receiver): unknown => {
      if (typeof key === 'string' && /^\d+$/.test(key)) note();
      return Reflect.get(target, key, receiver);
    },
  });
}

/** `n` is the row's number, null in every tenth row. */
function evaluated(text: string): { readonly rows: readonly number[]; readonly counts: Counts } {
  const counts: Counts = { analyzed: 0, read: 0, parsed: 0 };
  const valid = bitsetOf(ROWS, true);
  for (let row = 0; row < ROWS; row += 10) clearBit(valid, row);
  const filled = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
  const columns: Columns = {
    rows: ROWS,
    byName: new Map([
      ['n', { type: 'Int32' as const, values: Int32Array.from(filled((row) => row)), valid }],
      ['name', { type: 'VarChar' as const, values: counted(filled((row) => `kite ${row}`), () => counts.read++) }],
      ['text', { type: 'VarChar' as const, values: filled((row) => `kite ${row % 7}`) }],
      ['doc', { type: 'JSON' as const, values: counted(filled((row) => `{"a":${row}}`), () => counts.parsed++) }],
    ]),
  };
  const analyze = (_: string, of: string): readonly Term[] => {
    counts.analyzed++;
    return of.split(' ').map((term, position) => ({ term, position }));
  };
  const rows = [...setRows(evaluateFilter(compileFilter(text, schema), columns, predicates, { analyze }))];
  // The text that is looked for is analyzed too.
  if (counts.analyzed > 0) counts.analyzed--;
  return { rows, counts };
}

const isKnown = (row: number): boolean => row % 10 !== 0;
const isNear = (row: number): boolean => isKnown(row) && row < 100;
const has3 = (row: number): boolean => row % 7 === 3;

describe.each<[filter: string, counts: Partial<Counts>, matches: (row: number) => boolean]>([
  // No row can be true any more.
  ['n < 0 and text_match(text, "kite")', { analyzed: 0 }, () => false],
  ['text_match(text, "kite") and n < 0', { analyzed: 0 }, () => false],
  ['name =~ "k.te" and doc["a"] > 3 and n < 0', { read: 0, parsed: 0 }, () => false],
  // Only those that can; rows of which n is null cannot.
  ['text_match(text, "3") and n < 100', { analyzed: 90 }, (row) => isNear(row) && has3(row)],
  ['phrase_match(text, "kite 3") and n < 100', { analyzed: 90 }, (row) => isNear(row) && has3(row)],
  ['name =~ "e 1.$" and n < 100', { read: 90 }, (row) => row > 10 && row < 20],
  ['doc["a"] >= 50 and n < 100', { parsed: 90 }, (row) => isNear(row) && row >= 50],
  ['doc["a"] >= 50 and doc["a"] < 60 and n < 100', { parsed: 90 }, (row) => row > 50 && row < 60],
  ['text_match(text, "3") and doc["a"] >= 50 and n < 100', { parsed: 90, analyzed: 45 }, (row) => isNear(row) && has3(row) && row >= 50],
  ['text_match(text, "3") and name like "%9" and n < 100', { read: 90, analyzed: 10 }, (row) => isNear(row) && has3(row) && row % 10 === 9],
  // Of `or` those that are not true yet.
  ['text_match(text, "3") or n >= 100', { analyzed: 190 }, (row) => has3(row) || (isKnown(row) && row >= 100)],
  ['text_match(text, "3") or n >= 0', { analyzed: 100 }, (row) => has3(row) || isKnown(row)],
  ['text_match(text, "3") or n >= 0 or n is null', { analyzed: 0 }, () => true],
  // Below `not` a row that is unknown may still become false: it is looked at.
  ['not (text_match(text, "3") and n < 100)', { analyzed: 190 }, (row) => !has3(row) || (isKnown(row) && row >= 100)],
  ['not (text_match(text, "3") or n >= 100)', { analyzed: 90 }, (row) => isNear(row) && !has3(row)],
  ['not (not (text_match(text, "3") and n < 100))', { analyzed: 90 }, (row) => isNear(row) && has3(row)],
  // Conditions within others look no further than those.
  ['(text_match(text, "3") or n == 7) and n < 100', { analyzed: 89 }, (row) => isNear(row) && (has3(row) || row === 7)],
])('%s', (filter, counts, matches) => {
  it('looks at no more rows than it must', () => {
    const found = evaluated(filter);
    expect(found.counts).toMatchObject(counts);
    expect(found.rows).toEqual(Array.from({ length: ROWS }, (_, row) => row).filter(matches));
  });
});

it('the order of conditions changes no answer', () => {
  expect(evaluated('n < 100 and text_match(text, "3")').rows).toEqual(evaluated('text_match(text, "3") and n < 100').rows);
  expect(evaluated('not (n < 100 and text_match(text, "3"))').rows).toEqual(evaluated('n >= 100 or not text_match(text, "3")').rows);
});

it('kernels are not asked what they cannot change either', () => {
  const asked: string[] = [];
  const noting: Predicates = Object.assign(Object.create(predicates) as Predicates, {
    compare: (...of: Parameters<Predicates['compare']>) => {
      asked.push(of[1]);
      return predicates.compare(...of);
    },
    not: (...of: Parameters<Predicates['not']>) => predicates.not(...of),
    and: (...of: Parameters<Predicates['and']>) => predicates.and(...of),
  });
  const columns: Columns = { rows: 100, byName: new Map([['n', { type: 'Int32' as const, values: new Int32Array(100) }]]) };
  evaluateFilter(compileFilter('n > 0 and n != 7 and n != 8', schema), columns, noting);
  expect(asked).toEqual(['gt']);
});
