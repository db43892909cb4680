// A collection with a rule for conflicts: what it is asked, what becomes of what it says, and that nothing of a batch stays
// which it does not let through.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Conflict, OnConflict } from '../../src/engine/api/push.js';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import { stampClient } from '../../src/model/stamp.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { NOTE_FIELDS, Pusher } from './pusher.js';

const SUBJECT = 'somebody';
let core: Core;
let files: MemoryFiles;
let db: SyncDatabase;
let notes: EngineCollection;
let asked: Conflict[];
let a: Pusher;
let b: Pusher;

beforeEach(async () => {
  core ??= await testCore();
  files = new Map();
  db = await testDatabase({ files, core });
  await db.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  notes = await db.opened('notes');
  asked = [];
  [a, b] = [1, 2].map((number) => new Pusher(number, () => notes.manifest.manifest.schema)) as [Pusher, Pusher];
});

const told = (rule: OnConflict): { readonly notes: OnConflict } => ({ notes: (conflict) => (asked.push(conflict), rule(conflict)) });
const pushed = async (by: Pusher, rule: OnConflict, ...batches: readonly Uint8Array[]) => db.receive('notes', await by.push(...batches), SUBJECT, told(rule));
const union: OnConflict = ({ existing, incoming }) => ({ ...existing, ...incoming, text: [...new Set([...String(existing?.['text'] ?? ''), ...String(incoming?.['text'] ?? '')])].sort().join('') });

async function texts(): Promise<readonly string[]> {
  return (await notes.query({ outputFields: ['id', 'text'] })).map((row) => `${String(row['id'])}:${String(row['text'])}`).sort();
}

describe('a rule', () => {
  test('is asked of rows that somebody else wrote or deleted, and of no others', async () => {
    await pushed(a, () => 'incoming', a.write(10, [[1, 'a'], [2, 'a'], [3, 'a']]), a.write(11, [[1, 'again']]), a.delete(12, [3]));
    expect(asked).toEqual([]);
    await pushed(b, () => 'incoming', b.write(20, [[1, 'b'], [3, 'b'], [4, 'b']]), b.delete(5, [2, 5]));
    expect(asked.map(({ key, existing, incoming, later }) => [key, existing?.['text'], incoming?.['text'], later])).toEqual([[1n, 'again', 'b', 'incoming'], [3n, undefined, 'b', 'incoming'], [2n, 'a', undefined, 'existing']]);
    expect(asked[0]).toMatchObject({ existing: { id: 1n, v: Float32Array.of(1, 1) }, incoming: { id: 1n, v: Float32Array.of(1, 1) } });
    expect(Object.keys(asked[0]?.incoming ?? {}).sort()).toEqual(['id', 'text', 'v']);
    expect(await texts()).toEqual(['1:b', '3:b', '4:b']);
  });

  test('is asked of the last of rows of one key', async () => {
    await pushed(a, () => 'incoming', a.write(10, [[1, 'a']]));
    await pushed(b, () => 'existing', b.write(20, [[1, 'first'], [2, 'x'], [1, 'last']]));
    expect(asked.map(({ incoming }) => incoming?.['text'])).toEqual(['last']);
    expect(await texts()).toEqual(['1:a', '2:x']);
  });

  test.each([['earlier', 5], ['later', 50]])('lets stay what is there, whatever comes %s', async (_, ms) => {
    await pushed(a, () => 'incoming', a.write(10, [[1, 'a']]));
    const answer = await pushed(b, () => 'existing', b.write(ms, [[1, 'b']]), b.delete(ms + 1, [1]));
    expect(answer).toMatchObject({ kind: 'taken', lastId: 2n, refused: [] });
    expect(await texts()).toEqual(['1:a']);
  });

  test('takes what is earlier, which is then later than all that was there', async () => {
    await pushed(a, () => 'incoming', a.write(30, [[1, 'a'], [2, 'a']]));
    await pushed(b, () => 'incoming', b.write(10, [[1, 'b']]), b.delete(11, [2]));
    expect(await texts()).toEqual(['1:b']);
    const c = new Pusher(3, () => notes.manifest.manifest.schema);
    // Without a rule: by the stamps.
    await db.receive('notes', await c.push(c.write(29, [[1, 'c'], [2, 'c']])), SUBJECT);
    expect(await texts()).toEqual(['1:b']);
  });

  test.each([5, 50])('makes one row of both, later than both, also in files and after an opening (pushed at %i)', async (ms) => {
    await pushed(a, union, a.write(10, [[1, 'ac'], [2, 'a']]));
    await notes.flush();
    await pushed(b, union, b.write(ms, [[1, 'bc'], [3, 'b']]));
    expect(await texts()).toEqual(['1:abc', '2:a', '3:b']);
    await db.receive('notes', await a.push(a.write(Math.max(10, ms), [[1, 'old']])), SUBJECT);
    expect(await texts()).toEqual(['1:abc', '2:a', '3:b']);
    await notes.flush();
    await db.close();
    db = await testDatabase({ files, core });
    notes = await db.opened('notes');
    expect(await texts()).toEqual(['1:abc', '2:a', '3:b']);
    expect(await notes.get({ ids: [1] })).toEqual([{ id: 1n, text: 'abc', v: Float32Array.of(1, 1) }]);
  });

  test.each([
    ["the server's", 0n],
    ["another user's", stampClient(new Uint8Array(16).fill(1))],
    ['nobody knows', (1n << 63n) - 1n],
  ])('is not passed by with rows of a client that is %s', async (_, client) => {
    await pushed(a, () => 'existing', a.write(10, [[1, 'a']]));
    await notes.insert([{ id: 2, text: 'own', v: [1, 1] }]);
    const columns = { $client: { type: 'Int64', values: BigInt64Array.of(client, client) } } as const;
    await db.receive('notes', await b.push(b.write(500_000, [[1, 'b'], [2, 'b']], columns)), 'somebody else', told(() => 'existing'));
    expect(await texts()).toEqual(['1:a', '2:own']);
    // Rows of nobody are those of who pushes.
    expect(asked).toHaveLength(client > stampClient(new Uint8Array(16).fill(1)) ? 2 : 0);
  });

  test('is asked once of a batch that comes again', async () => {
    await pushed(a, union, a.write(10, [[1, 'a']]));
    const push = await b.push(b.write(20, [[1, 'b']]));
    await db.receive('notes', push, SUBJECT, told(union));
    await db.receive('notes', push, SUBJECT, told(() => 'incoming'));
    expect(asked).toHaveLength(1);
    expect(await texts()).toEqual(['1:ab']);
  });

  test('of another collection is not asked', async () => {
    await pushed(a, union, a.write(10, [[1, 'a']]));
    await db.receive('notes', await b.push(b.write(20, [[1, 'b']])), SUBJECT, { other: () => 'existing' });
    expect(await texts()).toEqual(['1:b']);
  });
});

test.each<readonly [string, OnConflict, string]>([
  ['throws', () => { throw new Error('booked already'); }, 'booked already'],
  ['waits', (async () => 'existing') as unknown as OnConflict, 'found a promise'],
  ['says nothing', (() => undefined) as unknown as OnConflict, "expected 'existing', 'incoming' or a row"],
  ['gives a row that is none', () => ({ text: 'x'.repeat(21), v: [1, 2] }), 'field "text"'],
  ['gives another key', ({ incoming }) => ({ ...incoming, id: 7 }), 'expected the same key, found 7'],
])('a batch is refused whole if its rule %s', async (_, rule, message) => {
  await pushed(a, () => 'incoming', a.write(10, [[2, 'a']]));
  const answer = await pushed(b, rule, b.write(20, [[1, 'new'], [2, 'b']]), b.write(21, [[3, 'next']]));
  expect(answer).toMatchObject({ kind: 'taken', lastId: 2n, refused: [{ id: 1n, code: 'InvalidArgument', message: expect.stringContaining(message) as string }] });
  expect(await texts()).toEqual(['2:a', '3:next']);
});

test('a deletion becomes no row', async () => {
  await pushed(a, () => 'incoming', a.write(10, [[1, 'a']]));
  expect(await pushed(b, ({ existing }) => ({ ...existing, text: 'kept' }), b.delete(20, [1]))).toMatchObject({ refused: [{ code: 'InvalidArgument' }] });
  expect(await texts()).toEqual(['1:a']);
});
