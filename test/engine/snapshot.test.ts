// Snapshots: the files that are a database as of one moment stay as long as they are held, whatever is written and merged meanwhile.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';

let directory: string;
let database: Awaited<ReturnType<typeof open>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-snapshot-'));
  database = await open('default', { directory, core: 'wasm' });
  await database.createCollection({ name: 'a', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

async function change(times: number, from: number): Promise<void> {
  const a = await database.collection('a');
  for (let i = 0; i < times; i++) {
    await a.upsert([{ id: 0, v: [i, i] }, { id: from + i, v: [i, 0] }]);
    await a.flush();
    await a.compact();
  }
}

const sizeOf = (key: string): Promise<number | undefined> => stat(join(directory, 'default', key)).then(({ size }) => size, () => undefined);

test('files are there until they are released, then go with the next change', async () => {
  await change(2, 1);
  const { files, release, collections, rows } = await database.snapshot();
  expect([collections, rows]).toEqual([1, 3]);
  await change(4, 100);
  const stored = files.filter(({ bytes }) => bytes === undefined);
  expect(stored.length).toBeGreaterThan(0);
  for (const { key, sizeBytes } of stored) expect(await sizeOf(key), key).toBe(sizeBytes);
  release();
  await change(2, 200);
  for (const { key } of stored) expect(await sizeOf(key), key).toBeUndefined();
});

test('it is in the order in which a copy may be cut off: what names files comes behind them, the catalog last', async () => {
  await change(1, 1);
  const { files, release } = await database.snapshot();
  release();
  const order = files.map(({ key }) => (key.startsWith('catalog/') ? 2 : key.includes('/manifest/') || key.includes('/wal/') ? 1 : 0));
  expect(order).toEqual([...order].sort());
  expect(order.at(-1)).toBe(2);
});
