// Gaps between calls: work goes on when no call runs, or when it is hurried.

import { expect, test } from 'vitest';
import { CallGaps } from '../../src/engine/database/call-gaps.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testAmbient, testDatabase } from '../support/database.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('work waits until the last of the calls has ended, failed ones too', async () => {
  const gaps = new CallGaps();
  await gaps.next(() => false);
  const ends: (() => void)[] = [];
  const calls = [0, 1].map((at) => gaps.during(() => new Promise<void>((resolve, reject) => ends.push(at === 0 ? resolve : () => reject(new Error('failed'))))));
  let isThere = false;
  const gap = gaps.next(() => false).then(() => (isThere = true));
  ends[0]?.();
  await turn();
  expect(isThere).toBe(false);
  ends[1]?.();
  await expect(calls[1]).rejects.toThrow('failed');
  await gap;
  expect(isThere).toBe(true);
});

test('work that a call waits for goes on at once', async () => {
  const gaps = new CallGaps();
  let isHurried = false;
  let end = (): void => {};
  const call = gaps.during(async () => {
    isHurried = true;
    gaps.wake();
    await new Promise<void>((resolve) => (end = resolve));
  });
  await gaps.next(() => isHurried);
  end();
  await call;
});

test('reading ahead gives way to what waits for its turn after every piece, also where storage answers at once', async () => {
  const files: MemoryFiles = new Map();
  const first = await testDatabase({ storage: memoryStorage(files) });
  const dim = 1024;
  const rows = 3000;
  const written = await first.createCollection({ name: 'c', dimension: dim, metric: 'L2' });
  // What builds an index would wait for the vectors.
  await first.createIndex('c', { fieldName: 'vector', indexType: 'FLAT' });
  await written.insert({ columns: { id: BigInt64Array.from({ length: rows }, (_, id) => BigInt(id)), vector: Float32Array.from({ length: rows * dim }, (_, at) => at % 97) } });
  await written.flush();
  await first.close();
  let pauses = 0;
  const ambient = testAmbient(1);
  const counting = { ...ambient, pause: () => (pauses++, ambient.pause()) };
  const database = await testDatabase({ storage: memoryStorage(files), ambient: counting, eagerBytes: 0 });
  const loaded = new Promise<void>((resolve) => database.subscribe((event) => event.task === 'load' && event.state === 'finished' && resolve()));
  await database.collection('c');
  await loaded;
  // 12 MB in pieces of 4 MiB.
  expect(pauses).toBeGreaterThanOrEqual(3);
  await database.close();
});
