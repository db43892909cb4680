// Backups: whole or not there, of a database that is written to, in steps that copy only what is new; and back, byte for byte.

import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../src/model/row.js';
import { open } from '../../src/presets/node.js';
import { openAccess } from '../../src/server/access/access.js';
import type { AccessState } from '../../src/server/access/state.js';
import { verifyStates } from '../../src/server/access/verify-states.js';
import { chooseBackup, makeBackup, restoreBackup } from '../../src/server/backup/backup.js';
import { BackupFolder } from '../../src/server/backup/backup-folder.js';
import { dataBackups } from '../../src/server/backup/data-backups.js';
import { decodeBackup, encodeBackup } from '../../src/server/backup/description.js';
import { openFsStorage } from '../../src/storage/fs.js';

type Db = Awaited<ReturnType<typeof open>>;

const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 4, metric: 'L2' }, { name: 't', type: 'VarChar', maxLength: 32 }] as const;
const row = (id: number) => ({ id, v: [id, 1, 2, 3], t: `row ${id}` });
const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i));

let root: string;
let opened: Db[];
let clockMs: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'elanus-backup-'));
  opened = [];
  clockMs = Date.UTC(2026, 0, 1);
});
afterEach(async () => {
  for (const database of opened) await database.close();
  await rm(root, { recursive: true });
});

async function openIn(directory: string, options: Parameters<typeof open>[1] = {}): Promise<Db> {
  const database = await open('default', { directory: join(root, directory), core: 'wasm', ...options });
  opened.push(database);
  return database;
}

const folder = () => new BackupFolder(join(root, 'backups'));
const backUp = (database: Db, options: Parameters<typeof makeBackup>[2] = {}) => makeBackup({ database, directory: join(root, 'data'), name: 'default' }, folder(), { nowMs: () => (clockMs += 1000), ...options });

async function restored(to: string, id?: string, options?: Parameters<typeof open>[1]): Promise<Db> {
  await restoreBackup(folder(), await chooseBackup(folder(), id), join(root, to));
  return openIn(to, options);
}

async function all(database: Db, name = 'a'): Promise<readonly Row[]> {
  return (await database.collection(name)).query({ orderBy: [{ field: 'id' }], limit: 16_000, outputFields: ['*'] });
}

describe('a backup', () => {
  test('holds all that was acknowledged, sealed or not, and is restored to an equal database that goes on', async () => {
    const database = await openIn('data');
    const a = await database.createCollection({ name: 'a', fields: [...FIELDS] });
    await a.insert(rows(0, 50));
    await a.flush();
    await a.delete({ ids: [3, 4] });
    await a.insert(rows(100, 7));
    await database.createAlias('a', 'other_name');
    await database.createDatabase('second');
    await (await (await database.useDatabase('second')).createCollection({ name: 'b', fields: [...FIELDS] })).insert(rows(0, 3));
    const result = await backUp(database);
    expect(result).toMatchObject({ collections: 2, rows: 58 });
    const copy = await restored('copy');
    expect(await all(copy)).toEqual(await all(database));
    expect(await all(copy, 'other_name')).toHaveLength(55);
    expect(await all((await copy.useDatabase('second')) as Db, 'b')).toHaveLength(3);
    expect((await copy.health()).warnings).toEqual([]);
    await (await copy.collection('a')).insert(rows(200, 1));
    await copy.close();
    const again = await openIn('copy');
    expect(await all(again)).toHaveLength(56);
    expect((await again.health()).warnings).toEqual([]);
  });

  test('of an empty database is restored to one', async () => {
    await backUp(await openIn('data'));
    expect(await (await restored('copy')).listCollections()).toEqual([]);
  });

  test('of an encrypted database is as unreadable as that', async () => {
    const encryption = { key: new Uint8Array(32).fill(7) };
    const database = await openIn('data', { encryption });
    await (await database.createCollection({ name: 'a', fields: [...FIELDS] })).insert(rows(0, 5));
    await backUp(database);
    await restoreBackup(folder(), await chooseBackup(folder()), join(root, 'copy'));
    await expect(open('default', { directory: join(root, 'copy'), core: 'wasm' })).rejects.toMatchObject({ code: 'WrongKey' });
    expect(await all(await openIn('copy', { encryption }))).toEqual(await all(database));
  });

  test('after another copies only what is new, and both can be restored', async () => {
    const database = await openIn('data');
    const a = await database.createCollection({ name: 'a', fields: [...FIELDS] });
    await a.insert(rows(0, 500));
    const first = await backUp(database);
    expect(first.newFiles).toBe(first.files);
    await a.insert(rows(1000, 5));
    const second = await backUp(database);
    expect(second.newBytes).toBeLessThan(first.newBytes / 2);
    const third = await backUp(database);
    expect(third.newFiles).toBe(0);
    expect(await all(await restored('old', first.id))).toHaveLength(500);
    expect(await all(await restored('new'))).toHaveLength(505);
  });

  test('under writes that go on has every write from before it and no half of a batch', async () => {
    const database = await openIn('data');
    const a = await database.createCollection({ name: 'a', fields: [...FIELDS] });
    let acknowledged = 0;
    let isDone = false;
    const writing = (async () => {
      for (let batch = 0; !isDone; batch++) {
        await a.insert(rows(batch * 10, 10));
        acknowledged = batch + 1;
        if (batch % 7 === 0) await a.delete({ ids: [batch * 10, batch * 10 + 1] });
        if (batch % 5 === 0) await a.compact();
      }
    })();
    const before: number[] = [];
    const results = [];
    for (let i = 0; i < 4; i++) {
      await expect.poll(() => acknowledged).toBeGreaterThan((before.at(-1) ?? 0) + 2);
      before.push(acknowledged);
      results.push(await backUp(database));
    }
    isDone = true;
    await writing;
    for (const [i, { id }] of results.entries()) {
      const found = await all(await restored(`copy-${i}`, id));
      const batches = new Map<number, number>();
      for (const { id: key } of found) batches.set(Math.floor(Number(key) / 10), (batches.get(Math.floor(Number(key) / 10)) ?? 0) + 1);
      expect(batches.size).toBeGreaterThanOrEqual(before[i] as number);
      for (const [batch, count] of batches) expect(batch % 7 === 0 ? [8, 10] : [10]).toContain(count);
    }
  });

  test('keeps its files while it is made, whatever is merged or dropped meanwhile', async () => {
    const database = await openIn('data');
    for (const name of ['a', 'b']) {
      const one = await database.createCollection({ name, fields: [...FIELDS] });
      for (let i = 0; i < 4; i++) {
        await one.insert(rows(i * 10, 10));
        await one.flush();
      }
    }
    let isDisturbed = false;
    const result = await backUp(database, {
      onProgress: () => {
        if (isDisturbed) return;
        isDisturbed = true;
        void (async () => {
          await (await database.collection('a')).compact();
          await database.dropCollection('b');
        })();
      },
    });
    const copy = await restored('copy', result.id);
    expect(await all(copy)).toHaveLength(40);
    for (const name of await copy.listCollections()) expect(await all(copy, name)).toHaveLength(40);
  });

  test('that was interrupted is told as such, never taken for one, and swept by who collects', async () => {
    const database = await openIn('data');
    const a = await database.createCollection({ name: 'a', fields: [...FIELDS] });
    await a.insert(rows(0, 5));
    const whole = await backUp(database);
    await a.insert(rows(10, 5));
    const abort = new AbortController();
    let kept = 0;
    await expect(backUp(database, { signal: abort.signal, onProgress: () => (++kept === 2 ? abort.abort() : undefined) })).rejects.toMatchObject({ code: 'Closed' });
    const { complete, interrupted } = await folder().list();
    expect([complete, interrupted.length]).toEqual([[whole.id], 1]);
    expect((await chooseBackup(folder())).id).toBe(whole.id);
    await expect(chooseBackup(folder(), interrupted[0])).rejects.toMatchObject({ code: 'NotFound', message: expect.stringContaining('never completed') as string });
    expect(await folder().collect()).toBeGreaterThan(0);
    expect((await folder().list()).interrupted).toEqual([]);
    expect(await all(await restored('copy'))).toHaveLength(5);
  });

  test('of a collection that does not open is refused, naming it', async () => {
    const database = await openIn('data');
    await (await database.createCollection({ name: 'a', fields: [...FIELDS] })).insert(rows(0, 5));
    await database.close();
    const [collection = ''] = (await readdir(join(root, 'data', 'default'))).filter((name) => name.startsWith('c') && name.length === 17);
    for (const name of await readdir(join(root, 'data', 'default', collection, 'manifest'))) await writeFile(join(root, 'data', 'default', collection, 'manifest', name), 'x'.repeat(100));
    await expect(backUp(await openIn('data'))).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining('collection "default.a"') as string });
  });
});

describe('restoring', () => {
  async function oneBackup(): Promise<void> {
    const database = await openIn('data');
    await (await database.createCollection({ name: 'a', fields: [...FIELDS] })).insert(rows(0, 5));
    await backUp(database);
  }

  test('refuses to overwrite, and leaves what is there as it is', async () => {
    await oneBackup();
    const backup = await chooseBackup(folder());
    await expect(restoreBackup(folder(), backup, join(root, 'data'))).rejects.toMatchObject({ code: 'AlreadyExists', message: expect.stringContaining('default') as string });
    expect(await all(opened[0] as Db)).toHaveLength(5);
  });

  test('refuses a damaged backup, naming the file, and leaves nothing behind', async () => {
    await oneBackup();
    const backup = await chooseBackup(folder());
    const file = backup.files.find(({ path }) => path.endsWith('.parquet'));
    const path = join(root, 'backups', 'files', (file?.sha256 ?? '').slice(0, 2), file?.sha256 ?? '');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await rm(path);
    await writeFile(path, bytes);
    await expect(restoreBackup(folder(), backup, join(root, 'copy'))).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining(file?.sha256 ?? '') as string });
    expect(await readdir(join(root, 'copy'))).toEqual([]);
  });

  test('refuses a description whose bytes were changed, or that leads out of the folder', async () => {
    await oneBackup();
    const { complete: [id = ''] } = await folder().list();
    const path = join(root, 'backups', 'backups', `${id}.json`);
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += 37) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 4;
      expect(() => decodeBackup(flipped, 'it'), `byte ${at}`).toThrow();
    }
    for (const evil of ['../outside', '/absolute', 'a/../../b', 'a//b', 'a/./b', '..', 'a\\b', '']) {
      const made = encodeBackup({ id, release: '0', collections: 0, rows: 0, files: [{ path: evil, sizeBytes: 0, sha256: '0'.repeat(64) }] });
      expect(() => decodeBackup(made, 'it'), evil).toThrow('a path within a data directory');
    }
  });

  test('without a backup says which there are', async () => {
    await expect(chooseBackup(folder())).rejects.toMatchObject({ code: 'NotFound', message: expect.stringContaining('there is none') as string });
    await oneBackup();
    await expect(chooseBackup(folder(), '20200101T000000000Z')).rejects.toMatchObject({ code: 'NotFound', message: expect.stringMatching(/there are \d{8}T\d{9}Z/) as string });
  });
});

test('collecting removes content that no backup names any more, and nothing else', async () => {
  const database = await openIn('data');
  const a = await database.createCollection({ name: 'a', fields: [...FIELDS] });
  await a.insert(rows(0, 5));
  const first = await backUp(database);
  await a.insert(rows(10, 5));
  await a.compact();
  await backUp(database);
  await cp(join(root, 'backups'), join(root, 'kept'), { recursive: true });
  expect(await folder().collect()).toBe(0);
  await folder().forget(first.id);
  expect(await folder().collect()).toBeGreaterThan(0);
  expect(await all(await restored('copy'))).toHaveLength(10);
  expect((await stat(join(root, 'kept'))).isDirectory()).toBe(true);
});

describe('users and roles', () => {
  const ambient = { nowMs: Date.now, log: () => {} };
  const addRole = (state: AccessState): AccessState => ({ ...state, roles: [...state.roles, { name: 'readers', description: '', grants: [] }] });
  const statesIn = (directory: string) => openFsStorage(join(root, directory, 'server-state'), { isPrivate: true });
  const backups = (database: Db) => dataBackups({ database, directory: join(root, 'data'), name: 'default' }, join(root, 'backups'));

  test('are in a backup, which nobody else may look into, and restored with it', async () => {
    const database = await openIn('data');
    const access = await openAccess({ storage: await statesIn('data'), ambient });
    await access.change(addRole);
    const { id } = await backups(database).make();
    await access.close();
    expect((await stat(join(root, 'backups'))).mode & 0o077).toBe(0);
    await restoreBackup(folder(), await chooseBackup(folder(), id), join(root, 'copy'));
    expect((await stat(join(root, 'copy', 'server-state'))).mode & 0o077).toBe(0);
    const restoredAccess = await openAccess({ storage: await statesIn('copy'), ambient });
    expect(restoredAccess.state().roles.map(({ name }) => name)).toContain('readers');
    await restoredAccess.close();
  });

  test('that are damaged are found by verifying', async () => {
    const storage = await statesIn('data');
    const access = await openAccess({ storage, ambient });
    await access.change(addRole);
    const verified = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const { state } of verifyStates(storage)) found.push(state);
      return found;
    };
    expect(await verified()).toEqual(['intact', 'intact']);
    const [key = ''] = await storage.list('access/');
    const bytes = await storage.read(key);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await storage.remove(key);
    await storage.create(key, bytes);
    expect(await verified()).toEqual(['damaged', 'intact']);
    await access.close();
  });

  test('only the newest backups are kept if so many are asked for, and one is made at a time', async () => {
    const database = await openIn('data');
    const made = backups(database);
    const first = await made.make({ nowMs: () => (clockMs += 1000) });
    const [second, busy] = await Promise.allSettled([made.make({ keep: 1, nowMs: () => (clockMs += 1000) }), made.make()]);
    expect(busy).toMatchObject({ status: 'rejected', reason: { code: 'Busy' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
    const { complete } = await made.list();
    expect(complete).toHaveLength(1);
    expect(complete).not.toContain(first.id);
  });
});
