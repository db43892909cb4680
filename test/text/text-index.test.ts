// Text indexes: growing and sealed rows answer alike to the bit, and statistics are those of the whole collection, after
// every write and every deletion.

import { expect, test } from 'vitest';
import { bitsetOf, clearBit, type Bitset } from '../../src/model/bitset.js';
import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { BM25_DEFAULTS, checkBm25Params } from '../../src/text/bm25.js';
import { textRows, textVector, type TextVector } from '../../src/text/frequencies.js';
import { textQueries, type TextIndex, type TextSegment } from '../../src/text/text-index.js';
import { TextPostings } from '../../src/text/text-postings.js';
import { testCore } from '../support/database.js';
import { random } from '../support/random.js';

const core = await testCore();
const analyzer = await loadAnalyzer(checkAnalyzerParams({}));

/** Texts of words by Zipf's law; some are empty. */
function someTexts(count: number, seed: number): readonly TextVector[] {
  const next = random(seed);
  return Array.from({ length: count }, () => textVector(analyzer, Array.from({ length: Math.floor(next() * 25) }, () => `w${Math.floor(300 ** next())}`).join(' ')));
}

function sealed(texts: readonly TextVector[]): TextIndex {
  const build = core.buildSparse('frequencies');
  const { lengths, ...rows } = textRows(texts);
  build.append(rows, lengths);
  const index = core.openSparse(build.finish(new Uint8Array(32)));
  build.close();
  return index;
}

function growing(texts: readonly TextVector[]): TextPostings {
  const postings = new TextPostings();
  for (let first = 0; first < texts.length; first += 7) postings.append(texts.slice(first, first + 7));
  return postings;
}

function without(size: number, rows: readonly number[]): Bitset {
  const alive = bitsetOf(size, true);
  for (const row of rows) clearBit(alive, row);
  return alive;
}

test('growing and sealed rows have the same counts, hits and scores', () => {
  const texts = someTexts(600, 1);
  const queries = someTexts(30, 2).map((query) => ({ ...query, terms: query.terms.slice(0, 6), frequencies: query.frequencies.slice(0, 6) }));
  const [postings, index] = [growing(texts), sealed(texts)];
  const dead = Array.from({ length: 200 }, (_, i) => i * 3);
  for (const alive of [undefined, without(600, dead)]) {
    const segment = (of: TextIndex): TextSegment => ({ index: of, alive, deleted: alive === undefined ? 0 : dead.length });
    const [asked, same] = [textQueries(queries, [segment(postings)], BM25_DEFAULTS), textQueries(queries, [segment(index)], BM25_DEFAULTS)];
    expect(asked).toEqual(same);
    for (const range of [undefined, { radius: 3 }, { rangeFilter: 5 }, { radius: 2, rangeFilter: 6 }]) {
      for (const k of [1, 10, 1000]) {
        const [one, other] = [postings, index].map((of) => of.search(asked.rows, k, { bm25: asked.bm25 }, alive, range));
        expect(hitsOf(one)).toEqual(hitsOf(other));
      }
    }
  }
});

function hitsOf(found: ReturnType<TextIndex['search']> | undefined): unknown {
  return found && Array.from(found.counts, (count, q) => [[...found.rows.slice(q * found.k, q * found.k + count)], [...found.scores.slice(q * found.k, q * found.k + count)]]);
}

test('segments that are searched apart score as one that has all rows, without the deleted ones', () => {
  const texts = someTexts(500, 3);
  const queries = someTexts(10, 4);
  const parts = [texts.slice(0, 200), texts.slice(200, 350), texts.slice(350)] as const;
  const dead = [[5, 7], [], [0, 1, 149]] as const;
  const segments = parts.map((part, i) => ({ index: i === 2 ? growing(part) : sealed(part), alive: without(part.length, dead[i] as readonly number[]), deleted: (dead[i] as readonly number[]).length }));
  const living = texts.filter((_, row) => ![5, 7, 350, 351, 499].includes(row));
  const whole = sealed(living);
  const [apart, together] = [textQueries(queries, segments, BM25_DEFAULTS), textQueries(queries, [{ index: whole, alive: undefined, deleted: 0 }], BM25_DEFAULTS)];
  expect(apart).toEqual(together);
  const scores = (of: TextIndex, alive?: Bitset): readonly number[] => {
    const found = of.search(apart.rows, 1000, { bm25: apart.bm25 }, alive);
    return Array.from(found.counts, (count, q) => [...found.scores.slice(q * 1000, q * 1000 + count)]).flat();
  };
  expect(segments.flatMap(({ index, alive }) => scores(index, alive)).sort()).toEqual(scores(whole).slice().sort());
});

test('statistics follow each append and each deletion', () => {
  const texts = someTexts(50, 5);
  const postings = growing(texts.slice(0, 20));
  const query = [texts[3] as TextVector];
  const weightsOf = (alive: Bitset | undefined, deleted: number) => textQueries(query, [{ index: postings, alive, deleted }], BM25_DEFAULTS);
  const before = weightsOf(undefined, 0);
  postings.append(texts.slice(20));
  const after = weightsOf(undefined, 0);
  expect(after).not.toEqual(before);
  expect(after).toEqual(textQueries(query, [{ index: growing(texts), alive: undefined, deleted: 0 }], BM25_DEFAULTS));
  const alive = bitsetOf(50, true);
  for (let row = 20; row < 50; row++) clearBit(alive, row);
  expect(weightsOf(alive, 30)).toEqual(before);
  postings.cut(20);
  expect(weightsOf(undefined, 0)).toEqual(before);
});

test('nothing at all is no error', () => {
  const none = textQueries([textVector(analyzer, '')], [], BM25_DEFAULTS);
  expect([...none.rows.indptr]).toEqual([0, 0]);
  expect(none.bm25.averageLength).toBe(1);
  expect(new TextPostings().search(none.rows, 5, { bm25: none.bm25 }).counts[0]).toBe(0);
});

test('parameters are those of Milvus, and checked', () => {
  expect(checkBm25Params({})).toEqual({ k1: 1.2, b: 0.75 });
  for (const bad of [{ k1: -0.1 }, { k1: 3.1 }, { k1: NaN }, { b: -0.1 }, { b: 1.01 }, { b: '1' as never }]) expect(() => checkBm25Params(bad)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
});
