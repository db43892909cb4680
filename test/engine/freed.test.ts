// What sealing, merging and building an index took in memory is given back when they are done, and nobody looks at it any more.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { Segment } from '../../src/engine/table/segment.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 64;
const ROWS = 5000;
const VECTOR_BYTES = ROWS * DIM * 4;

const rowsOf = (from: number, next: () => number) => Array.from({ length: ROWS }, (_, at) => ({ id: BigInt(from + at), vector: randomVector(next, DIM) }));

test('vectors that were copied for a file, and the file, are freed once it is stored; rows stay as they were', async () => {
  const next = random(1);
  const freed: number[] = [];
  const ambient = testAmbient(1);
  const free = (buffer: ArrayBuffer): void => {
    freed.push(buffer.byteLength);
    ambient.free?.(buffer);
    expect(buffer.byteLength).toBe(0);
  };
  const db = await testDatabase({ ambient: { ...ambient, free } });
  const collection = await db.createCollection({ name: 'c', dimension: DIM, metric: 'L2', indexParams: [{ fieldName: 'vector', indexType: 'FLAT' }] });
  const stored = [rowsOf(0, next), rowsOf(ROWS, next)];
  for (const [at, rows] of stored.entries()) {
    await collection.insert(rows);
    await collection.flush();
    const [copied, file = 0] = freed.splice(0);
    expect(copied).toBe(VECTOR_BYTES);
    expect(file).toBeGreaterThan(VECTOR_BYTES);
    expect((await db.describeCollection('c')).sealedSegments).toBe(at + 1);
  }
  await collection.compact();
  const [copied, file = 0] = freed.splice(0);
  expect(copied).toBe(2 * VECTOR_BYTES);
  expect(file).toBeGreaterThan(2 * VECTOR_BYTES);
  const all = stored.flat();
  expect(await collection.get({ ids: all.map(({ id }) => id) })).toEqual(all);
  await db.close();
});

test('the core is told when memory was freed: after a merge, an index, a truncation and a drop', async () => {
  const next = random(2);
  let trims = 0;
  const core = await testCore();
  const db = await testDatabase({ core: { ...core, trim: () => trims++ } });
  const collection = await db.createCollection({ name: 'c', dimension: 4, metric: 'L2', indexParams: [{ fieldName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 4 } }] });
  const told = async (work: () => Promise<unknown>): Promise<number> => {
    const before = trims;
    await work();
    while ((await db.stats()).tasks.length > 0) await new Promise((resolve) => setImmediate(resolve));
    return trims - before;
  };
  const fill = async (from: number): Promise<void> => {
    await collection.insert(Array.from({ length: 1100 }, (_, at) => ({ id: from + at, vector: randomVector(next, 4) })));
    await collection.flush();
  };
  expect(await told(() => fill(0))).toBe(1);
  expect(await told(() => fill(1100))).toBe(1);
  expect(await told(() => collection.compact())).toBe(1);
  expect(await told(() => db.truncateCollection('c'))).toBe(1);
  expect(await told(() => db.dropCollection('c'))).toBe(1);
  await db.close();
});

test('segments that were merged are held by nothing, also not by what was made of them', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const made: WeakRef<Segment>[] = [];
  const original = Segment.sealed;
  // A spy of vitest would hold what was given back.
  onTestFinished(() => void (Segment.sealed = original));
  Segment.sealed = (...given) => {
    const segment = original.apply(Segment, given);
    made.push(new WeakRef(segment));
    return segment;
  };
  const db = await testDatabase();
  const collection = await db.createCollection({ name: 'c', dimension: 4, metric: 'L2' });
  const next = random(3);
  for (let round = 0; round < 8; round++) {
    for (let half = 0; half < 2; half++) {
      await collection.upsert(Array.from({ length: 50 }, (_, at) => ({ id: 40 * round + 25 * half + at, vector: randomVector(next, 4), round })));
      await collection.flush();
    }
    await collection.compact();
  }
  await collection.search({ data: [1, 2, 3, 4], filter: 'round == 7', limit: 3 });
  expect((await db.describeCollection('c')).sealedSegments).toBe(1);
  expect(made.length).toBeGreaterThanOrEqual(8);
  await expect.poll(() => (gc(), made.filter((segment) => segment.deref() !== undefined).length), { timeout: 10_000 }).toBeLessThanOrEqual(3);
  await db.close();
});
