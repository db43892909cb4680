// Segments that somebody sends: their rows are there at once and for good, the later write of a row stays, a file counts once, and
// what is no sound file of the collection changes nothing.

import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeRows } from '../../src/format/rows-file.js';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import type { AdoptedSegment } from '../../src/engine/api/upload.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Column } from '../../src/model/columns.js';
import { storedFields } from '../../src/model/schema.js';
import { stampClient, timeOfMs } from '../../src/model/stamp.js';
import type { Core } from '../../src/ports/core.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { NOTE_FIELDS, Pusher, START_MS } from './pusher.js';

const SUBJECT = new Uint8Array(8).fill(1);
let core: Core;
let files: MemoryFiles;
let db: SyncDatabase;
let notes: EngineCollection;
/** Refuses to store a manifest while it is true. */
let refuses = false;

async function open(): Promise<void> {
  const storage = memoryStorage(files);
  const create: typeof storage.create = async (key, bytes) => {
    if (refuses && key.includes('/manifest/')) throw new ElanusError('StorageFailed', 'refused by the test');
    return storage.create(key, bytes);
  };
  db = await testDatabase({ storage: Object.assign(Object.create(storage) as typeof storage, { create }), core });
  if (await db.hasCollection('notes')) notes = await db.opened('notes');
}

async function reopen(): Promise<void> {
  await db.close();
  await open();
}

beforeEach(async () => {
  core ??= await testCore();
  files = new Map();
  refuses = false;
  await open();
  await db.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  notes = await db.opened('notes');
});

type NoteRow = readonly [number, string];

/** A rows file of these, stamped at `ms` after the start, or not at all. */
function fileOf(rows: readonly NoteRow[], ms?: number, change: Record<string, Column> = {}): Uint8Array<ArrayBuffer> {
  const { schema } = notes.manifest.manifest;
  const stamps = (value: bigint): Column => ({ type: 'Int64', values: new BigInt64Array(rows.length).fill(value) });
  const given: Record<string, Column> = {
    id: { type: 'Int64', values: BigInt64Array.from(rows, ([id]) => BigInt(id)) },
    text: { type: 'VarChar', values: rows.map(([, text]) => text) },
    v: { type: 'FloatVector', dim: 2, values: Float32Array.from(rows.flatMap(([id]) => [id, 1])) },
    $partition: { type: 'Int32', values: new Int32Array(rows.length) },
    $stamp: stamps(ms === undefined ? 0n : timeOfMs(START_MS + ms)),
    $client: stamps(ms === undefined ? 0n : 5n),
    ...change,
  };
  return encodeRows({ rows: rows.length, byName: new Map(storedFields(schema).map(({ name }) => [name, given[name] as Column])) }, schema, 3).bytes;
}

const adopt = (bytes: Uint8Array<ArrayBuffer>, hasRule = false): Promise<AdoptedSegment> => notes.adopt({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') }, { subject: SUBJECT, hasRule });

async function texts(): Promise<readonly string[]> {
  return (await notes.query({ outputFields: ['id', 'text'] })).map((row) => `${String(row['id'])}:${String(row['text'])}`).sort();
}

const own = (id: number, text: string) => ({ id, text, v: [id, 1] });

describe('rows of a file', () => {
  test('are there at once, in place of those of their keys, and after an opening', async () => {
    await notes.insert([own(1, 'sealed'), own(2, 'sealed')]);
    await notes.flush();
    await notes.insert([own(3, 'growing'), own(4, 'growing')]);
    expect(await adopt(fileOf([[2, 'file'], [3, 'file'], [5, 'file'], [6, 'file']]))).toEqual({ rows: 4, replaced: 2, outdated: 0, clamped: 0, isKnown: false });
    const expected = ['1:sealed', '2:file', '3:file', '4:growing', '5:file', '6:file'];
    expect(await texts()).toEqual(expected);
    expect((await notes.search({ data: [5, 1], limit: 2, outputFields: ['text'] })).hits.map(({ id }) => id)).toEqual([5n, 4n]);
    await reopen();
    expect(await texts()).toEqual(expected);
    expect(notes.rows).toBe(6);
    await notes.compact();
    expect(await texts()).toEqual(expected);
  });

  test('give way to what is written after, sealed or not', async () => {
    await adopt(fileOf([[1, 'file'], [2, 'file'], [3, 'file']]));
    await notes.upsert([own(1, 'later')]);
    await notes.delete({ ids: [2] });
    await reopen();
    expect(await texts()).toEqual(['1:later', '3:file']);
    await notes.flush();
    await reopen();
    expect(await texts()).toEqual(['1:later', '3:file']);
  });

  test('with stamps stay only where they are later than what is there, or was deleted', async () => {
    const a = new Pusher(9, () => notes.manifest.manifest.schema);
    await notes.receive(await a.push(a.write(100, [[1, 'pushed'], [2, 'pushed'], [3, 'pushed']]), a.delete(200, [3])), SUBJECT);
    expect(await adopt(fileOf([[1, 'old'], [3, 'old'], [4, 'new'], [5, 'new']], 50))).toMatchObject({ replaced: 0, outdated: 2 });
    expect(await texts()).toEqual(['1:pushed', '2:pushed', '4:new', '5:new']);
    expect(await adopt(fileOf([[1, 'new'], [3, 'old'], [4, 'new2']], 150))).toMatchObject({ replaced: 2, outdated: 1 });
    await reopen();
    expect(await texts()).toEqual(['1:new', '2:pushed', '4:new2', '5:new']);
    expect(await adopt(fileOf([[3, 'later']], 201))).toMatchObject({ replaced: 0, outdated: 0 });
    expect(await texts()).toEqual(['1:new', '2:pushed', '3:later', '4:new2', '5:new']);
    await reopen();
    expect(await adopt(fileOf([[3, 'older'], [2, 'older']], 90))).toMatchObject({ outdated: 2 });
    await notes.receive(await a.push(a.write(202, [[3, 'again']])), SUBJECT);
    expect(await texts()).toContain('3:again');
  });

  test("are refused where they say that they are the server's or another user's", async () => {
    const a = new Pusher(9, () => notes.manifest.manifest.schema);
    await notes.receive(await a.push(a.write(100, [[1, 'pushed']])), new Uint8Array(8).fill(2));
    for (const client of [0n, stampClient(a.client)]) {
      await expect(adopt(fileOf([[1, 'file']], 200, { $client: { type: 'Int64', values: BigInt64Array.of(client) } }), true)).rejects.toMatchObject({ code: 'NotPermitted' });
    }
    expect(await texts()).toEqual(['1:pushed']);
  });

  test('with stamps an hour ahead are set back', async () => {
    expect(await adopt(fileOf([[1, 'ahead']], 3_600_000))).toMatchObject({ clamped: 1 });
    const a = new Pusher(9, () => notes.manifest.manifest.schema);
    await notes.receive(await a.push(a.write(61_500, [[1, 'later']])), SUBJECT);
    expect(await texts()).toEqual(['1:later']);
  });

  test('count once, however often they come, also after an opening and a merge', async () => {
    const file = fileOf([[1, 'file'], [2, 'file']]);
    await Promise.all([adopt(file), notes.insert([own(9, 'x')])]);
    await notes.upsert([own(1, 'later')]);
    for (let round = 0; round < 2; round++) {
      expect(await adopt(file)).toMatchObject({ isKnown: true, rows: 0 });
      expect(await texts()).toEqual(['1:later', '2:file', '9:x']);
      await notes.flush();
      await notes.compact();
      await reopen();
    }
  });

  test('of which none stays are remembered all the same', async () => {
    const file = fileOf([[1, 'old']], -100_000);
    await notes.insert([own(1, 'own')]);
    expect(await adopt(file)).toMatchObject({ rows: 1, outdated: 1 });
    await reopen();
    expect(await adopt(file)).toMatchObject({ isKnown: true });
    expect(await texts()).toEqual(['1:own']);
  });

  test('come while others write, and nobody is lost', async () => {
    const calls: Promise<unknown>[] = [];
    for (let round = 0; round < 6; round++) {
      calls.push(notes.upsert([own(round, 'own')]), adopt(fileOf([[100 + round, 'file'], [200 + round, 'file']])), notes.upsert([own(100 + round, 'own later')]));
      if (round % 3 === 2) calls.push(notes.flush());
    }
    await Promise.all(calls);
    const expected = await texts();
    expect(expected).toHaveLength(18);
    await reopen();
    expect(await texts()).toEqual(expected);
  });
});

describe('nothing is changed by', () => {
  let before: readonly string[];
  beforeEach(async () => {
    await notes.insert([own(1, 'own'), own(2, 'own')]);
    await notes.flush();
    before = await texts();
  });
  const refused = async (bytes: Uint8Array<ArrayBuffer>, code: string, message: string): Promise<void> => {
    await expect(adopt(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(await texts()).toEqual(before);
    await reopen();
    expect(await texts()).toEqual(before);
  };

  test.each<readonly [string, () => Uint8Array<ArrayBuffer>, string, string]>([
    ['no rows', () => fileOf([]), 'InvalidArgument', 'expected 1 to'],
    ['a key twice', () => fileOf([[3, 'a'], [4, 'b'], [5, 'c'], [3, 'd']]), 'InvalidArgument', 'row 3: the key 3 is there twice'],
    ['a text that is too long', () => fileOf([[3, 'x'.repeat(21)]]), 'InvalidArgument', 'field "text"'],
    ['a vector with NaN', () => fileOf([[3, 'a']], 1, { v: { type: 'FloatVector', dim: 2, values: Float32Array.of(NaN, 1) } }), 'InvalidArgument', 'field "v"'],
    ['a stamp below 0', () => fileOf([[3, 'a']], 1, { $stamp: { type: 'Int64', values: BigInt64Array.of(-1n) } }), 'InvalidArgument', 'expected stamps of 0 or more'],
    ['what is no file', () => new Uint8Array(100), 'Corrupt', 'PAR1'],
    ['nothing', () => new Uint8Array(0), 'Corrupt', 'bytes'],
  ])('%s', async (_, make, code, message) => refused(make(), code, message));

  test('a file of another schema', async () => {
    const file = fileOf([[3, 'a']]);
    await db.addField('notes', { name: 'more', type: 'Int64', nullable: true });
    await expect(adopt(file)).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining('another schema') as string });
  });

  test('a file cut off, or with any byte changed that a row is read from', async () => {
    const file = fileOf([[3, 'abc'], [4, 'def'], [5, 'ghi'], [6, 'jkl']], 1);
    let refusals = 0;
    for (let at = 0; at < file.length; at += 3) {
      const spoiled = file.slice();
      spoiled[at] = (spoiled[at] as number) ^ 0x41;
      const error = await adopt(spoiled).then(() => undefined, (reason: unknown) => reason);
      if (error !== undefined) {
        refusals++;
        expect(error, `byte ${at}`).toMatchObject({ code: expect.stringMatching(/^(Corrupt|Unsupported)$/) as string });
      }
      await expect(adopt(file.slice(0, at)), `cut at ${at}`).rejects.toMatchObject({ code: 'Corrupt' });
    }
    // Zeros between pages, sums of vectors and the first letters are not read: of them nothing is kept.
    expect(refusals).toBeGreaterThan(file.length / 3 / 2);
    expect(await texts()).toEqual([...before, '3:abc', '4:def', '5:ghi', '6:jkl']);
  });

  test('a manifest that cannot be stored; then it may be sent again', async () => {
    const file = fileOf([[1, 'file'], [3, 'file']]);
    refuses = true;
    await expect(adopt(file)).rejects.toMatchObject({ code: 'StorageFailed' });
    expect(await texts()).toEqual(before);
    refuses = false;
    expect(await adopt(file)).toMatchObject({ rows: 2, replaced: 1, isKnown: false });
    await reopen();
    expect(await texts()).toEqual(['1:file', '2:own', '3:file']);
  });

  test('rows that meet those of others, where a rule decides that', async () => {
    const a = new Pusher(9, () => notes.manifest.manifest.schema);
    await notes.receive(await a.push(a.write(10, [[3, 'pushed']])), SUBJECT);
    const file = fileOf([[1, 'file'], [3, 'file']]);
    await expect(adopt(file, true)).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('row 1, key 3') as string });
    expect(await texts()).toEqual([...before, '3:pushed']);
    expect(await adopt(fileOf([[1, 'file'], [4, 'file']]), true)).toMatchObject({ rows: 2 });
  });

  test('a collection that takes no pushes', async () => {
    await db.createCollection({ name: 'plain', dimension: 2 });
    await expect((await db.opened('plain')).adopt({ bytes: new Uint8Array(9), sha256: '0'.repeat(64) }, { subject: SUBJECT, hasRule: false })).rejects.toMatchObject({ code: 'Unsupported' });
  });
});

test('what a function makes of a text is made here, whatever the file says', async () => {
  const fields = [...NOTE_FIELDS.map((field) => (field.name === 'text' ? { ...field, enableAnalyzer: true } : field)), { name: 'words', type: 'SparseFloatVector' }] as const;
  await db.createCollection({ name: 'texts', fields, functions: [{ name: 'f', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }], properties: { 'sync.push': true } });
  notes = await db.opened('texts');
  const words: Column = { type: 'SparseFloatVector', offsets: Uint32Array.of(0, 1, 1), indices: Uint32Array.of(7), values: Float32Array.of(3) };
  await adopt(fileOf([[1, 'red kite'], [2, 'blue whale']], 1, { words }));
  expect((await notes.search({ annsField: 'words', data: 'whale', limit: 5 })).hits.map(({ id }) => id)).toEqual([2n]);
});
