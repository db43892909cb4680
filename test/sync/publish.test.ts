// Publishing that ends anywhere: whoever looks into the storage sees the state before or the new one, whole; done again it completes.

import { beforeEach, describe, expect, test } from 'vitest';
import { webAmbient } from '../../src/platform/ambient.js';
import { webSignatures } from '../../src/platform/signatures.js';
import { fileKey, manifestKey, publicationKey, publicationPrefix, versionOf } from '../../src/format/keys.js';
import { placeOf, type Publication } from '../../src/format/publication.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { Heads } from '../../src/sync/heads.js';
import { filesNamed, newestPublication } from '../../src/sync/publications.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';

const SEED = Uint8Array.from({ length: 32 }, (_, at) => at);
const DAY_MS = 24 * 3600 * 1000;
let core: Core;
let place: string;
let own: MemoryFiles;
let database: SyncDatabase;
let nowMs: number;
let heads: Heads;

beforeEach(async () => {
  core ??= await testCore();
  place = await placeOf('default', 'c', webAmbient().sha256);
  nowMs = 1_800_000_000_000;
  const ambient = { ...testAmbient(5), nowMs: () => nowMs };
  heads = new Heads(await webSignatures.signer(SEED), ambient, DAY_MS);
  own = new Map();
  database = await testDatabase({ core, ambient, files: own });
  await database.createCollection({ name: 'c', dimension: 2 });
  await write(0);
});

async function write(from: number): Promise<void> {
  const collection = await database.collection('c');
  await collection.insert(Array.from({ length: 10 }, (_, at) => ({ id: from + at, vector: [at, 1] })));
  await collection.delete({ ids: [from + 3] });
  await collection.flush();
}

/** `storage`, of which the call `failing` that changes something fails, and all after it. */
function ending(storage: Storage, failing: number): Storage {
  let left = failing;
  const call = <T>(work: () => Promise<T>): Promise<T> => (left-- > 0 ? work() : Promise.reject(new ElanusError('Network', 'it ended')));
  return Object.assign(Object.create(storage) as Storage, { create: (key: string, bytes: Uint8Array) => call(() => storage.create(key, bytes)), remove: (key: string) => call(() => storage.remove(key)) });
}

/** Everything that the newest publication says is there. */
async function whole(storage: Storage): Promise<Publication | undefined> {
  const { newest } = await newestPublication(storage, place);
  if (newest === undefined) return undefined;
  const { head, before } = newest;
  const keys = [...filesNamed(newest).map((name) => fileKey(head.collection, name)), manifestKey(head.collection, head.version), ...(before === undefined ? [] : [manifestKey(head.collection, before.manifest)])];
  for (const key of keys) expect(await storage.size(key), key).toBeDefined();
  return newest;
}

test('publishing that ends at any call leaves what was there or what is new, and the next completes it', async () => {
  const target: MemoryFiles = new Map();
  let version = 0;
  for (let round = 0; round < 4; round++) {
    for (let failing = 0; ; failing++) {
      const files: MemoryFiles = new Map(target);
      const published = await database.publish('c', { heads, storage: ending(memoryStorage(files), failing) }).catch((error: unknown) => error as ElanusError);
      const newest = await whole(memoryStorage(files));
      expect(newest?.head.version ?? 0).toBeOneOf([version, (await database.headOf('c')).version]);
      const again = await database.publish('c', { heads, storage: memoryStorage(files) });
      expect((await whole(memoryStorage(files)))?.head.version).toBe(again.version);
      if (!(published instanceof ElanusError)) break;
      expect(failing).toBeLessThan(40);
    }
    version = (await database.publish('c', { heads, storage: memoryStorage(target) })).version;
    await write(100 * (round + 1));
    if (round === 2) await (await database.collection('c')).compact();
  }
  // No more is kept than the last two states need.
  const publications = [...target.keys()].filter((key) => key.startsWith(publicationPrefix(place)));
  expect(publications).toHaveLength(2);
  expect([...target.keys()].filter((key) => key.includes('/manifest/')).length).toBeLessThanOrEqual(3);
});

test('a head is signed anew when half of its time is over, of the same manifest, with nothing sent', async () => {
  const storage = memoryStorage();
  const first = await database.publish('c', { heads, storage });
  nowMs += DAY_MS / 2 - 1000;
  expect(await database.publish('c', { heads, storage })).toMatchObject({ isNew: false, expiresMs: first.expiresMs });
  nowMs += 2000;
  expect(await database.publish('c', { heads, storage })).toMatchObject({ isNew: true, filesSent: 0, expiresMs: nowMs + DAY_MS });
  expect((await whole(storage))?.head.version).toBe(first.version);
});

test('into the own storage nothing is sent or removed but publications', async () => {
  await database.publish('c', { heads });
  const before = [...own.keys()];
  await write(100);
  await write(200);
  expect(await database.publish('c', { heads })).toMatchObject({ isNew: true, filesSent: 0 });
  await database.publish('c', { heads });
  expect([...own.keys()].filter((key) => key.startsWith('relay/'))).toHaveLength(2);
  expect(before.some((key) => key.startsWith('relay/'))).toBe(true);
});

describe('what is refused', () => {
  test('a file that is damaged is not published', async () => {
    const [key, file] = [...own].find(([name]) => name.includes('rows-')) ?? [];
    if (key === undefined || file === undefined) throw new Error('no file');
    own.set(key, { ...file, bytes: file.bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)) });
    const target: MemoryFiles = new Map();
    await expect(database.publish('c', { heads, storage: memoryStorage(target) })).rejects.toMatchObject({ code: 'Corrupt' });
    expect(target.size).toBe(0);
  });

  test('a database that was set back, and another history under the same numbers', async () => {
    const storage = memoryStorage();
    const snapshot: MemoryFiles = new Map([...own].map(([key, file]) => [key, { ...file, bytes: file.bytes.slice() }]));
    await write(100);
    await database.publish('c', { heads, storage });
    const older = await testDatabase({ core, files: snapshot });
    await expect(older.publish('c', { heads, storage })).rejects.toMatchObject({ code: 'Corrupt' });
    const collection = await older.collection('c');
    for (let id = 900; (await older.headOf('c')).version < (await database.headOf('c')).version; id++) {
      await collection.insert([{ id, vector: [1, 2] }]);
      await collection.flush();
    }
    await expect(older.publish('c', { heads, storage })).rejects.toMatchObject({ code: 'Corrupt' });
    expect((await whole(storage))?.head.version).toBe((await database.headOf('c')).version);
  });

  test('two that publish at once', async () => {
    const storage = memoryStorage();
    const racing = Object.assign(Object.create(storage) as Storage, {
      create: async (key: string, bytes: Uint8Array) => {
        if (key.startsWith('relay/')) await storage.create(publicationKey(place, versionOf(key) as number), Uint8Array.of(1));
        return storage.create(key, bytes);
      },
    });
    await expect(database.publish('c', { heads, storage: racing })).rejects.toMatchObject({ code: 'Busy' });
    // What the other left is not whole: it is passed over, and its number is not taken again.
    expect(await database.publish('c', { heads, storage })).toMatchObject({ isNew: true });
    expect((await whole(storage))?.version).toBe(2);
  });
});
