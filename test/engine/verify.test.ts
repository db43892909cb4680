// Verifying: every file of a database that nobody has open is read whole, and a single bit that is not as it was stored is told
// with the file that it is in.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyringOf, plainKeyring, type Keyring } from '../../src/engine/database/keyring.js';
import { isBad, verifyFiles, type VerifiedFile } from '../../src/engine/files/verify.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { webCipher } from '../../src/platform/cipher.js';
import type { Storage } from '../../src/ports/storage.js';
import { open } from '../../src/presets/node.js';
import { openFsStorage } from '../../src/storage/fs.js';

const ambient = webAmbient();
const key = new Uint8Array(32).fill(9);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-verify-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function fill(encryption?: { readonly key: Uint8Array<ArrayBuffer> }): Promise<void> {
  const database = await open('default', { directory, core: 'wasm', ...(encryption === undefined ? {} : { encryption }) });
  const a = await database.createCollection({ name: 'a', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 4, metric: 'L2' }] });
  await a.insert(Array.from({ length: 1100 }, (_, id) => ({ id, v: [id, 1, 2, 3] })));
  await a.flush();
  // By name: of so few rows it is by chance what is fastest, an index or none.
  await database.createIndex('a', { fieldName: 'v', indexName: 'v', indexType: 'HNSW', metricType: 'L2' });
  await a.delete({ ids: [1, 2, 3] });
  await a.flush();
  await a.compact();
  await a.insert([{ id: 5000, v: [1, 1, 1, 1] }, { id: 5001, v: [2, 1, 1, 1] }]);
  await database.close();
}

async function verified(storage: Storage, keyring: Keyring = plainKeyring): Promise<readonly VerifiedFile[]> {
  const found: VerifiedFile[] = [];
  for await (const file of verifyFiles(storage, ambient, keyring)) found.push(file);
  return found;
}

async function within<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await openFsStorage(join(directory, 'default'));
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

async function replace(storage: Storage, name: string, bytes: Uint8Array): Promise<void> {
  await storage.remove(name);
  await storage.create(name, bytes);
}

describe.each([['plain', undefined], ['encrypted', { key }]] as const)('a database that is %s', (_kind, encryption) => {
  const keyring = () => keyringOf({ ambient, encryption: encryption && { cipher: webCipher, key: encryption.key }, memoryBytes: undefined });

  test('and whole is found so, file by file', async () => {
    await fill(encryption);
    await within(async (storage) => {
      const found = await verified(storage, await keyring());
      const keys = (await storage.list('')).filter((name) => name !== 'reserve.bin');
      expect(found.map((file) => file.key).sort()).toEqual(keys);
      for (const part of ['catalog/', 'manifest/', 'rows-', 'idx-', 'wal/']) expect(keys.some((name) => name.includes(part)), part).toBe(true);
      expect(found.filter(isBad)).toEqual([]);
    });
  });

  test('is found damaged in the very file of which a bit is flipped, or the end is gone', async () => {
    await fill(encryption);
    await within(async (storage) => {
      const ring = await keyring();
      for (const name of (await storage.list('')).filter((each) => each !== 'reserve.bin')) {
        const bytes = await storage.read(name);
        for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
          const flipped = Uint8Array.from(bytes);
          flipped[at] = (flipped[at] as number) ^ 0x10;
          await replace(storage, name, flipped);
          expect((await verified(storage, ring)).filter(isBad).map((file) => file.key), `${name}, byte ${at}`).toEqual([name]);
        }
        await replace(storage, name, bytes.subarray(0, bytes.length - 1));
        expect((await verified(storage, ring)).filter(isBad).map((file) => file.key), `${name}, cut`).toEqual([name]);
        await replace(storage, name, bytes);
      }
      expect((await verified(storage, ring)).filter(isBad)).toEqual([]);
    });
  });
});

test('a missing file of rows is told; an index, which is made anew, is no loss; what nobody names is no damage', async () => {
  await fill();
  await within(async (storage) => {
    const keys = await storage.list('');
    const index = keys.filter((name) => name.includes('idx-'));
    for (const name of index) await storage.remove(name);
    await storage.create(`c${'0'.repeat(16)}/rows-${'0'.repeat(64)}.parquet`, new Uint8Array(3));
    const before = await verified(storage);
    expect(before.filter(isBad)).toEqual([]);
    expect(before.filter(({ state }) => state === 'derived').length).toBeGreaterThan(0);
    expect(before.filter(({ state }) => state === 'unnamed')).toHaveLength(1);
    const names = new Set<string>();
    for (const name of keys.filter((each) => each.includes('/rows-'))) {
      const bytes = await storage.read(name);
      await storage.remove(name);
      for (const file of (await verified(storage)).filter(isBad)) names.add(`${file.key} ${file.state}`);
      await storage.create(name, bytes);
    }
    expect([...names].every((name) => name.endsWith('.parquet missing'))).toBe(true);
    expect(names.size).toBeGreaterThan(0);
  });
});

test('the wrong key is told as that, and no file as damaged', async () => {
  await fill({ key });
  await within(async (storage) => {
    await expect(verified(storage)).rejects.toMatchObject({ code: 'WrongKey' });
    const other = await keyringOf({ ambient, encryption: { cipher: webCipher, key: new Uint8Array(32) }, memoryBytes: undefined });
    await expect(verified(storage, other)).rejects.toMatchObject({ code: 'WrongKey' });
  });
});

test('all catalogs damaged: what can be looked at without them is', async () => {
  await fill();
  await within(async (storage) => {
    for (const name of await storage.list('catalog/')) await replace(storage, name, new Uint8Array(100));
    const found = await verified(storage);
    expect(found.filter(isBad).every(({ key: name }) => name.startsWith('catalog/'))).toBe(true);
    expect(found.filter(({ state }) => state === 'intact').length).toBeGreaterThan(3);
  });
});
