// Files of a local database that are longer than they may be are refused before there is memory for them.

import { expect, test } from 'vitest';
import type { Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

async function filled(): Promise<MemoryFiles> {
  const files: MemoryFiles = new Map();
  const database = await testDatabase({ storage: memoryStorage(files) });
  const collection = await database.createCollection({ name: 'c', dimension: 2 });
  await collection.insert([{ id: 1, vector: [1, 2] }]);
  await collection.flush();
  await database.close();
  return files;
}

/** Files whose key holds `part` say that they have that many bytes; to read one is an error of the test. */
function swollen(files: MemoryFiles, part: string, sizeBytes: number): Storage {
  const storage = memoryStorage(files);
  const isMeant = (key: string): boolean => key.includes(part);
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'size') return async (key: string) => (isMeant(key) ? sizeBytes : target.size(key));
      if (name === 'read') return async (key: string, ...rest: [never?, never?]) => (isMeant(key) ? Promise.reject(new Error(`${key} was read`)) : target.read(key, ...rest));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('a manifest', async () => {
  const files = await filled();
  const database = await testDatabase({ storage: swollen(files, '/manifest/', 2 ** 40) });
  await expect(database.collection('c')).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringMatching(/manifest\/\d+\.json: expected at most \d+ bytes, found 1099511627776/) });
  await database.close();
});

test('a catalog', async () => {
  const files = await filled();
  await expect(testDatabase({ storage: swollen(files, 'catalog/', 2 ** 40) })).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringMatching(/catalog.*expected at most \d+ bytes, found 1099511627776/) });
});

test('those that are as they should be are opened', async () => {
  const database = await testDatabase({ storage: memoryStorage(await filled()) });
  expect(await (await database.collection('c')).count()).toBe(1);
  await database.close();
});
