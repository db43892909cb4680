// What the bars of the storage engine are computed with: bytes at the port, slopes, verdicts; and rows that are filled up.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { storage } from '../../bench/commands/storage.js';
import { countingStorage, noBytes } from '../../bench/storage/counting-storage.js';
import { judged, spreadOf, storageTable } from '../../bench/storage/line.js';
import { readRowsFile, rowsFile } from '../../bench/storage/rows.js';
import { slopeOf } from '../../bench/storage/soak.js';
import { UsageError } from '../../bench/usage-error.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { scratchFolder, store, vecs } from './vecs.js';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

test('every byte that is written is counted once, by the kind of its file', async () => {
  const written = noBytes();
  const storage = countingStorage(memoryStorage(), written);
  const log = await storage.openLog('c1/wal/1.log');
  await log.append(new Uint8Array(5));
  await log.append(new Uint8Array(7));
  await storage.create('c1/rows-a.parquet', new Uint8Array(100));
  await storage.create('c1/rows-a.parquet', new Uint8Array(100));
  await storage.create('c1/idx-graph-b.bin', new Uint8Array(20));
  await storage.create('c1/del-b.dv', new Uint8Array(3));
  await storage.create('c1/manifest/2.json', new Uint8Array(11));
  await storage.create('catalog/1.json', new Uint8Array(13));
  expect(written).toEqual({ log: 12, rows: 100, index: 20, deletions: 3, manifests: 11, other: 13, files: 5 });
  expect(log.sizeBytes).toBe(12);
  expect(await storage.size('c1/wal/1.log')).toBe(12);
});

test('a slope is that of the line through the points, and a share of their mean', () => {
  expect(slopeOf([[0, 10], [1, 12], [2, 14]])).toEqual({ perMinute: 2, share: 2 / 12 });
  expect(slopeOf([[0, 5], [1, 5], [2, 5]])).toEqual({ perMinute: 0, share: 0 });
  expect(slopeOf([[3, 5]])).toEqual({ perMinute: 0, share: 0 });
  expect(slopeOf([])).toEqual({ perMinute: 0, share: 0 });
});

describe('a line', () => {
  const line = { bar: 'b', set: 's', unit: 'ms', must: 10, better: 'less', measured: 10 } as const;
  test('is judged by its median', () => {
    expect(judged(line).met).toBe(true);
    expect(judged({ ...line, measured: [1, 11, 12] }).met).toBe(false);
    expect(judged({ ...line, better: 'more', measured: [1, 11, 12] }).met).toBe(true);
    expect(judged({ ...line, measured: null }).met).toBeUndefined();
  });
  test('holds least, median and greatest', () => {
    expect(spreadOf([3, 1, 2])).toEqual([1, 2, 3]);
    expect(storageTable([judged({ ...line, measured: spreadOf([3, 1, 2]) })])).toContain('| b | 10 ms | 2 (1 to 3) ms | yes |');
  });
});

test('rows are the real ones, then real ones with noise, no two the same', async () => {
  const real = store(folder, 'real.fvecs', vecs('fvecs', [[1, 2], [3, 4], [5, 6]]));
  const { path, what } = await rowsFile(folder, 7, 2, real);
  const values = readRowsFile(path);
  expect(Array.from(values.subarray(0, 6))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(values).toHaveLength(14);
  const rows = Array.from({ length: 7 }, (_, row) => values.subarray(row * 2, row * 2 + 2).join());
  expect(new Set(rows).size).toBe(7);
  expect(what).toContain('3 real rows');
  expect((await rowsFile(folder, 4, 3, join(folder, 'absent.fvecs'))).what).toBe('made up, 4 x 3');
});

test('an unknown part is refused with the flag', async () => {
  await expect(storage(['storage', '--only', 'inserts'])).rejects.toThrow(UsageError);
  await expect(storage(['storage', '--only', 'inserts'])).rejects.toThrow('--only: expected some of insert');
});
