// The storage suite over a folder on disk.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
