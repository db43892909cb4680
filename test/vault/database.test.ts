// A whole database, encrypted: everything comes back, nothing that is stored can be read, and without the right key there is a
// clear refusal.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportRows } from '../../src/io/index.js';
import { ElanusError } from '../../src/model/errors.js';
import { open } from '../../src/presets/node.js';
import type { EncryptionKey } from '../../src/ports/cipher.js';
import type { Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { entryKeyByHand, dataKeyByHand, openFileByHand, openLogByHand } from './by-hand.js';
import { KEY, noise, OTHER_KEY } from './support.js';

/** As few as get an index. */
const ROWS = 1024;
const MARKS = ['kestrel', 'NightSky', 'wingspan', 'hovering', 'peregrine'];
/** A vector of whose bytes every pair of floats is told apart from chance. */
const MARKED = [0.123456789, 987654.321, -0.000123456, 42.4242];

const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: from + i, vector: i === 7 ? MARKED : [from + i, i % 13, 1, 0.5], wingspan: `kestrel ${from + i}`, detail: { mood: 'hovering', n: i } }));

async function fill(database: SyncDatabase): Promise<void> {
  const collection = await database.createCollection({ name: 'NightSky', dimension: 4, metric: 'L2', indexParams: [{ fieldName: 'vector', indexName: 'peregrine', indexType: 'IVF_FLAT', params: { nlist: 4 } }] });
  await collection.insert(rows(0, ROWS));
  await collection.flush();
  while ((await database.describeIndex('NightSky', { fieldName: 'vector' })).state !== 'Finished') await new Promise((resolve) => setTimeout(resolve, 5));
  await collection.delete({ ids: [3, 5] });
  await collection.flush();
  await collection.insert(rows(5000, 10));
  await collection.delete({ ids: [5001] });
}

async function answers(database: SyncDatabase): Promise<unknown> {
  const collection = await database.collection('NightSky');
  const request = { data: MARKED, limit: 5, outputFields: ['*'] } as const;
  return {
    collections: await database.listCollections(),
    count: await collection.count(),
    hits: (await collection.search(request)).hits,
    exact: (await collection.search({ ...request, recall: 1, filter: 'wingspan == "kestrel 12" or id > 4999' })).hits,
    rows: await collection.query({ filter: 'id < 9 or id > 4999' }),
    indexed: (await database.describeCollection('NightSky')).indexedSegments,
    exported: await new Response(exportRows(collection, { format: 'jsonl' })).text(),
  };
}

/** All that is stored, by key. */
async function storedIn(directory: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  return new Map(await Promise.all(files.filter((file) => file.isFile()).map(async (file): Promise<[string, Uint8Array]> => {
    const path = join(file.parentPath, file.name);
    return [path.slice(directory.length + 1), await readFile(path)];
  })));
}

function readable(files: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const texts = MARKS.map((mark) => Buffer.from(mark));
  const vectors = [0, 1, 2].map((at) => Buffer.from(Float32Array.from(MARKED.slice(at, at + 2)).buffer));
  return [...files].flatMap(([key, bytes]) => [...texts, ...vectors].flatMap((mark) => (Buffer.from(bytes).includes(mark) ? [`${key}: ${mark.toString('latin1')}`] : [])));
}

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-vault-'));
});
afterAll(() => rm(directory, { recursive: true }));

const encryption = { key: KEY };
const opened = (name: string, key?: EncryptionKey) => open(name, { directory, ...(key === undefined ? {} : { encryption: { key } }) });

describe('an encrypted database on disk', () => {
  test('answers as a plain one, also after reopening, and nothing of it is readable there', async () => {
    for (const [name, key] of [['plain', undefined], ['sealed', KEY]] as const) {
      const database = await opened(name, key);
      await fill(database);
      await database.close();
    }
    const plain = await opened('plain');
    const truth = await answers(plain);
    expect(truth).toMatchObject({ count: ROWS + 7, indexed: 1 });
    await plain.close();
    const sealed = await opened('sealed', KEY);
    expect(await answers(sealed)).toEqual(truth);
    expect((await sealed.health()).warnings).toEqual([]);
    await sealed.close();

    const files = await storedIn(join(directory, 'sealed'));
    const kinds = [/^catalog\//, /\/manifest\//, /\/wal\//, /rows-/, /del-/, /idx-/];
    for (const kind of kinds) expect([...files.keys()].some((key) => kind.test(key)), String(kind)).toBe(true);
    expect(readable(files)).toEqual([]);
    // The same look at the plain one finds marks in each kind of file that can have any.
    const found = readable(await storedIn(join(directory, 'plain'))).join('\n');
    for (const kind of [/catalog\//, /manifest\//, /wal\//, /rows-/]) expect(found).toMatch(kind);
    for (const mark of MARKS) expect(found).toContain(mark);
  });

  test('is what docs/format.md says: opened by hand, from the master key down to each file', async () => {
    const files = await storedIn(join(directory, 'sealed'));
    const [catalogKey, catalog] = [...files].filter(([key]) => key.startsWith('catalog/')).sort(([a], [b]) => (a < b ? 1 : -1))[0] as [string, Uint8Array];
    const listed = JSON.parse(Buffer.from(openFileByHand(dataKeyByHand(KEY, catalog, 'catalog'), catalog.subarray(76, -4), catalogKey)).toString()) as { readonly collections: readonly { readonly id: string; readonly name: string; readonly key: string }[] };
    expect(listed.collections).toMatchObject([{ name: 'NightSky' }]);
    const { id, key } = listed.collections[0] as { readonly id: string; readonly key: string };
    const dataKey = entryKeyByHand(KEY, key, id);
    for (const [name, bytes] of files) {
      const text = (): string => Buffer.from(openFileByHand(dataKey, bytes, about)).toString('latin1');
      const about = name.includes('/manifest/') ? `c${id}/manifest` : name.replace(/[0-9a-f]{64}/, '');
      if (name.includes('/manifest/')) expect(text()).toContain('"name":"NightSky"');
      if (name.includes('rows-')) expect(text()).toMatch(/^PAR1[^]*kestrel 17[^]*PAR1$/);
      if (name.includes('del-')) expect(text()).toContain('\xd1\xd39d');
      if (name.includes('idx-')) expect(text()).toMatch(/^ELANUSIX/);
      if (name.includes('/wal/')) expect(Buffer.from(openLogByHand(dataKey, bytes, name)).toString('latin1')).toMatch(/^ELANUSWL[^]*kestrel 5009/);
    }
  });

  test('opens with no key but its own, and says so', async () => {
    await expect(opened('sealed')).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('it is encrypted: open the database with its key') as string });
    await expect(opened('sealed', OTHER_KEY)).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('encrypted with another key') as string });
    await expect(opened('plain', KEY)).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('this database is not encrypted') as string });
    await expect(opened('sealed', noise(1, 16))).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('expected 32 bytes or a CryptoKey, found 16 bytes') as string });
    // Nothing is left locked.
    for (const key of [await crypto.subtle.importKey('raw', KEY, 'AES-GCM', false, ['wrapKey', 'unwrapKey']), KEY]) {
      const database = await opened('sealed', key);
      expect(await (await database.collection('NightSky')).count()).toBe(ROWS + 7);
      await database.close();
    }
  });

  test('is compacted, encrypted again, and its vectors are read from their files where memory is limited', async () => {
    const database = await open('compacted', { directory, encryption });
    const collection = await database.createCollection({ name: 'NightSky', dimension: 4, metric: 'L2' });
    for (const from of [0, 2000, 4000]) {
      await collection.insert(rows(from, ROWS));
      await collection.flush();
    }
    await collection.delete({ filter: 'id >= 2000 and id < 2900' });
    await collection.compact();
    expect((await database.describeCollection('NightSky')).sealedSegments).toBeLessThan(3);
    await database.close();
    expect(readable(await storedIn(join(directory, 'compacted')))).toEqual([]);
    const again = await open('compacted', { directory, encryption, maxMemoryMB: 16 });
    const reopened = await again.collection('NightSky');
    expect(await reopened.count()).toBe(3 * ROWS - 900);
    expect((await reopened.search({ data: MARKED, limit: 2, recall: 1 })).hits).toMatchObject([{ id: 7n, score: 0 }, { id: 4007n, score: 0 }]);
    expect((await again.health()).warnings).toEqual([]);
    await again.close();
  });

  test('that is new takes a key, and one without collections any', async () => {
    const database = await open('fresh', { directory, encryption });
    expect(await database.listCollections()).toEqual([]);
    await database.close();
    await (await opened('fresh', OTHER_KEY)).close();
  });
});

describe('the master key', () => {
  async function small(files: MemoryFiles): Promise<SyncDatabase> {
    const database = await testDatabase({ files, key: KEY });
    for (const name of ['a', 'b']) {
      const collection = await database.createCollection({ name, dimension: 4 });
      await collection.insert(rows(0, 20));
      await collection.flush();
      await collection.insert(rows(20, 5));
    }
    return database;
  }

  const copyOf = (files: MemoryFiles): MemoryFiles => new Map([...files].map(([key, file]) => [key, { ...file, bytes: file.bytes.slice() }]));

  test('is changed without a file being written but the catalog, while the database goes on', async () => {
    const files: MemoryFiles = new Map();
    const database = await small(files);
    const a = await database.collection('a');
    const before = [...copyOf(files)].filter(([key]) => !key.startsWith('catalog/'));
    await database.changeKey(OTHER_KEY);
    expect([...files].filter(([key]) => !key.startsWith('catalog/'))).toEqual(before);
    await a.insert(rows(100, 1));
    await (await database.createCollection({ name: 'c', dimension: 4 })).insert(rows(0, 3));
    await database.close();
    await expect(testDatabase({ files, key: KEY })).rejects.toMatchObject({ code: 'WrongKey' });
    const again = await testDatabase({ files, key: OTHER_KEY });
    expect(await Promise.all(['a', 'b', 'c'].map(async (name) => (await again.collection(name)).count()))).toEqual([26, 25, 3]);
  });

  test('before opens nothing that is left of the files', async () => {
    const files: MemoryFiles = new Map();
    const database = await small(files);
    await database.changeKey(OTHER_KEY);
    const catalogs = [...files].filter(([key]) => key.startsWith('catalog/'));
    expect(catalogs).toHaveLength(2);
    for (const [, { bytes }] of catalogs) {
      expect(() => dataKeyByHand(KEY, bytes, 'catalog')).toThrow();
      expect(dataKeyByHand(OTHER_KEY, bytes, 'catalog')).toHaveLength(32);
    }
    await database.close();
  });

  test('is the old or the new one at every moment of a change, and opens everything', async () => {
    const files: MemoryFiles = new Map();
    await (await small(files)).close();
    const moments: MemoryFiles[] = [];
    const storage = memoryStorage(files);
    const noted: Storage = {
      kind: storage.kind,
      read: (key, range) => storage.read(key, range),
      size: (key) => storage.size(key),
      list: (prefix) => storage.list(prefix),
      openLog: (key) => storage.openLog(key),
      usage: () => storage.usage(),
      close: () => storage.close(),
      create: async (key, bytes) => {
        moments.push(copyOf(files), new Map([...copyOf(files), [key, { bytes: bytes.slice(0, 100) as Uint8Array<ArrayBuffer>, sizeBytes: 100 }]]));
        return storage.create(key, bytes);
      },
      remove: async (key) => {
        moments.push(copyOf(files));
        await storage.remove(key);
      },
    };
    const database = await testDatabase({ storage: noted, key: KEY });
    moments.length = 0;
    await database.changeKey(OTHER_KEY);
    moments.push(copyOf(files));
    expect(moments.length).toBeGreaterThan(5);
    const keys: string[] = [];
    for (const moment of moments) {
      const opening = await Promise.allSettled([testDatabase({ files: copyOf(moment), key: KEY }), testDatabase({ files: copyOf(moment), key: OTHER_KEY })]);
      keys.push(opening.map(({ status }) => (status === 'fulfilled' ? 'opens' : 'refused')).join());
      for (const opened of opening) {
        if (opened.status === 'rejected') expect(opened.reason).toMatchObject({ code: 'WrongKey' });
        else expect(await Promise.all(['a', 'b'].map(async (name) => (await opened.value.collection(name)).count()))).toEqual([25, 25]);
      }
    }
    // Before the first copy is whole the old one, from then on the new one.
    const changed = keys.indexOf('refused,opens');
    expect(changed).toBeGreaterThan(0);
    expect(keys).toEqual(keys.map((_, at) => (at < changed ? 'opens,refused' : 'refused,opens')));
  });

  test('is not changed to what is none, nor in a plain database', async () => {
    const files: MemoryFiles = new Map();
    const database = await small(files);
    await expect(database.changeKey(noise(1, 5))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await database.close();
    await (await testDatabase({ files, key: KEY })).close();
    await expect((await testDatabase()).changeKey(KEY)).rejects.toMatchObject({ code: 'WrongKey' });
  });

  test('opens nothing of a collection that was dropped: its key is in no file', async () => {
    const files: MemoryFiles = new Map();
    const database = await small(files);
    const id = [...files.keys()].map((key) => /^c([0-9a-f]{16})/.exec(key)?.[1]).find((found) => found !== undefined);
    const before = copyOf(files);
    const names = await database.listCollections();
    const first = names.find((name) => name === 'a') as string;
    await database.dropCollection(first);
    await database.close();
    const keysIn = (from: MemoryFiles): number[] =>
      [...from].filter(([key]) => key.startsWith('catalog/')).map(([key, { bytes }]) => {
        const text = Buffer.from(openFileByHand(dataKeyByHand(KEY, bytes, 'catalog'), bytes.subarray(76, -4), key)).toString();
        return (JSON.parse(text) as { readonly collections: readonly unknown[] }).collections.length;
      });
    expect(keysIn(before)).toContain(2);
    expect(keysIn(files)).toEqual([1, 1]);
    expect(id).toBeDefined();
  });
});

describe('files put in each other\'s place', () => {
  const error = async (work: Promise<unknown>): Promise<ElanusError> => work.then(() => { throw new Error('nothing was refused'); }, (reason: unknown) => reason as ElanusError);

  async function twins(): Promise<{ readonly files: MemoryFiles; readonly keysOf: (pattern: RegExp) => readonly string[] }> {
    const files: MemoryFiles = new Map();
    const database = await testDatabase({ files, key: KEY });
    for (const name of ['a', 'b']) {
      const collection = await database.createCollection({ name, dimension: 4 });
      for (const from of [0, 10]) {
        await collection.insert(rows(from, 10));
        await collection.flush();
      }
    }
    await database.close();
    return { files, keysOf: (pattern) => [...files.keys()].filter((key) => pattern.test(key)).sort() };
  }

  const swap = (files: MemoryFiles, a: string, b: string): void => {
    const [first, second] = [files.get(a), files.get(b)];
    if (first === undefined || second === undefined) throw new Error(`no ${a} or ${b}`);
    files.set(a, second);
    files.set(b, first);
  };

  test.each([
    ['rows of two segments of one collection, of the same size', /rows-/, 'same'],
    ['rows of two collections', /rows-/, 'other'],
    ['manifests of one collection', /\/manifest\//, 'same'],
    ['manifests of two collections', /\/manifest\//, 'other'],
    ['logs of two collections', /\/wal\//, 'other'],
  ] as const)('are told: %s', async (_, pattern, which) => {
    const { files, keysOf } = await twins();
    const keys = keysOf(pattern);
    // Of what there are several versions, the newest is what is read.
    const first = keys.at(-1) as string;
    const collection = first.slice(0, 17);
    const second = keys.findLast((key) => key !== first && key.startsWith(collection) === (which === 'same')) as string;
    swap(files, first, second);
    const database = await testDatabase({ files, key: KEY });
    const found: ElanusError[] = [];
    for (const name of ['a', 'b']) {
      const refused = await database.collection(name).then(() => undefined, (reason: unknown) => reason as ElanusError);
      if (refused !== undefined) found.push(refused);
      else if (((await database.describeCollection(name)).missing ?? []).length === 0) expect(await (await database.collection(name)).count()).toBe(20);
    }
    for (const refused of found) expect(refused).toMatchObject({ code: 'Corrupt' });
    const told = [...found.map(({ message }) => message), ...(await database.health()).warnings].join('\n');
    expect(told).toContain((which === 'same' ? first : second).split('/').at(-1) as string);
    await database.close();
  });

  test('are told: a catalog of before under a newer name', async () => {
    const { files, keysOf } = await twins();
    const [first, second] = keysOf(/^catalog\//).slice(0, 2) as [string, string];
    swap(files, first, second);
    const catalogs = keysOf(/^catalog\//);
    for (const key of catalogs.slice(2)) files.delete(key);
    expect(await error(testDatabase({ files, key: KEY }))).toMatchObject({ code: 'Corrupt' });
  });

  test('are told: a plain file of the right content in place of an encrypted one', async () => {
    const { files, keysOf } = await twins();
    const plain: MemoryFiles = new Map();
    const database = await testDatabase({ files: plain });
    await database.createCollection({ name: 'a', dimension: 4 });
    await database.close();
    const key = keysOf(/\/manifest\//).at(-1) as string;
    files.set(key, [...plain].find(([name]) => name.includes('/manifest/'))?.[1] as never);
    const again = await testDatabase({ files, key: KEY });
    const refusals = await Promise.all(['a', 'b'].map((name) => again.collection(name).then(() => undefined, (reason: unknown) => reason)));
    const warnings = (await again.health()).warnings.join('\n');
    expect(refusals.some((reason) => (reason as ElanusError | undefined)?.code === 'Corrupt') || warnings.includes(key)).toBe(true);
  });
});
