// Exact search on WebGPU against exact search in double precision, on whatever adapter this browser has.
// A browser without an adapter fails here: that the GPU path was not tested must be seen.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebGpu, QUERIES_MIN } from '../../src/core/webgpu/accelerator.js';
import { bitsetOf, hasBit, setBit, type Bitset } from '../../src/model/bitset.js';
import { METRICS, type Metric } from '../../src/model/metric.js';
import type { Accelerator, Candidates } from '../../src/ports/core.js';
import { expectExact, indexOf, randomFrom } from './webgpu-reference.js';

let accelerator: Accelerator;
const seed = Math.floor(Math.random() * 2 ** 32);

beforeAll(async () => {
  const opened = await openWebGpu({ software: true });
  if (opened === undefined) throw new Error('expected a WebGPU adapter; start Chromium with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader');
  accelerator = opened;
  console.info(`${accelerator.name}, seed ${seed}`);
});

afterAll(() => accelerator.close());

function randomVectors(random: () => number, count: number, dim: number): Float32Array {
  return Float32Array.from({ length: count * dim }, () => random() * 2 - 1);
}

function randomBits(random: () => number, rows: number, share: number): Bitset {
  const bits = bitsetOf(rows, false);
  for (let row = 0; row < rows; row++) if (random() < share) setBit(bits, row);
  return bits;
}

async function search(vectors: Float32Array, queries: Float32Array, dim: number, metric: Metric, k: number, alive?: Bitset): Promise<Candidates> {
  const index = await accelerator.attach(indexOf(vectors, dim, metric));
  if (index === undefined) throw new Error('expected the device to take the index');
  const found = await index.search(queries, k, alive);
  index.close();
  return found;
}

describe.each(METRICS)('%s', (metric) => {
  test.each([
    [2, 5000, 100, 10, 1],
    [3, 1, 1, 1, 1],
    [3, 4097, 9, 128, 0.5],
    [63, 1500, 33, 128, 0.05],
    [64, 129, 32, 50, 1],
    [128, 1000, 31, 100, 0.5],
    [257, 300, 5, 7, 0.05],
    [784, 600, 40, 20, 0.5],
    [32_768, 130, 2, 130, 1],
  ])('%i dimensions, %i rows, %i queries, k %i, share alive %d: rows and scores are exact within the tolerance', async (dim, rows, count, k, share) => {
    const random = randomFrom(seed + dim);
    const vectors = randomVectors(random, rows, dim);
    const queries = randomVectors(random, count, dim);
    const alive = share === 1 ? undefined : randomBits(random, rows, share);
    expectExact(await search(vectors, queries, dim, metric, k, alive), vectors, queries, dim, metric, alive);
  });

  test('sums whose every addition rounds the same way stay within the tolerance at the largest dimension', async () => {
    const random = randomFrom(seed);
    const dim = 32_768;
    const vectors = new Float32Array(20 * dim);
    for (let row = 0; row < 20; row++) vectors.fill(1 + random(), row * dim, (row + 1) * dim);
    const queries = new Float32Array(dim).fill(-1 - random());
    expectExact(await search(vectors, queries, dim, metric, 20), vectors, queries, dim, metric);
  });

  test('equal scores are in order of row number, in one slab and across slabs', async () => {
    const rows = 70_000; // more than a slab
    const vectors = Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? (i / 2) % 7 === 3 ? 2 : 1 : 0));
    const alive = bitsetOf(rows, true);
    alive[0] = 0b1111_0111;
    const k = 512;
    const found = await search(vectors, Float32Array.of(2, 0), 2, metric, k, alive);
    // Under COSINE all rows are equal; else those of length 2 are best, and there are far more than k.
    const best = Array.from({ length: rows }, (_, row) => row).filter((row) => hasBit(alive, row) && (metric === 'COSINE' || row % 7 === 3));
    expect([...found.counts]).toEqual([k]);
    expect([...found.rows]).toEqual(best.slice(0, k));
  });

  test('the best rows are found in whichever slab they are', async () => {
    const rows = 140_000;
    const random = randomFrom(seed);
    const vectors = randomVectors(random, rows, 2);
    const queries = randomVectors(random, 1, 2);
    const alive = randomBits(random, rows, 0.2);
    expectExact(await search(vectors, queries, 2, metric, 300, alive), vectors, queries, 2, metric, alive);
  });

  test('no live row gives no candidate, one live row gives that', async () => {
    const vectors = randomVectors(randomFrom(seed), 100, 8);
    const queries = vectors.subarray(0, 20 * 8);
    const none = await search(vectors, queries, 8, metric, 10, bitsetOf(100, false));
    expect([...none.counts]).toEqual(new Array(20).fill(0));
    const alive = bitsetOf(100, false);
    setBit(alive, 77);
    const one = await search(vectors, queries, 8, metric, 10, alive);
    expect([...one.counts]).toEqual(new Array(20).fill(1));
    for (let query = 0; query < 20; query++) expect(one.rows[query * 10]).toBe(77);
  });

  test('more queries than a batch holds are all answered', async () => {
    const random = randomFrom(seed);
    const vectors = randomVectors(random, 200, 5);
    const queries = randomVectors(random, 300, 5);
    expectExact(await search(vectors, queries, 5, metric, 9), vectors, queries, 5, metric);
  });

  test('searches at the same time do not disturb each other', async () => {
    const random = randomFrom(seed);
    const vectors = [randomVectors(random, 300, 6), randomVectors(random, 500, 9)] as const;
    const indexes = await Promise.all([accelerator.attach(indexOf(vectors[0], 6, metric)), accelerator.attach(indexOf(vectors[1], 9, metric))]);
    const queries = [randomVectors(random, 150, 6), randomVectors(random, 20, 9)] as const;
    const found = await Promise.all([indexes[0]?.search(queries[0], 5), indexes[1]?.search(queries[1], 30), indexes[0]?.search(queries[0], 12)]);
    expectExact(found[0] as Candidates, vectors[0], queries[0], 6, metric);
    expectExact(found[1] as Candidates, vectors[1], queries[1], 9, metric);
    expectExact(found[2] as Candidates, vectors[0], queries[0], 6, metric);
    for (const index of indexes) index?.close();
  });

  test('huge and tiny values keep their order', async () => {
    const vectors = Float32Array.of(1e18, -1e18, 3e18, 1e17, 1e-18, 1e-18, -2e18, 2e17, 0, 0);
    const queries = Float32Array.of(1e18, -1e17, -5e-18, 1e-18);
    expectExact(await search(vectors, queries, 2, metric, 5), vectors, queries, 2, metric);
  });

  test('a zero vector is a row like others', async () => {
    const vectors = Float32Array.of(0, 0, 0, 1, 2, 3, -1, -2, -3);
    const found = await search(vectors, Float32Array.of(1, 2, 3), 3, metric, 3);
    expect([...found.rows]).toEqual({ L2: [1, 0, 2], IP: [1, 0, 2], COSINE: [1, 0, 2] }[metric]);
    if (metric !== 'L2') expect(found.scores[1]).toBe(0);
    const fromZero = await search(vectors, new Float32Array(3), 3, metric, 3);
    expect([...fromZero.rows]).toEqual([0, 1, 2]);
    if (metric !== 'L2') expect([...fromZero.scores]).toEqual([0, 0, 0]);
  });
});

test('a distance beyond float is Infinity, a score that is not a number comes last, dead rows never come', async () => {
  const vectors = Float32Array.of(3e38, 3e38, 1, 1, -3e38, 3e38, 0, 0);
  const l2 = await search(vectors, Float32Array.of(1, 1), 2, 'L2', 4);
  expect([...l2.rows]).toEqual([1, 3, 0, 2]);
  expect([...l2.scores]).toEqual([0, 2, Infinity, Infinity]);
  const alive = bitsetOf(4, true);
  alive[0] = 0b1110;
  const ip = await search(vectors, Float32Array.of(3e38, 3e38), 2, 'IP', 4, alive);
  expect([...ip.counts]).toEqual([3]);
  expect([...ip.rows.subarray(0, 3)]).toEqual([1, 3, 2]);
  expect(ip.scores[2]).toBeNaN();
});

test('a COSINE of vectors whose squares overflow is right', async () => {
  const vectors = Float32Array.of(1e38, 1e38, 1e38, 0, 0, 2e-38);
  const found = await search(vectors, Float32Array.of(2e38, 2e38), 2, 'COSINE', 3);
  expect([...found.rows]).toEqual([0, 1, 2]);
  expect(found.scores[0]).toBeCloseTo(1, 5);
  expect(found.scores[2]).toBeCloseTo(Math.SQRT1_2, 5);
});

test('a call that breaks the contract is refused', async () => {
  const index = await accelerator.attach(indexOf(new Float32Array(30), 3, 'L2'));
  const refused = { code: 'InvalidArgument' };
  await expect(index?.search(new Float32Array(3), 0)).rejects.toMatchObject(refused);
  await expect(index?.search(new Float32Array(3), (index?.kMax ?? 0) + 1)).rejects.toMatchObject(refused);
  await expect(index?.search(new Float32Array(4), 1)).rejects.toMatchObject(refused);
  await expect(index?.search(new Float32Array(3), 1, new Uint8Array(16))).rejects.toMatchObject(refused);
  index?.close();
  await expect(index?.search(new Float32Array(3), 1)).rejects.toMatchObject({ code: 'Closed' });
});

test('an empty index is not worth a device, and one query is not worth the way', async () => {
  expect(await accelerator.attach(indexOf(new Float32Array(0), 3, 'L2'))).toBeUndefined();
  expect(accelerator.queriesMin).toBe(QUERIES_MIN);
  expect(QUERIES_MIN).toBeGreaterThan(1);
});
