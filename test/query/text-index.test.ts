// The index over terms of texts: TEXT_MATCH and PHRASE_MATCH find the rows that analyzing every text finds, whatever the
// analyzer, the texts, the repetitions and the slop.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetOf, clearBit, countBits } from '../../src/model/bitset.js';
import { withValid, type Columns } from '../../src/model/columns.js';
import { checkSchema } from '../../src/model/schema.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import type { ColumnIndexes } from '../../src/query/column-indexes.js';
import type { Analyze, Term } from '../../src/query/context.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { TextIndex } from '../../src/query/indexes/text-index.js';
import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';

const seed = 90_210;
let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const WORDS = ['kite', 'Kites', 'the', 'of', 'a', 'hover', 'hovering', 'straße', 'naïve', 'sky-blue', '42', '日本', '日本語の文章', 'สวัสดี', '😀', 'dampfschiff', 'x'];
const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', nullable: true, enableAnalyzer: true, enableMatch: true }, { name: 'vector', type: 'FloatVector', dim: 2 }] });

function done<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function only(index: TextIndex): ColumnIndexes & { answers: number } {
  const counted = {
    answers: 0,
    has: () => true,
    find: (_: string, __: unknown, over: string) => (over !== 'terms' ? undefined : { answer: (question: Parameters<TextIndex['answer']>[0]) => (counted.answers++, index.answer(question)) }),
  };
  return counted;
}

const build = (texts: readonly string[], analyze: (text: string) => readonly Term[]): TextIndex => done(TextIndex.build(texts, { analyze, hasRoom: () => true })) as TextIndex;

describe.each<[name: string, params: unknown]>([
  ['the standard analyzer', {}],
  ['english', { type: 'english' }],
  ['white space', { tokenizer: 'whitespace' }],
  ['synonyms, which share a place', { tokenizer: 'standard', filter: ['lowercase', { type: 'synonym', synonyms: ['kite, hawk, kite'], expand: true }] }],
  ['parts of words, which come more than once in a place', { tokenizer: 'standard', filter: ['lowercase', { type: 'decompounder', word_list: ['dampf', 'schiff'] }] }],
])('by %s', (_, params) => {
  it('finds the rows that analyzing every text finds', async () => {
    const analyzer = await loadAnalyzer(checkAnalyzerParams(params));
    const analyze: Analyze = (__, text) => analyzer.analyze(text);
    const next = random(seed);
    let matches = 0;
    for (let round = 0; round < 12; round++) {
      const rows = [1, 64, 200, 700][randomInteger(next, 4)] as number;
      const words = WORDS.slice(0, 2 + randomInteger(next, WORDS.length - 1));
      const text = (most: number): string => Array.from({ length: randomInteger(next, most) }, () => words[randomInteger(next, words.length)]).join(next() < 0.9 ? ' ' : ', ');
      const texts = Array.from({ length: rows }, () => text(next() < 0.05 ? 300 : 9));
      const valid = bitsetOf(rows, true);
      for (let row = 0; row < rows; row++) if (next() < 0.2) clearBit(valid, row);
      const columns: Columns = { rows, byName: new Map([['text', withValid({ type: 'VarChar', values: texts }, valid)]]) };
      const indexes = only(build(texts, analyzer.analyze));
      for (let ask = 0; ask < 40; ask++) {
        const query = JSON.stringify(text(5));
        const match = next() < 0.5 ? `text_match(text, ${query}, minimum_should_match=${1 + randomInteger(next, 4)})` : `phrase_match(text, ${query}, ${[0, 1, 2, 5, 1000][randomInteger(next, 5)]})`;
        const asked = next() < 0.3 ? `not ${match}` : match;
        const filter = compileFilter(asked, schema);
        const found = evaluateFilter(filter, columns, predicates, { analyze, indexes });
        expect(Buffer.compare(found, evaluateFilter(filter, columns, predicates, { analyze })), `seed ${seed}, round ${round}: ${asked}`).toBe(0);
        matches += countBits(found);
      }
      expect(indexes.answers).toBe(40);
    }
    expect(matches).toBeGreaterThan(1000);
  });
});

it('keeps rows and places that are far apart', () => {
  const texts = Array.from({ length: 40_010 }, (_, row) => (row % 19_999 === 7 ? 'far' : ''));
  const places: readonly Term[] = [0, 127, 128, 16_383, 16_384, 3_000_000, 4_000_000_000].map((position) => ({ term: 'far', position }));
  const index = build(texts, (text) => (text === '' ? [] : [...places, { term: 'end', position: 4_000_000_100 }]));
  const rowsOf = (terms: readonly Term[], slop: number): number => countBits(index.answer({ kind: 'phrase', terms, slop })?.rows as Uint8Array);
  const pair = (apart: number): readonly Term[] => [{ term: 'far', position: 0 }, { term: 'end', position: apart }];
  expect(rowsOf(pair(100), 0)).toBe(3);
  expect(rowsOf(pair(99), 0)).toBe(0);
  expect(rowsOf(pair(99), 1)).toBe(3);
  expect(rowsOf([...places], 0)).toBe(3);
  expect(rowsOf([...places, { term: 'far', position: 4_000_000_001 }], 10)).toBe(0);
});

it('takes few bytes a token, and says what it takes', () => {
  const texts = Array.from({ length: 5000 }, (_, row) => `kite ${row % 50} hover ${row % 7} kite`);
  const index = build(texts, (text) => text.split(' ').map((term, position) => ({ term, position })));
  expect(index.bytes).toBeGreaterThan(5000 * 5 * 1.5);
  expect(index.bytes).toBeLessThan(5000 * 5 * 3);
});

it.each([0, 30_000, 120_000])('gives up where there is room for %d bytes alone', (room) => {
  const texts = Array.from({ length: 20_000 }, (_, row) => `kite ${row}`);
  let asked = 0;
  const hasRoom = (bytes: number): boolean => ((asked = bytes), bytes <= room);
  expect(done(TextIndex.build(texts, { analyze: (text) => text.split(' ').map((term, position) => ({ term, position })), hasRoom }))).toBeUndefined();
  expect(asked).toBeGreaterThan(room);
});
