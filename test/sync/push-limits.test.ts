// What a collection remembers of those who push is bounded: what would be more is refused and told, nothing of what is remembered is
// lost by it, and the file that has it is stored again only when it changed.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import { PUSH_LIMITS, type PushLimits } from '../../src/engine/table/push-limits.js';
import { REMEMBERED_MS } from '../../src/engine/table/pushes.js';
import { encodeRows } from '../../src/format/rows-file.js';
import { storedFields } from '../../src/model/schema.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';
import { NOTE_FIELDS, Pusher, START_MS } from './pusher.js';

const USUAL: PushLimits = { ...PUSH_LIMITS };
let core: Core;
let files: MemoryFiles;
let db: SyncDatabase;
let notes: EngineCollection;
let nowMs: number;

async function open(): Promise<void> {
  db = await testDatabase({ files, core, ambient: { ...testAmbient(1), nowMs: () => nowMs } });
}

async function reopen(): Promise<void> {
  await db.close();
  await open();
  notes = await db.opened('notes');
}

beforeEach(async () => {
  core ??= await testCore();
  files = new Map();
  nowMs = START_MS;
  await open();
  await db.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  notes = await db.opened('notes');
});

afterEach(() => void Object.assign(PUSH_LIMITS, USUAL));

const limit = (limits: Partial<PushLimits>): void => void Object.assign(PUSH_LIMITS, limits);
const pusher = (number: number): Pusher => new Pusher(number, () => notes.manifest.manifest.schema);
const writes = async (number: number, user: string) => {
  const a = pusher(number);
  return db.receive('notes', await a.push(a.write(10, [[number, 'a']])), user);
};

async function texts(): Promise<readonly string[]> {
  return (await notes.query({ outputFields: ['id', 'text'] })).map((row) => `${String(row['id'])}:${String(row['text'])}`).sort();
}

test('a new client is not taken where too many are known, and is when one was not heard of for long', async () => {
  limit({ clients: 2 });
  await writes(1, 'ann');
  const bob = pusher(2);
  await db.receive('notes', await bob.push(bob.write(10, [[2, 'bob']])), 'bob');
  await expect(writes(3, 'cid')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  await notes.flush();
  await reopen();
  await expect(writes(3, 'cid')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  expect(await db.receive('notes', await bob.push(bob.write(11, [[2, 'again']])), 'bob')).toMatchObject({ kind: 'taken', lastId: 2n });
  nowMs += REMEMBERED_MS + 1;
  expect(await writes(3, 'cid')).toMatchObject({ kind: 'taken' });
  expect(await texts()).toEqual(['1:a', '2:again', '3:a']);
});

test('a user with too many clients gets no other, and is in nobody\'s way; where users have no names only all count', async () => {
  limit({ clientsOfUser: 2 });
  for (const number of [1, 2]) await writes(number, 'ann');
  await expect(writes(3, 'ann')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  await reopen();
  await expect(writes(3, 'ann')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  for (const number of [4, 5, 6]) expect(await writes(number, '')).toMatchObject({ kind: 'taken' });
  expect(await writes(7, 'bob')).toMatchObject({ kind: 'taken' });
});

test('a file that is sent counts as a client', async () => {
  limit({ clients: 1 });
  await writes(1, 'ann');
  const { schema } = notes.manifest.manifest;
  const given = { id: { type: 'Int64', values: BigInt64Array.of(9n) }, text: { type: 'VarChar', values: ['file'] }, v: { type: 'FloatVector', dim: 2, values: Float32Array.of(1, 1) }, $stamp: { type: 'Int64', values: new BigInt64Array(1) }, $client: { type: 'Int64', values: new BigInt64Array(1) } } as const;
  const { bytes } = encodeRows({ rows: 1, byName: new Map(storedFields(schema).map(({ name }) => [name, given[name as keyof typeof given]])) }, schema, 3);
  await expect(notes.adopt({ bytes, sha256: 'ab'.repeat(32) }, { subject: new Uint8Array(8), hasRule: false })).rejects.toMatchObject({ code: 'QuotaExceeded' });
  expect(await texts()).toEqual(['1:a']);
});

test('deletions that cannot be remembered are refused, of clients and of the server, and those that are stay', async () => {
  const a = pusher(1);
  await db.receive('notes', await a.push(a.write(10, [[1, 'a'], [2, 'a'], [3, 'a']]), a.delete(20, [1])), 'ann');
  limit({ tombstones: 2 });
  const answer = await db.receive('notes', await a.push(a.delete(21, [2, 3]), a.delete(22, [1, 2]), a.write(23, [[4, 'next']])), 'ann');
  expect(answer).toMatchObject({ kind: 'taken', lastId: 5n, refused: [{ id: 3n, code: 'QuotaExceeded' }] });
  await expect(notes.delete({ ids: [3] })).rejects.toMatchObject({ code: 'QuotaExceeded' });
  await notes.flush();
  await reopen();
  const b = pusher(2);
  await db.receive('notes', await b.push(b.write(15, [[1, 'old'], [2, 'old']])), 'bob');
  expect(await texts()).toEqual(['3:a', '4:next']);
  await notes.upsert([{ id: 1, text: 'there again', v: [1, 1] }]);
  await notes.delete({ ids: [3] });
  expect(await texts()).toEqual(['1:there again', '4:next']);
});

test('what is refused waits to be sent again where too many refusals are kept', async () => {
  limit({ refusals: 1 });
  const [a, b] = [pusher(1), pusher(2)];
  const bad = (of: Pusher): Uint8Array => of.write(10, [[1, 'x'.repeat(21)]]);
  await db.receive('notes', await a.push(bad(a)), 'ann');
  const push = await b.push(bad(b));
  await expect(db.receive('notes', push, 'bob')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  await db.receive('notes', await a.push(a.write(11, [[1, 'a']])), 'ann');
  expect(await db.receive('notes', push, 'bob')).toMatchObject({ kind: 'taken', refused: [{ id: 1n }] });
});

test('the file is stored again only when what it has has changed, and the clock goes on all the same', async () => {
  const a = pusher(1);
  const stored = async () => {
    await notes.flush();
    const { pushes } = notes.manifest.manifest;
    if (pushes === undefined) throw new Error('nothing is kept');
    return pushes;
  };
  await db.receive('notes', await a.push(a.write(50_000, [[1, 'a']]), a.delete(50_001, [2])), 'ann');
  let before = await stored();
  const name = before.file?.name;
  for (const isOpenedAnew of [false, true, true]) {
    if (isOpenedAnew) await reopen();
    await notes.upsert([{ id: 1, text: 'own', v: [1, 1] }]);
    const now = await stored();
    expect(now).toEqual({ ...before, time: before.time + 1n });
    before = now;
  }
  await notes.upsert([{ id: 2, text: 'back', v: [1, 1] }]);
  expect((await stored()).file?.name).not.toBe(name);
  await reopen();
  expect(await texts()).toEqual(['1:own', '2:back']);
});
