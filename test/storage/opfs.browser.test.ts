// The storage suite over Chromium's OPFS, called through a dedicated worker.

import { expect, test } from 'vitest';
import { openOpfsStorage } from '../../src/storage/opfs.js';
import { storageConformance } from './conformance.js';
import { RemoteOpfs } from './opfs-remote.js';
import { pattern, refusal, same, text } from './samples.js';

async function discard(name: string): Promise<void> {
  const origin = await navigator.storage.getDirectory();
  await (await origin.getDirectoryHandle('elanus')).removeEntry(name, { recursive: true });
}

storageConformance('opfs', async () => {
  const name = `conformance-${crypto.randomUUID()}`;
  const opened: RemoteOpfs[] = [];
  return {
    open: async () => {
      const storage = await RemoteOpfs.open(name);
      opened.push(storage);
      return storage;
    },
    discard: async () => {
      for (const storage of opened) storage.kill();
      await discard(name);
    },
  };
}, { exclusive: true });

test('what a killed worker had synced is there for the next, which need not wait for its locks', async () => {
  const name = `killed-${crypto.randomUUID()}`;
  const first = await RemoteOpfs.open(name);
  await first.create('a', text('x'));
  await first.read('a');
  const log = await first.openLog('wal/1');
  await log.append(text('synced'));
  await log.sync();
  first.kill();
  const second = await RemoteOpfs.open(name);
  expect(await second.list('')).toEqual(['a', 'wal/1']);
  expect(await second.read('a')).toEqual(text('x'));
  const again = await second.openLog('wal/1');
  expect(again.sizeBytes).toBe(6);
  await again.append(text('!'));
  expect(await second.read('wal/1')).toEqual(text('synced!'));
  await second.close();
  second.kill();
  await discard(name);
});

test('more files are read at once than handles are held open', async () => {
  const name = `many-${crypto.randomUUID()}`;
  const storage = await RemoteOpfs.open(name);
  const keys = Array.from({ length: 150 }, (_, i) => `f${i}`);
  for (const [i, key] of keys.entries()) await storage.create(key, pattern(1_000, i));
  const reads = [...keys, ...keys].map(async (key, i) => same(await storage.read(key), pattern(1_000, i % keys.length)));
  expect(await Promise.all(reads)).not.toContain(false);
  await storage.close();
  storage.kill();
  await discard(name);
});

test('a suspended storage holds no file, and goes on as if nothing had been', async () => {
  const name = `suspended-${crypto.randomUUID()}`;
  const storage = await RemoteOpfs.open(name);
  await storage.create('a', text('x'));
  await storage.read('a');
  const log = await storage.openLog('wal/1');
  await log.append(text('before,'));
  await storage.suspend();
  // Everybody else can have the files.
  const origin = await navigator.storage.getDirectory();
  const folder = await (await origin.getDirectoryHandle('elanus')).getDirectoryHandle(name);
  const file = await (await folder.getDirectoryHandle('wal')).getFileHandle('1');
  expect(await (await file.getFile()).text()).toBe('before,');
  const writable = await file.createWritable({ keepExistingData: true });
  await writable.close();
  await log.append(text('after'));
  await log.sync();
  expect(await storage.read('wal/1')).toEqual(text('before,after'));
  expect(await storage.read('a')).toEqual(text('x'));
  await Promise.all([log.append(text('1')), storage.suspend(), log.append(text('2')), storage.suspend(), storage.read('a'), log.sync()]);
  await log.truncate(7);
  expect(await storage.read('wal/1')).toEqual(text('before,'));
  await refusal('InvalidArgument', () => storage.openLog('wal/1'));
  await log.close();
  await storage.close();
  storage.kill();
  await discard(name);
});

test('on the page itself, where there are no synchronous handles, OPFS is Unsupported', async () => {
  await refusal('Unsupported', () => openOpfsStorage('page'));
});
