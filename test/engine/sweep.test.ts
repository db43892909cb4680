// What is swept: files that nobody needs, and never one that a manifest to come will name.

import { expect, test } from 'vitest';
import type { Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

/** `after` runs when a rows file has been created, before the caller knows. */
function storageThat(files: MemoryFiles, after: () => Promise<void>): Storage {
  const storage = memoryStorage(files);
  return {
    ...bound(storage),
    create: async (key, bytes) => {
      const created = await storage.create(key, bytes);
      if (key.includes('/rows-')) await after();
      return created;
    },
  };
}

function bound(storage: Storage): Storage {
  const { kind } = storage;
  const call = <Name extends Exclude<keyof Storage, 'kind'>>(name: Name): Storage[Name] => (storage[name] as (...args: never[]) => unknown).bind(storage) as Storage[Name];
  return { kind, read: call('read'), size: call('size'), list: call('list'), close: call('close'), create: call('create'), remove: call('remove'), openLog: call('openLog'), usage: call('usage') };
}

test('a rows file stays although the manifest changes between its creation and the manifest that names it', async () => {
  const files: MemoryFiles = new Map();
  let changes = 0;
  const storage = storageThat(files, async () => {
    changes++;
    await database.createIndex('c', { fieldName: 'vector', indexType: 'HNSW' });
    await database.dropIndex('c', { fieldName: 'vector' });
  });
  const database = await testDatabase({ storage });
  const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  const ids = [1n, 2n, 3n];
  await collection.insert(ids.map((id) => ({ id, vector: [Number(id), 0] })));
  await collection.flush();
  expect(changes).toBe(1);
  await database.close();
  const again = await testDatabase({ files });
  expect(await (await again.collection('c')).keys()).toEqual(BigInt64Array.from(ids));
  await again.close();
});
