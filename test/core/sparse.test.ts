// Sparse rows through the Core port, native and WebAssembly: the index file is the same bytes from both, a search finds what
// brute force finds, to the bit, and what breaks the contract is refused and changes nothing.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bitsetOf, setBit } from '../../src/model/bitset.js';
import type { Core, ScoreRange, SparseIndex, SparseRows } from '../../src/ports/core.js';
import { CORES } from './flat-cores.js';
import { hitsOf, randomWords, sorted, sparseRows, sparseScore, type Hit, type SparseRow } from './rows-support.js';

/** A folder with splade-v3.base.jsonl.gz, .query.jsonl.gz and .gt.ivecs, whose licence keeps them out of this repository. */
const DATA = process.env['ELANUS_TEST_DATA'];
const SHA256 = new Uint8Array(32).fill(7);

/** Sparse rows take no kernels: one core of each module is enough. */
const BINDINGS = CORES.filter(({ name }, i) => CORES.findIndex((other) => other.name.split(' ')[0] === name.split(' ')[0]) === i);

const invalid = expect.objectContaining({ code: 'InvalidArgument' });
const unsafe = (value: unknown): never => value as never;

/** Some rows share few terms, some many; a few have none. */
function randomRows(count: number, seed: number): readonly SparseRow[] {
  const next = randomWords(seed);
  return Array.from({ length: count }, () => {
    const terms = next() % 25;
    return new Map(Array.from({ length: terms }, () => [Math.floor(300 ** (next() / 2 ** 32)), Math.fround((next() % 1000) / 300)]));
  });
}

function fileOf(core: Core, rows: readonly SparseRow[]): Uint8Array {
  const build = core.buildSparse();
  const half = rows.length >> 1;
  build.append(sparseRows(rows.slice(0, half)));
  build.append(sparseRows([]));
  build.append(sparseRows(rows.slice(half)));
  expect(build.size).toBe(rows.length);
  const file = build.finish(SHA256);
  build.close();
  return file;
}

const opened = (core: Core, rows: readonly SparseRow[]): SparseIndex => core.openSparse(fileOf(core, rows));

/** Of the scores of all rows; a row whose score is 0 is no hit. */
function bruteForce(scores: readonly number[], k: number, alive?: Uint8Array, { radius = 0, ...range }: ScoreRange = {}): readonly Hit[] {
  return sorted('IP', scores, k, alive, { ...range, radius: Math.max(radius, 0) });
}

const scoresOf = (rows: readonly SparseRow[], query: SparseRow): readonly number[] => rows.map((row) => sparseScore(query, row));

describe.each(BINDINGS)('$name', ({ create }) => {
  it('finds what brute force finds, alive and within a range, to the bit', () => {
    const [rows, queries] = [randomRows(900, 1), randomRows(20, 2)];
    const scores = queries.map((query) => scoresOf(rows, query));
    const index = opened(create(), rows);
    expect(index.size).toBe(900);
    const [some, one] = [bitsetOf(900, false), bitsetOf(900, false)];
    for (let row = 0; row < 900; row += 7) setBit(some, row);
    setBit(one, 600);
    for (const alive of [undefined, some, one, bitsetOf(900, false)]) {
      for (const range of [undefined, {}, { radius: 3 }, { radius: -5 }, { rangeFilter: 4 }, { radius: 2, rangeFilter: 8 }, { radius: 8, rangeFilter: 2 }]) {
        for (const k of [1, 10, 1000]) {
          const found = index.search(sparseRows(queries), k, {}, alive, range);
          scores.forEach((all, q) => expect(hitsOf(found, q)).toEqual(bruteForce(all, k, alive, range)));
        }
      }
    }
    expect(index.cost().added).toBeGreaterThan(0);
    expect(index.cost().lookedUp).toBeGreaterThan(0);
    expect(index.memoryBytes).toBeGreaterThan(900);
    index.close();
  });

  it('answers a batch larger than what crosses at once like each query alone', () => {
    const [rows, queries] = [randomRows(300, 3), randomRows(50, 4)];
    const index = opened(create(), rows);
    const found = index.search(sparseRows(queries), 16_384);
    queries.forEach((query, q) => expect(hitsOf(found, q)).toEqual(bruteForce(scoresOf(rows, query), 16_384)));
    index.close();
  });

  it('leaves terms out of finding alone, and under a rangeFilter none', () => {
    const [rows, queries] = [randomRows(900, 5), randomRows(40, 6)];
    const index = opened(create(), rows);
    const dropped = index.search(sparseRows(queries), 10, { dropRatio: 0.6 });
    const ranged = index.search(sparseRows(queries), 10, { dropRatio: 0.6 }, undefined, { rangeFilter: 5 });
    queries.forEach((query, q) => {
      for (const [row, score] of hitsOf(dropped, q)) expect(score).toBe(sparseScore(query, rows[row] as SparseRow));
      expect(hitsOf(ranged, q)).toEqual(bruteForce(scoresOf(rows, query), 10, undefined, { rangeFilter: 5 }));
    });
    index.close();
  });

  it('takes rows and queries without terms, terms that no row has, and equal rows', () => {
    const same: SparseRow = new Map([[4_294_967_295, 2]]);
    const index = opened(create(), [new Map(), same, new Map([[7, 0]]), same]);
    expect(hitsOf(index.search(sparseRows([same]), 5), 0)).toEqual([[1, 4], [3, 4]]);
    for (const query of [new Map(), new Map([[7, 1]]), new Map([[8, 1]])]) expect(index.search(sparseRows([query]), 5).counts[0]).toBe(0);
    expect(index.search(sparseRows([]), 5).counts.length).toBe(0);
    index.close();
  });

  it('refuses rows that break the contract, and appends all of a batch or nothing', () => {
    const build = create().buildSparse();
    const rows = (indptr: readonly number[], indices: readonly number[], values: readonly number[]): SparseRows => ({ indptr: Uint32Array.from(indptr), indices: Uint32Array.from(indices), values: Float32Array.from(values) });
    const bad = [
      rows([0, 1, 3], [1, 5, 5], [1, 1, 1]), // the same index twice
      rows([0, 1, 3], [1, 5, 4], [1, 1, 1]),
      rows([0, 1, 2], [1, 5], [1, -1]),
      rows([0, 1, 2], [1, 5], [1, NaN]),
      rows([0, 1, 2], [1, 5], [1, Infinity]),
      rows([], [], []),
      rows([1, 2], [1, 5], [1, 1]),
      rows([0, 2, 1], [1], [1]),
      rows([0, 4_000_000_000, 1], [1], [1]),
      rows([0, 1], [1, 2], [1, 1]),
      rows([0, 2], [1, 2], [1]),
    ];
    for (const given of bad) expect(() => build.append(given)).toThrow(invalid);
    for (const given of [null, undefined, {}, [], { ...rows([0, 1], [1], [1]), values: new Float64Array(1) }]) expect(() => build.append(unsafe(given))).toThrow(invalid);
    expect(build.size).toBe(0);
    expect(() => build.finish(SHA256)).toThrow(invalid); // no row
    build.append(rows([0, 1, 1], [1], [1]));
    for (const sha256 of [new Uint8Array(31), null, 'x']) expect(() => build.finish(unsafe(sha256))).toThrow(invalid);
    const core = create();
    const index = core.openSparse(build.finish(SHA256));
    expect(index.size).toBe(2);
    expect(() => build.append(rows([0, 1], [1], [1]))).toThrow(invalid);
    expect(() => build.finish(SHA256)).toThrow(invalid);
    build.close();
    expect(() => build.append(rows([0], [], []))).toThrow(expect.objectContaining({ code: 'Closed' }));

    for (const given of bad) expect(() => index.search(given, 1)).toThrow(invalid);
    const query = rows([0, 1], [1], [1]);
    for (const k of [0, -1, 1.5, 16_385, NaN]) expect(() => index.search(query, k)).toThrow(invalid);
    for (const dropRatio of [-0.1, 1, NaN, '0']) expect(() => index.search(query, 1, { dropRatio: unsafe(dropRatio) })).toThrow(invalid);
    for (const alive of [new Uint8Array(7), [1], null]) expect(() => index.search(query, 1, {}, unsafe(alive))).toThrow(invalid);
    for (const range of [null, { radius: NaN }]) expect(() => index.search(query, 1, {}, undefined, unsafe(range))).toThrow(invalid);
    const many = Array.from({ length: 65_537 }, (_, i) => i);
    expect(() => index.search(rows([0, many.length], many, many), 1)).toThrow(invalid);
    expect(hitsOf(index.search(query, 1), 0)).toEqual([[0, 1]]);
    index.close();
    index.close();
    for (const use of [() => index.search(query, 1), () => index.cost()]) expect(use).toThrow(expect.objectContaining({ code: 'Closed' }));
  });

  it('tells damaged bytes and those of another kind', () => {
    const core = create();
    const file = fileOf(core, randomRows(50, 8));
    const corrupt = expect.objectContaining({ code: 'Corrupt' });
    for (const size of [0, 1, 127, 128, 200, file.length - 1]) expect(() => core.openSparse(file.subarray(0, size))).toThrow(corrupt);
    for (let at = 0; at < file.length; at += 13) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] as number) ^ 16;
      expect(() => core.openSparse(damaged)).toThrow(expect.objectContaining({ name: 'ElanusError' }));
    }
    const flat = core.createFlat(8, 'L2');
    flat.append(new Float32Array(80).map((_, i) => Math.sin(i)));
    const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: SHA256 });
    while (!build.step(1e6));
    expect(() => core.openSparse(build.bytes())).toThrow(expect.objectContaining({ code: 'Unsupported' }));
    expect(() => core.openIndex(file, flat)).toThrow(expect.objectContaining({ name: 'ElanusError' }));
    build.close();
    flat.close();
  });
});

it('every binding writes the same file', () => {
  const files = BINDINGS.map(({ create }) => Buffer.from(fileOf(create(), randomRows(500, 9))));
  for (const file of files) expect(file.equals(files[0] as Buffer)).toBe(true);
});

if (DATA === undefined) console.info('SPLADE-v3 is not tested: ELANUS_TEST_DATA names no folder that holds it');
else {
  it.each(BINDINGS)('SPLADE-v3 has its known nearest rows: $name', ({ create }) => {
    const [rows, queries] = [readSparse(`${DATA}/splade-v3.base.jsonl.gz`), readSparse(`${DATA}/splade-v3.query.jsonl.gz`)];
    const known = new Int32Array(new Uint8Array(readFileSync(`${DATA}/splade-v3.gt.ivecs`)).buffer);
    const width = (known[0] as number) + 1;
    const index = opened(create(), rows);
    const found = index.search(sparseRows(queries), 10);
    queries.forEach((query, q) => {
      const hits = hitsOf(found, q);
      const kth = sparseScore(query, rows[known[q * width + 10] as number] as SparseRow);
      expect(hits.length).toBe(10);
      for (const [row, score] of hits) {
        expect(score).toBe(sparseScore(query, rows[row] as SparseRow));
        expect(score).toBeGreaterThanOrEqual(kth);
      }
    });
    index.close();
  });
}

function readSparse(path: string): readonly SparseRow[] {
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  return lines.map((line) => {
    const { indices, values } = JSON.parse(line) as { readonly indices: readonly number[]; readonly values: readonly number[] };
    return new Map(indices.map((index, i) => [index, values[i] as number]));
  });
}
