// Copies of some rows, against a running server that asks who calls: each gets the rows that he asks for within those that he was
// granted, and no file of others; what he pushes outside of them is refused.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/engine/api.js';
import { encodePush, type Push } from '../../../src/format/push.js';
import { rowGrant } from '../../../src/server/access/row-grants.js';
import { basic } from '../access/support.js';
import { FIELDS, ids, row, TenantsServer } from './support.js';

let at: TenantsServer;
beforeEach(async () => {
  at = await TenantsServer.start();
});
afterEach(() => at.close());

describe('a copy', () => {
  test('has the rows that were granted, by name or by filter, all for who has the privilege, none for who has nothing', async () => {
    for (const [user, expected] of [['ann', [0, 3, 6]], ['bob', [1, 4, 7]], ['whole', [0, 1, 2, 3, 4, 5, 6, 7, 8]]] as const) {
      const db = await at.client();
      await at.sync(db, user);
      expect(await ids(db)).toEqual(expected);
    }
    await expect(at.sync(await at.client(), 'dot')).rejects.toMatchObject({ code: 'Network', status: 403 });
  });

  test('has of them those that are asked for', async () => {
    const db = await at.client();
    await at.sync(db, 'ann', { filter: 'id > 2' });
    expect(await ids(db)).toEqual([3, 6]);
    await at.sync(db, 'ann', { filter: 'tenant == "bob" or id == 0' });
    expect(await ids(db)).toEqual([0]);
    await at.sync(db, 'ann');
    expect(await ids(db)).toEqual([0, 3, 6]);
  });

  test('follows what is written and deleted, and what moves from one to another', async () => {
    const db = await at.client();
    await at.sync(db, 'ann');
    const notes = await at.database.collection('notes');
    await notes.upsert([row(3, 'bob'), row(4, 'ann'), row(12)]);
    await notes.delete({ ids: [0, 2] });
    await notes.flush();
    await at.sync(db, 'ann');
    expect(await ids(db)).toEqual([4, 6, 12]);
  });
});

describe('a file', () => {
  test('of the rows of another, or of a scope that was not asked for, is not given to who knows its hash', async () => {
    const [ann, bob, whole] = [await at.files('ann'), await at.files('bob'), await at.files('whole')];
    const some = await at.files('ann', '?filter=id%20>%202');
    expect(new Set([...ann, ...bob, ...whole, ...some]).size).toBe(4);
    const status = async (sha: string | undefined, user: string, query = ''): Promise<number> => (await at.get(`notes/files/${sha}${query}`, user)).status;
    expect(await status(ann[0], 'ann')).toBe(200);
    expect(await status(some[0], 'ann', '?filter=id%20>%202')).toBe(200);
    expect(await status(whole[0], 'whole')).toBe(200);
    for (const [sha, user] of [[bob[0], 'ann'], [whole[0], 'ann'], [ann[0], 'bob'], [some[0], 'bob'], [ann[0], 'whole']] as const) expect(await status(sha, user)).toBe(404);
    expect(await status(bob[0], 'ann', '?filter=tenant%20==%20"bob"')).toBe(404);
    for (const sha of [ann[0], bob[0], whole[0]]) expect(await status(sha, 'dot')).toBe(403);
  });

  test('is the same in every making, so that nothing is fetched twice, and only what is new is', async () => {
    const db = await at.client();
    await at.sync(db, 'ann');
    const [before] = await at.files('ann');
    await (await at.database.collection('notes')).insert([row(15), row(16)]);
    await (await at.database.collection('notes')).flush();
    const [synced] = (await at.sync(db, 'ann')).collections;
    expect(synced?.bytesFetched).toBeGreaterThan(0);
    expect((await at.files('ann'))[0]).toBe(before);
    const again = await at.client();
    await again.pull(at.server.url, 'notes', { headers: { authorization: basic('whole') }, filter: 'tenant == "ann"' });
    expect(await ids(again)).toEqual([0, 3, 6, 15]);
  });

  test('that is no longer granted is not given, and the copy gives it up', async () => {
    const db = await at.client();
    await at.sync(db, 'bob');
    const [before] = await at.files('bob');
    await at.access.change((state) => ({ ...state, roles: state.roles.map((role) => (role.name === 'role_bob' ? { ...role, rows: [rowGrant({ database: 'default', collection: 'notes', filter: 'tenant == "cid"' })] } : role)) }));
    expect((await at.get(`notes/files/${before}`, 'bob')).status).toBe(404);
    await at.sync(db, 'bob');
    expect(await ids(db)).toEqual([2, 5, 8]);
    expect((await at.get('notes/files/0', 'bob')).status).toBe(400);
  });
});

describe('a push', () => {
  const upsert = async (db: Database, ...rows: readonly object[]) => (await db.collection('notes')).upsert(rows as never);

  test('of rows that were granted is taken; of others, or in their place, it is refused with its reason, and the next go on', async () => {
    const db = await at.client();
    await at.sync(db, 'ann');
    await upsert(db, row(30, 'ann'));
    await upsert(db, row(31, 'bob'));
    await upsert(db, row(4, 'ann')); // bob's
    await (await db.collection('notes')).delete({ ids: [5] }); // cid's
    await (await db.collection('notes')).delete({ ids: [3] });
    const [synced] = (await at.sync(db, 'ann')).collections;
    expect(synced).toMatchObject({ batchesSent: 5, refused: 3, unsent: 0 });
    expect((await db.listRefused('notes')).map(({ code, keys }) => [code, keys])).toEqual([['NotPermitted', [31n]], ['NotPermitted', [4n]], ['NotPermitted', [5n]]]);
    expect(await ids(db)).toEqual([0, 6, 30]);
    expect(await ids(at.database)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 30]);
  });

  test('that writes what all may is held to rows where it deletes, if only these may be deleted', async () => {
    await at.access.user('eve', 'CollectionReadOnly@default.notes', 'Upsert@default.notes');
    const db = await at.client();
    await at.sync(db, 'eve');
    const notes = await db.collection('notes');
    await notes.delete({ ids: [0] });
    await expect(at.sync(db, 'eve')).rejects.toMatchObject({ status: 403 });
    await at.grantRows('eve', { filter: 'tenant == "ann"', write: true });
    await notes.delete({ ids: [1] });
    await upsert(db, row(40, 'bob'));
    await at.sync(db, 'eve');
    expect((await db.listRefused('notes')).map(({ code, keys }) => [code, keys])).toEqual([['NotPermitted', [1n]]]);
    expect(await ids(at.database)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 40]);
  });

  test('is refused where rows may only be read', async () => {
    const db = await at.client();
    await at.sync(db, 'bob');
    await upsert(db, row(31, 'bob'));
    await expect(at.sync(db, 'bob')).rejects.toMatchObject({ status: 403 });
    expect(await ids(at.database)).not.toContain(31);
  });

  test('is applied once, however often it comes, and the client of one is not that of another', async () => {
    const send = (user: string, body: Uint8Array<ArrayBuffer>) => fetch(`${at.server.url}/v1/collections/notes/push`, { method: 'POST', body, headers: { authorization: basic(user) } });
    await at.grantRows('bob', { filter: 'tenant == "bob"', write: true });
    const sent: Uint8Array<ArrayBuffer>[] = [];
    const db = await at.client();
    await at.sync(db, 'ann');
    await upsert(db, row(33, 'ann'));
    const copy = await db.opened('notes');
    const next = await copy.outbox?.next([]);
    sent.push(encodePush(next?.push as Push));
    const answers = [];
    for (const body of [sent[0], sent[0], sent[0]] as Uint8Array<ArrayBuffer>[]) answers.push(await (await send('ann', body)).json());
    expect(answers).toMatchObject([{ lastId: '1', refused: [] }, { lastId: '1', refused: [] }, { lastId: '1', refused: [] }]);
    expect((await ids(at.database)).filter((id) => id === 33)).toHaveLength(1);
    const foreign = await send('bob', sent[0] as Uint8Array<ArrayBuffer>);
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ code: 'foreign' });
  });
});

describe('another database', () => {
  test('is pulled from and pushed to by name, with its own privileges', async () => {
    await at.database.createDatabase('other');
    const other = await at.database.useDatabase('other');
    await other.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    await (await other.collection('notes')).insert([row(50, 'ann'), row(51, 'bob')]);
    await (await other.collection('notes')).flush();
    const db = await at.client();
    await expect(at.sync(db, 'ann', { database: 'other' })).rejects.toMatchObject({ status: 403 });
    await at.grantRows('ann', { database: 'other', filter: 'tenant == {user}', write: true });
    await at.sync(db, 'ann', { database: 'other' });
    expect(await ids(db)).toEqual([50]);
    expect((await db.describeCollection('notes')).origin).toBe(`${at.server.url}?database=other`);
    await (await db.collection('notes')).upsert([row(52, 'ann')] as never);
    expect((await at.sync(db, 'ann', { database: 'other' })).collections).toMatchObject([{ batchesSent: 1, refused: 0 }]);
    expect(await ids(other as Database)).toEqual([50, 51, 52]);
    await expect(at.sync(db, 'ann')).rejects.toMatchObject({ code: 'AlreadyExists' });
    const second = await at.client();
    await second.createDatabase('other');
    const view = await second.useDatabase('other');
    await at.sync(view, 'ann');
    expect((await view.describeCollection('notes')).origin).toBe(`${at.server.url}?database=other`);
  });
});

test('rows are granted, told and taken back over HTTP, by who manages roles alone', async () => {
  const admin = async (path: string, body: object, user = 'root:Milvus'): Promise<{ status: number; data: unknown }> => {
    const response = await fetch(`${at.server.url}/admin/rows/${path}`, { method: 'POST', body: JSON.stringify({ roleName: 'role_dot', ...body }), headers: { authorization: `Bearer ${user}` } });
    return { status: response.status, data: ((await response.json()) as { data?: unknown }).data };
  };
  const grant = { collectionName: 'notes', partitionNames: ['_default'], filter: 'tenant == "cid"', write: true };
  expect(await admin('grant', grant, basic('ann'))).toMatchObject({ status: 403 });
  expect((await admin('grant', { ...grant, filter: 'tenant ==' })).data).toBeUndefined();
  expect(await admin('grant', grant)).toEqual({ status: 200, data: {} });
  expect(await admin('list', {})).toEqual({ status: 200, data: [{ dbName: 'default', ...grant }] });
  const db = await at.client();
  await at.sync(db, 'dot');
  expect(await ids(db)).toEqual([2, 5, 8]);
  await admin('revoke', grant);
  expect(await admin('list', {})).toEqual({ status: 200, data: [] });
  await expect(at.sync(db, 'dot')).rejects.toMatchObject({ status: 403 });
});

describe('every path of copies', () => {
  const PATHS = ['manifest', 'head', 'changes?since=0', 'key', 'files/' + '0'.repeat(64)];
  const open = (status: number): boolean => status !== 401 && status !== 403;

  test.each([['ann', true], ['bob', true], ['whole', true], ['dot', false], [undefined, false]] as const)('%s, where %s is expected, also of other rows and of another database', async (user, isLetIn) => {
    await at.database.createDatabase('other');
    await (await at.database.useDatabase('other')).createCollection({ name: 'notes', fields: FIELDS });
    const status = async (path: string): Promise<number> => (await fetch(`${at.server.url}/v1/collections/${path}`, user === undefined ? {} : { headers: { authorization: basic(user) } })).status;
    for (const path of PATHS) {
      const query = path.includes('?') ? '&' : '?';
      expect(open(await status(`notes/${path}`)), path).toBe(isLetIn);
      expect(open(await status(`notes/${path}${query}filter=id%20>=%200`)), path).toBe(isLetIn);
      expect(open(await status(`notes/${path}${query}database=other`)), path).toBe(false);
    }
  });

  test('whoever may copy rows may not search, query or describe by other ways what else is there', async () => {
    const post = async (path: string, body: object): Promise<number> => (await fetch(`${at.server.url}/v2/vectordb/${path}`, { method: 'POST', body: JSON.stringify({ collectionName: 'notes', ...body }), headers: { authorization: `Bearer ${basic('ann')}` } })).status;
    for (const [path, body] of [['entities/query', { filter: 'id >= 0' }], ['entities/search', { data: [[1, 1]], limit: 3 }], ['entities/get', { id: [1] }], ['entities/upsert', { data: [row(1)] }], ['entities/delete', { filter: 'id == 1' }], ['collections/get_stats', {}]] as const) expect(await post(path, body), path).toBe(403);
  });
});

test('a server that is behind what a copy has says so at once', async () => {
  expect(await (await at.get('notes/changes?since=1000', 'ann')).json()).toMatchObject({ reset: true });
});
