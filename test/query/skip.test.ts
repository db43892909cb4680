// Skipping: rows that the evaluator finds are never passed over, whatever the filter and however little the statistics say;
// and what surely cannot match is passed over.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { decodeStatistics, StatisticsBuilder, statisticsJson } from '../../src/format/statistics.js';
import { joinedColumn } from '../../src/model/column-rows.js';
import type { Column, Columns } from '../../src/model/columns.js';
import type { Statistics } from '../../src/model/column-statistics.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { mayMatch } from '../../src/query/skip.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';
import { randomColumns, randomFilterText, SCHEMA } from './random-texts.js';

const seed = 8_117;
let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

function statisticsOf(...portions: readonly Columns[]): Statistics {
  const builder = new StatisticsBuilder(SCHEMA);
  for (const columns of portions) for (const _ of builder.steps(columns, 0, columns.rows));
  return builder.end();
}

it('random rows that match are never skipped, and many that do not are', () => {
  const next = random(seed);
  let skipped = 0;
  for (let round = 0; round < 3000; round++) {
    const spread = [2, 3, 8][randomInteger(next, 3)] as number;
    const portions = Array.from({ length: 1 + randomInteger(next, 3) }, () => randomColumns(randomInteger(next, 5), spread, next));
    const rows = portions.reduce((sum, columns) => sum + columns.rows, 0);
    const byName = new Map(SCHEMA.fields.filter(({ name }) => name !== 'vector').map((field) => [field.name, joinedColumn(portions.map((columns) => columns.byName.get(field.name) as Column), field)]));
    const statistics = statisticsOf(...portions);
    expect(decodeStatistics(JSON.parse(JSON.stringify(statisticsJson(statistics) ?? {})), SCHEMA, rows, 'FILE', 'statistics'), `seed ${seed}, round ${round}`).toEqual(statistics);
    const text = randomFilterText(3, spread, next);
    const filter = compileFilter(text, SCHEMA);
    const matches = predicates.count(evaluateFilter(filter, { rows, byName }, predicates));
    const may = mayMatch(filter, statistics, rows);
    if (matches > 0) expect(may, `seed ${seed}, round ${round}: ${text}`).toBe(true);
    else if (!may) skipped++;
  }
  expect(skipped).toBeGreaterThan(300);
});

describe('of years from 1990 to 2000, some null', () => {
  const statistics: Statistics = { count: { min: 1990, max: 2000, nulls: 0 }, tiny: { nulls: 10 }, large: { min: 5n, max: 5n, nulls: 3 }, text: { min: 'k', max: 'm', nulls: 0 } };
  it.each([
    ['count > 2000', false],
    ['count >= 2000', true],
    ['count < 1990', false],
    ['not (count >= 1990)', false],
    ['not (count > 1990)', true],
    ['1980 <= count < 1990', false],
    ['count in [1, 2, 3000]', false],
    ['count in [1, 1995]', true],
    ['count == 1 or count == 1995', true],
    ['count == 1 or count == 2', false],
    ['count == 1 and double > 0', false],
    ['double > 0', true],
    ['tiny == 1', false],
    ['not (tiny == 1)', false],
    ['tiny == 1 or count == 1990', true],
    ['large != 5', false],
    ['large == 5', true],
    ['not (large == 5)', false],
    ['text < "k"', false],
    ['text == "kl"', true],
    ['text in ["a", "z"]', false],
    ['text not in ["a", "z"]', true],
    ['text like "k%"', true],
    ['text like "ka%b"', true],
    ['text like "a%"', false],
    ['text like "n%"', false],
    ['text like "%n"', true],
    ['not (text like "n%")', true],
    ['tiny is null', true],
    ['tiny is not null', false],
    ['large is null', true],
    ['large is not null', true],
    ['count is null', false],
    ['flag is null', true],
    ['false', false],
  ])('%s: %s', (text, expected) => {
    expect(mayMatch(compileFilter(text, SCHEMA), statistics, 10)).toBe(expected);
  });
});

describe('statistics that no writer makes are damage', () => {
  it.each([
    ['of a field that there is not', { colour: { nulls: 1 } }],
    ['of a vector', { vector: { nulls: 1 } }],
    ['that say nothing', { count: {} }],
    ['with more nulls than rows', { tiny: { nulls: 11 } }],
    ['with nulls of a field that has none', { count: { nulls: 1 } }],
    ['with bounds the wrong way round', { count: { min: 2, max: 1 } }],
    ['with a bound beyond the type', { tiny: { min: 128 } }],
    ['with a fraction of an integer', { count: { min: 0.5 } }],
    ['with an Int64 as a number', { large: { min: 5 } }],
    ['with an Int64 beyond the type', { large: { min: '9223372036854775808' } }],
    ['with what no Float is', { single: { min: 0.1 } }],
    ['with a number of a text', { text: { min: 1 } }],
    ['with a text that is too long', { text: { min: 'x'.repeat(33) } }],
    ['that are no object', { count: 5 }],
  ])('%s', (_, given) => {
    expect(() => decodeStatistics(given, SCHEMA, 10, 'FILE', 'statistics')).toThrow(expect.objectContaining({ code: 'Corrupt' }));
  });
});
