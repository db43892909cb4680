// BM25 through the Core port, native and WebAssembly: scores are those of the definition to the bit, counts follow what is
// alive, and what breaks the contract is refused.

import { describe, expect, it } from 'vitest';
import { bitsetOf, hasBit, setBit } from '../../src/model/bitset.js';
import type { Bm25Scoring, Core, SparseIndex } from '../../src/ports/core.js';
import { CORES } from './flat-cores.js';
import { hitsOf, randomWords, sorted, sparseRows, type SparseRow } from './rows-support.js';

const SHA256 = new Uint8Array(32).fill(7);
const BINDINGS = CORES.filter(({ name }, i) => CORES.findIndex((other) => other.name.split(' ')[0] === name.split(' ')[0]) === i);
const invalid = expect.objectContaining({ code: 'InvalidArgument' });
const unsafe = (value: unknown): never => value as never;
const BM25: Bm25Scoring = { k1: 1.2, b: 0.75, averageLength: 13.7 };

/** Rows of term frequencies, some without any. */
function randomTexts(count: number, seed: number): readonly SparseRow[] {
  const next = randomWords(seed);
  return Array.from({ length: count }, () => {
    const counts = new Map<number, number>();
    for (let left = next() % 30; left > 0; left--) {
      const term = Math.floor(200 ** (next() / 2 ** 32));
      counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    return counts;
  });
}

const lengthOf = (row: SparseRow): number => [...row.values()].reduce((sum, count) => sum + count, 0);
const lengthsOf = (rows: readonly SparseRow[]): Uint32Array => Uint32Array.from(rows, lengthOf);

function opened(core: Core, rows: readonly SparseRow[]): SparseIndex {
  const build = core.buildSparse('frequencies');
  expect(build.weights).toBe('frequencies');
  for (const part of [rows.slice(0, 100), [], rows.slice(100)]) build.append(sparseRows(part), lengthsOf(part));
  const index = core.openSparse(build.finish(SHA256));
  build.close();
  expect(index.weights).toBe('frequencies');
  return index;
}

const { fround } = Math;

/** In f32, in the order in which the core computes it. */
function bm25Score(query: SparseRow, row: SparseRow, { k1, b, averageLength }: Bm25Scoring): number {
  const [k, share] = [fround(k1), fround(b)];
  const base = fround(k * fround(1 - share));
  const slope = fround(fround(k * share) / fround(averageLength));
  const part = fround(base + fround(slope * lengthOf(row)));
  let sum = 0;
  for (const [term, weight] of [...query].sort((a, z) => a[0] - z[0])) {
    const count = row.get(term);
    if (count !== undefined) sum = fround(sum + fround(fround(fround(weight) * fround(k + 1)) * fround(count / fround(count + part))));
  }
  return sum;
}

describe.each(BINDINGS)('$name', ({ create }) => {
  it('scores by the definition, to the bit, alive and within a range', () => {
    const rows = randomTexts(700, 11);
    const queries = randomTexts(15, 12).map((row) => new Map([...row].map(([term, count]) => [term, fround(count * 0.37)])));
    const index = opened(create(), rows);
    const some = bitsetOf(700, false);
    for (let row = 0; row < 700; row += 5) setBit(some, row);
    for (const bm25 of [BM25, { k1: 0, b: 0, averageLength: 1 }, { k1: 2, b: 1, averageLength: 40 }]) {
      for (const alive of [undefined, some]) {
        for (const range of [undefined, { radius: 2, rangeFilter: 4 }]) {
          const found = index.search(sparseRows(queries), 20, { bm25 }, alive, range);
          queries.forEach((query, q) => {
            const scores = rows.map((row) => bm25Score(query, row, bm25));
            expect(hitsOf(found, q)).toEqual(sorted('IP', scores, 20, alive, { radius: 0, ...range }));
          });
        }
      }
    }
    expect(index.cost().added).toBeGreaterThan(0);
    index.close();
  });

  it('counts rows that have a term, rows with a text, and tokens: of all and of those alive', () => {
    const rows = randomTexts(700, 13);
    const index = opened(create(), rows);
    const some = bitsetOf(700, false);
    for (let row = 0; row < 700; row += 3) setBit(some, row);
    const terms = Uint32Array.from({ length: 210 }, (_, i) => 209 - i);
    for (const alive of [undefined, some, bitsetOf(700, false)]) {
      const living = rows.filter((_, row) => alive === undefined || hasBit(alive, row));
      expect([...index.having(terms, alive)]).toEqual([...terms].map((term) => living.filter((row) => row.has(term)).length));
      expect(index.totals(alive)).toEqual({ rows: living.filter((row) => row.size > 0).length, lengthTotal: living.reduce((sum, row) => sum + lengthOf(row), 0) });
    }
    expect(index.having(new Uint32Array(0))).toEqual(new Uint32Array(0));
    index.close();
  });

  it('takes frequencies and impacts for what they are', () => {
    const core = create();
    expect(() => core.buildSparse(unsafe('weights'))).toThrow(invalid);
    const [texts, impacts] = [core.buildSparse('frequencies'), core.buildSparse()];
    expect(impacts.weights).toBe('impacts');
    const rows = sparseRows([new Map([[1, 2]])]);
    for (const lengths of [undefined, new Uint32Array(0), new Uint32Array(2), [1], Uint32Array.of(2 ** 31)]) expect(() => texts.append(rows, unsafe(lengths))).toThrow(invalid);
    expect(() => texts.append(sparseRows([new Map([[1, 2 ** 25]])]), Uint32Array.of(1))).toThrow(invalid);
    expect(() => impacts.append(rows, Uint32Array.of(1))).toThrow(invalid);
    texts.append(rows, Uint32Array.of(2));
    impacts.append(rows);
    const [text, learned] = [core.openSparse(texts.finish(SHA256)), core.openSparse(impacts.finish(SHA256))];
    expect([text.size, learned.weights]).toEqual([1, 'impacts']);
    expect(() => text.search(rows, 1)).toThrow(invalid);
    expect(() => learned.search(rows, 1, { bm25: BM25 })).toThrow(invalid);
    for (const bad of [{ k1: -1 }, { k1: Infinity }, { k1: '1' }, { b: -0.1 }, { b: 1.1 }, { b: NaN }, { averageLength: 0 }, { averageLength: NaN }]) {
      expect(() => text.search(rows, 1, { bm25: unsafe({ ...BM25, ...bad }) }), JSON.stringify(bad)).toThrow(invalid);
    }
    expect(() => learned.totals()).toThrow(invalid);
    expect([...learned.having(Uint32Array.of(1, 2))]).toEqual([1, 0]);
    expect(() => text.having(unsafe([1]))).toThrow(invalid);
    for (const alive of [new Uint8Array(1), [1]]) {
      expect(() => text.having(Uint32Array.of(1), unsafe(alive))).toThrow(invalid);
      expect(() => text.totals(unsafe(alive))).toThrow(invalid);
    }
    text.close();
    for (const use of [() => text.having(new Uint32Array(1)), () => text.totals()]) expect(use).toThrow(expect.objectContaining({ code: 'Closed' }));
    learned.close();
    for (const build of [texts, impacts]) build.close();
  });
});

it('every binding writes the same file', () => {
  const files = BINDINGS.map(({ create }) => {
    const build = create().buildSparse('frequencies');
    const rows = randomTexts(300, 17);
    build.append(sparseRows(rows), lengthsOf(rows));
    return Buffer.from(build.finish(SHA256));
  });
  for (const file of files) expect(file.equals(files[0] as Buffer)).toBe(true);
});
