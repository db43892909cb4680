// The storage suite over a folder on disk.

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openFsStorage } from '../../src/storage/fs.js';
import { storageConformance } from './conformance.js';

storageConformance('fs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-fs-'));
  return { open: () => openFsStorage(directory), discard: () => rm(directory, { recursive: true }) };
}, { exclusive: true });

test.runIf(process.platform === 'linux')('a log appends durably in one call of the system', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-fs-'));
  const storage = await openFsStorage(directory);
  const log = await storage.openLog('wal/1');
  expect(log.appendDurably).toBeTypeOf('function');
  await storage.close();
  await rm(directory, { recursive: true });
});

test('a file of more than 2 GiB is read in steps that the system takes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-fs-'));
  const sizeBytes = 2 ** 31 + 8;
  const file = await open(join(directory, 'long'), 'w');
  await file.truncate(sizeBytes);
  const steps: (readonly [at: number, bytes: number])[] = [];
  const read = vi.spyOn(Object.getPrototypeOf(file) as typeof file, 'read').mockImplementation((async (_buffer: unknown, _offset: number, length: number, position: number) => {
    steps.push([position, length]);
    return { bytesRead: length };
  }) as never);
  await file.close();
  const storage = await openFsStorage(directory);
  expect((await storage.read('long')).length).toBe(sizeBytes);
  expect(steps).toEqual([[0, 2 ** 30], [2 ** 30, 2 ** 30], [2 ** 31, 8]]);
  read.mockRestore();
  await storage.close();
  await rm(directory, { recursive: true });
});
