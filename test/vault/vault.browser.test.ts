// An encrypted database in a page: WebCrypto in the worker, a key that is posted to it, OPFS and IndexedDB.

import { afterEach, expect, test } from 'vitest';
import { open, type EncryptionKey } from 'elanus';
import type { Database } from '../../src/engine/api.js';

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const opened: Database[] = [];

async function database(name: string, storage: 'opfs' | 'idb', key?: EncryptionKey): Promise<Database> {
  const database = await open(name, { storage, gpu: false, ...(key === undefined ? {} : { encryption: { key } }) });
  opened.push(database);
  return database;
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

/** Every byte of the origin's private files, as text. */
async function stored(folder: FileSystemDirectoryHandle): Promise<string> {
  let text = '';
  for await (const handle of (folder as unknown as { values(): AsyncIterable<FileSystemFileHandle | FileSystemDirectoryHandle> }).values()) {
    text += handle.kind === 'file' ? new TextDecoder('latin1').decode(await (await handle.getFile()).arrayBuffer()) : await stored(handle);
  }
  return text;
}

test.each(['opfs', 'idb'] as const)('what was written is there under its key, and under no other: %s', async (storage) => {
  const name = `vault_${storage}_${Date.now()}`;
  const first = await database(name, storage, KEY);
  const collection = await first.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await collection.insert([{ id: 1, vector: [1, 2], colour: 'cerulean' }]);
  await collection.flush();
  await collection.insert([{ id: 2, vector: [3, 4], colour: 'vermilion' }]);
  await first.close();
  if (storage === 'opfs') expect(await stored(await navigator.storage.getDirectory())).not.toMatch(/cerulean|vermilion/);

  await expect(open(name, { storage, tabs: 'alone' })).rejects.toMatchObject({ name: 'ElanusError', code: 'WrongKey' });
  await expect(database(name, storage, KEY.map((byte) => byte ^ 1))).rejects.toMatchObject({ code: 'WrongKey' });
  await expect(database(name, storage, KEY.slice(1))).rejects.toMatchObject({ code: 'InvalidArgument' });

  const key = await crypto.subtle.importKey('raw', KEY, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
  const again = await (await database(name, storage, key)).collection('c');
  expect(await again.query()).toEqual([
    { id: 1n, vector: Float32Array.of(1, 2), colour: 'cerulean' },
    { id: 2n, vector: Float32Array.of(3, 4), colour: 'vermilion' },
  ]);
  expect((await again.search({ data: [3, 4], limit: 1 })).hits).toMatchObject([{ id: 2n, score: 0 }]);
});

test('every tab must have the key, and any may change it', async () => {
  const name = `vault_tabs_${Date.now()}`;
  const other = KEY.map((byte) => byte ^ 1);
  const first = await database(name, 'opfs', KEY);
  await (await first.createCollection({ name: 'c', dimension: 2, metric: 'L2' })).insert([{ id: 1, vector: [1, 2] }]);
  await expect(database(name, 'opfs', other)).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('another key') as string });
  await expect(database(name, 'opfs')).rejects.toMatchObject({ code: 'WrongKey' });
  const second = await database(name, 'opfs', KEY);
  await second.changeKey(other);
  await expect(database(name, 'opfs', KEY)).rejects.toMatchObject({ code: 'WrongKey' });
  // The tab that changed it takes over with the new one.
  await first.close();
  expect(await (await second.collection('c')).count()).toBe(1);
  expect(await (await (await database(name, 'opfs', other)).collection('c')).count()).toBe(1);
});

test('what is not encrypted says so to who gives a key', async () => {
  const name = `vault_plain_${Date.now()}`;
  const plain = await database(name, 'opfs');
  await (await plain.createCollection({ name: 'c', dimension: 2 })).insert([{ id: 1, vector: [1, 2], colour: 'cerulean' }]);
  await plain.close();
  expect(await stored(await navigator.storage.getDirectory())).toContain('cerulean');
  await expect(database(name, 'opfs', KEY)).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('is not encrypted') as string });
});
