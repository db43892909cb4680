// What clients push: each batch once, the later write of a row stays, deletions are remembered, bad batches are told and
// passed over; and all of it holds when the database is opened again.

import { beforeEach, describe, expect, test } from 'vitest';
import { encodeText } from '../../src/format/bytes.js';
import { encodeBatch, type Batch } from '../../src/format/batch.js';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import { stampClient } from '../../src/model/stamp.js';
import type { Ambient } from '../../src/ports/ambient.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { encodeAnswer, PUSH_ANSWER_BYTES_MAX } from '../../src/sync/push-answer.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';
import { NOTE_FIELDS, Pusher, START_MS } from './pusher.js';

const SUBJECT = new Uint8Array(8).fill(1);
let core: Core;
let files: MemoryFiles;
let db: SyncDatabase;
let notes: EngineCollection;
/** A clock that stands still, if one is wanted. */
let stopped: Ambient | undefined;

async function reopen(): Promise<void> {
  await db.close();
  db = await testDatabase({ files, core, ...(stopped === undefined ? {} : { ambient: stopped }) });
  notes = await db.opened('notes');
}

beforeEach(async () => {
  core ??= await testCore();
  files = new Map();
  stopped = undefined;
  db = await testDatabase({ files, core });
  await db.createCollection({
    name: 'notes',
    fields: NOTE_FIELDS,
    properties: { 'sync.push': true },
  });
  notes = await db.opened('notes');
});

const pusher = (number: number): Pusher => new Pusher(number, () => notes.manifest.manifest.schema);

async function texts(): Promise<readonly string[]> {
  return (await notes.query({ outputFields: ['id', 'text'] })).map((row) => `${String(row['id'])}:${String(row['text'])}`).sort();
}

describe('of two writes of a row', () => {
  test('the later stays, whichever comes first', async () => {
    const [a, b] = [pusher(1), pusher(2)];
    await notes.receive(await a.push(a.write(10, [[1, 'a10'], [2, 'a10']])), SUBJECT);
    await notes.receive(await b.push(b.write(5, [[1, 'b5'], [3, 'b5']]), b.write(20, [[2, 'b20']])), SUBJECT);
    expect(await texts()).toEqual(['1:a10', '2:b20', '3:b5']);
  });

  test('of one time the one of the greater client stays', async () => {
    const [a, b] = [pusher(1), pusher(2)];
    await notes.receive(await b.push(b.write(10, [[1, 'b']])), SUBJECT);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    expect(await texts()).toEqual(['1:b']);
  });

  test('a deletion that is later stays, also after a seal and an opening', async () => {
    const [a, b] = [pusher(1), pusher(2)];
    await notes.receive(await a.push(a.write(10, [[1, 'a'], [2, 'a']]), a.delete(30, [1])), SUBJECT);
    await notes.flush();
    await reopen();
    await notes.receive(await b.push(b.write(20, [[1, 'b20'], [2, 'b20']])), SUBJECT);
    expect(await texts()).toEqual(['2:b20']);
    await notes.receive(await b.push(b.write(31, [[1, 'b31']]), b.delete(15, [2])), SUBJECT);
    expect(await texts()).toEqual(['1:b31', '2:b20']);
  });

  test('a deletion of a key that never came is remembered too', async () => {
    const [a, b] = [pusher(1), pusher(2)];
    await notes.receive(await a.push(a.delete(30, [1])), SUBJECT);
    await reopen();
    await notes.receive(await b.push(b.write(20, [[1, 'b20']])), SUBJECT);
    expect(await texts()).toEqual([]);
  });

  test("the server's own is later than every one that it has seen", async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(50_000, [[1, 'a']])), SUBJECT);
    await notes.upsert([{ id: 1, text: 'own', v: [0, 0] }]);
    await notes.receive(await a.push(a.write(49_000, [[1, 'older']])), SUBJECT);
    expect(await texts()).toEqual(['1:own']);
    await notes.delete({ ids: [1] });
    await notes.receive(await a.push(a.write(49_500, [[1, 'older']])), SUBJECT);
    expect(await texts()).toEqual([]);
  });

  test('nothing that is older than a truncation comes back', async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    await db.truncateCollection('notes');
    await reopen();
    await notes.receive(await a.push(a.write(10, [[1, 'b'], [2, 'b']])), SUBJECT);
    expect(await texts()).toEqual([]);
    await notes.receive(await a.push(a.write(60_000, [[1, 'c']])), SUBJECT);
    expect(await texts()).toEqual(['1:c']);
  });
});

describe('a batch', () => {
  test.each([false, true])('that comes again changes nothing (sealed and opened in between: %s)', async (sealed) => {
    const a = pusher(1);
    const push = await a.push(a.write(10, [[1, 'a']]), a.delete(11, [1]));
    const first = await notes.receive(push, SUBJECT);
    if (sealed) {
      await notes.flush();
      await reopen();
    }
    const { nextLsn } = notes.manifest.manifest;
    const again = await notes.receive(push, SUBJECT);
    expect(again).toMatchObject({ kind: 'taken', lastId: 2n, refused: [] });
    if (sealed) expect(again).toMatchObject({ lsn: nextLsn });
    else expect(again).toEqual(first);
    expect(await texts()).toEqual([]);
  });

  test('is taken once when it is sent several times at once', async () => {
    const a = pusher(1);
    const push = await a.push(a.write(10, [[1, 'a']]), a.write(11, [[2, 'a']]));
    const answers = await Promise.all([notes.receive(push, SUBJECT), notes.receive(push, SUBJECT), notes.receive(push, SUBJECT)]);
    expect(answers.map((answer) => answer.kind === 'taken' && answer.lastId)).toEqual([2n, 2n, 2n]);
    const [lsn] = answers.map((answer) => (answer.kind === 'taken' ? answer.lsn : 0n));
    expect(await notes.receive(push, SUBJECT)).toMatchObject({ lsn });
  });

  test('behind a gap, of another history, or of somebody else is refused', async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    const copy = pusher(1);
    await notes.receive(await copy.push(a.write(10, [[1, 'a']])), SUBJECT);
    await a.push(a.write(11, [[1, 'lost on the way']]));
    expect(await notes.receive(await a.push(a.write(12, [[1, 'a']])), SUBJECT)).toEqual({ kind: 'gap', lastId: 1n });
    const other = pusher(1);
    expect(await notes.receive(await other.push(other.write(10, [[1, 'other']])), SUBJECT)).toEqual({ kind: 'fork', lastId: 1n });
    expect(await notes.receive(await copy.push(copy.write(13, [[1, 'stolen']])), new Uint8Array(8).fill(2))).toEqual({ kind: 'foreign' });
    expect(await notes.receive(await copy.push(), SUBJECT)).toMatchObject({ kind: 'taken', lastId: 1n });
    const late = pusher(9);
    late.id = 4n;
    expect(await notes.receive(await late.push(late.write(1, [[9, 'x']])), SUBJECT)).toEqual({ kind: 'fork', lastId: 0n });
    expect(await texts()).toEqual(['1:a']);
  });

  test("of somebody else's client is refused before anything is said of it, wherever he says that he is", async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']]), a.write(11, [[2, 'a']]), a.write(12, [[3, 'x'.repeat(21)]])), SUBJECT);
    for (const id of [0n, 1n, 2n, 3n, 9n]) {
      const other = pusher(1);
      other.id = id;
      const answer = await notes.receive(await other.push(other.write(20, [[1, 'other']])), new Uint8Array(8).fill(2));
      expect(answer).toEqual({ kind: 'foreign' });
      expect(encodeAnswer(answer)).toEqual({ status: 403, bytes: encodeText('{"code":"foreign"}') });
    }
    expect(await texts()).toEqual(['1:a', '2:a']);
  });

  test('of who knows less than the server has of him is of a restored copy', async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    const { id, chain } = a;
    await notes.receive(await a.push(a.write(11, [[2, 'a']]), a.write(12, [[3, 'a']])), SUBJECT);
    a.id = id;
    a.chain = chain;
    expect(await notes.receive(await a.push(a.write(13, [[4, 'after restoring']])), SUBJECT)).toEqual({ kind: 'fork', lastId: 3n });
  });

  test.each([
    ['a text that is too long', (a: Pusher) => a.write(10, [[1, 'x'.repeat(21)]]), 'InvalidArgument', 'row 0, field "text"'],
    ['a vector with NaN', (a: Pusher) => a.write(10, [[1, 'x']], { v: { type: 'FloatVector', dim: 2, values: Float32Array.of(NaN, 1) } }), 'InvalidArgument', 'row 0, field "v"'],
    ['a stamp below 0', (a: Pusher) => a.write(10, [[1, 'x']], { $stamp: { type: 'Int64', values: BigInt64Array.of(-1n) } }), 'InvalidArgument', 'expected stamps of 0 or more'],
    ['bytes of no batch', () => new Uint8Array(64).fill(7), 'Corrupt', 'unknown kind'],
    ['a cut off batch', (a: Pusher) => a.write(10, [[1, 'x']]).slice(0, -8), 'Corrupt', 'column'],
    ['a deletion without stamps', () => encodeBatch({ kind: 'delete', keys: BigInt64Array.of(1n) }, notes.manifest.manifest.schema), 'InvalidArgument', 'expected stamps'],
  ])('with %s is told, and the next go on', async (_, make, code, message) => {
    const a = pusher(1);
    const push = await a.push(make(a), a.write(11, [[2, 'good']]));
    const answer = await notes.receive(push, SUBJECT);
    expect(answer).toMatchObject({ kind: 'taken', lastId: 2n, refused: [{ id: 1n, code, message: expect.stringContaining(message) as string }] });
    expect(await texts()).toEqual(['2:good']);
    expect(await notes.receive(push, SUBJECT)).toMatchObject({ kind: 'taken', lastId: 2n });
  });

  test.each([
    ['at once', async () => undefined],
    ['after an opening', reopen],
    ['after a seal and an opening', async () => (await notes.flush(), reopen())],
  ])('that is refused is refused again as long as its client may not know, and then not kept (asked %s)', async (_, between) => {
    const a = pusher(1);
    const tooLong = a.write(10, [[1, 'x'.repeat(21)]]);
    const push = await a.push(a.write(9, [[2, 'good']]), tooLong, a.write(11, [[3, 'good']]));
    const first = await notes.receive(push, SUBJECT);
    const { chain } = a;
    await between();
    expect(await notes.receive(push, SUBJECT)).toEqual({ ...first, clamped: 0, time: expect.any(BigInt) as bigint });
    expect(first).toMatchObject({ refused: [{ id: 2n, code: 'InvalidArgument' }] });
    expect(await notes.receive(await a.push(a.write(12, [[4, 'next']])), SUBJECT)).toMatchObject({ kind: 'taken', lastId: 4n, refused: [] });
    await between();
    // Who asks for what it knew is a copy that was restored: it is told again, or as another client, after which the server forgets.
    const restored = await notes.receive({ ...push, batches: [...push.batches, a.write(12, [[4, 'next']])] }, SUBJECT);
    expect(restored).toMatchObject(restored.kind === 'fork' ? { lastId: 4n } : { kind: 'taken', refused: [{ id: 2n }] });
    expect(await notes.receive({ client: a.client, after: { id: 3n, chain }, batches: [a.write(12, [[4, 'next']])] }, SUBJECT)).toMatchObject({ kind: 'taken', lastId: 4n, refused: [] });
  });

  test('is not taken while too many that were refused before it are not known to its client', async () => {
    const a = pusher(1);
    const batches = Array.from({ length: 250 }, (_, at) => a.write(at, [[at, 'x'.repeat(21)]]));
    const told: bigint[] = [];
    for (let sent = 0, rounds = 0; sent < batches.length && rounds < 4; rounds++) {
      const after = { id: a.id, chain: a.chain };
      const push = { client: a.client, after, batches: batches.slice(sent) };
      const answer = await notes.receive(push, SUBJECT);
      expect(await notes.receive(push, SUBJECT)).toEqual(answer);
      if (answer.kind !== 'taken') throw new Error(answer.kind);
      expect(encodeAnswer(answer).bytes.length).toBeLessThan(PUSH_ANSWER_BYTES_MAX);
      told.push(...answer.refused.map(({ id }) => id));
      await a.push(...batches.slice(sent, Number(answer.lastId)));
      sent = Number(answer.lastId);
      await reopen();
    }
    expect(told).toEqual(Array.from({ length: 250 }, (_, at) => BigInt(at) + 1n));
  });

  test('from a clock that is an hour ahead wins for a minute, not for ever', async () => {
    const [a, b] = [pusher(1), pusher(2)];
    const answer = await notes.receive(await a.push(a.write(3_600_000, [[1, 'ahead']])), SUBJECT);
    expect(answer).toMatchObject({ clamped: 1 });
    await notes.receive(await b.push(b.write(59_000, [[1, 'soon']])), SUBJECT);
    expect(await texts()).toEqual(['1:ahead']);
    await notes.receive(await b.push(b.write(61_500, [[1, 'later']])), SUBJECT);
    expect(await texts()).toEqual(['1:later']);
  });

  test('from a clock that is an hour ahead is later than what the same client wrote before it, also in one millisecond', async () => {
    stopped = { ...testAmbient(1), nowMs: () => START_MS };
    await reopen();
    const a = pusher(1);
    const hour = 3_600_000;
    const push = await a.push(a.write(hour, [[1, 'draft'], [2, 'draft'], [3, 'draft']]), a.write(hour + 1, [[1, 'final']]), a.delete(hour + 2, [2]), a.delete(hour + 3, [3]), a.write(hour + 4, [[3, 'again']]));
    expect(await notes.receive(push, SUBJECT)).toMatchObject({ kind: 'taken', refused: [], clamped: 7 });
    expect(await texts()).toEqual(['1:final', '3:again']);
    await notes.receive(await a.push(a.write(hour + 5, [[1, 'in another push']])), SUBJECT);
    await notes.flush();
    await reopen();
    await notes.receive(await a.push(a.delete(hour + 6, [3]), a.write(hour + 7, [[2, 'after an opening']])), SUBJECT);
    expect(await texts()).toEqual(['1:in another push', '2:after an opening']);
    // A stamp that is believed as it is, but behind what was set back, is of what that client wrote before; so is what comes late of another.
    await notes.receive(await a.push(a.write(59_000, [[1, 'earlier']])), SUBJECT);
    expect(await texts()).toEqual(['1:in another push', '2:after an opening']);
    await notes.upsert([{ id: 1, text: "the server's", v: [0, 0] }]);
    expect(await texts()).toEqual(["1:the server's", '2:after an opening']);
  });
});

describe('of who may delete some rows alone', () => {
  const ROWS = { written: [], deleted: [[{ filter: 'text == "eve"' }]] };

  test('a deletion of what is not there keeps out nothing, and one that is known stays as it was', async () => {
    const [a, eve] = [pusher(1), pusher(9)];
    await notes.receive(await eve.push(eve.write(10, [[1, 'eve'], [2, 'eve']])), SUBJECT, undefined, ROWS);
    await notes.receive(await a.push(a.write(11, [[3, 'a']]), a.delete(20, [3])), SUBJECT);
    const answer = await notes.receive(await eve.push(eve.delete(50_000, [1, 3, 4]), eve.delete(50_001, [5, 6])), SUBJECT, undefined, ROWS);
    expect(answer).toMatchObject({ kind: 'taken', lastId: 3n, refused: [] });
    await notes.flush();
    await reopen();
    // What was there is remembered, of what was not nothing: neither by a key of nobody nor later than somebody else's deletion.
    await notes.receive(await a.push(a.write(15, [[3, 'older']]), a.write(30, [[1, 'before'], [3, 'a'], [4, 'a'], [5, 'a']])), SUBJECT);
    expect(await texts()).toEqual(['2:eve', '3:a', '4:a', '5:a']);
  });

  test('a deletion of another row is refused with all of its batch', async () => {
    const [a, eve] = [pusher(1), pusher(9)];
    await notes.receive(await a.push(a.write(10, [[1, 'a'], [2, 'eve']])), SUBJECT);
    expect(await notes.receive(await eve.push(eve.delete(20, [2, 7, 1])), SUBJECT, undefined, ROWS)).toMatchObject({ refused: [{ code: 'NotPermitted' }] });
    expect(await texts()).toEqual(['1:a', '2:eve']);
  });
});

describe('a row that says it is of another client', () => {
  const EVE = new Uint8Array(8).fill(2);
  const of = (client: bigint) => ({ $client: { type: 'Int64', values: BigInt64Array.of(client) } }) as const;

  test.each([
    ["the server's", 0n],
    ["another user's", stampClient(new Uint8Array(16).fill(1))],
  ])('is refused if that is %s', async (_, client) => {
    const [a, eve] = [pusher(1), pusher(9)];
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    const remove: Batch = { kind: 'delete', keys: BigInt64Array.of(1n), stamps: { times: eve.stamps(20, 1).times, clients: BigInt64Array.of(client) } };
    const answer = await notes.receive(await eve.push(eve.write(20, [[1, 'eve']], of(client)), encodeBatch(remove, notes.manifest.manifest.schema)), EVE);
    expect(answer).toMatchObject({ kind: 'taken', refused: [{ id: 1n, code: 'NotPermitted' }, { id: 2n, code: 'NotPermitted' }] });
    expect(await texts()).toEqual(['1:a']);
  });

  test('of the same user is taken as such, and counts as his who pushes if nobody knows that client', async () => {
    const [a, renewed, b] = [pusher(3), pusher(4), pusher(6)];
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    // Of equal times the row of the greater client stays: 3, which it was before, is below 4, and the greatest that there is counts as 4.
    await notes.receive(await renewed.push(renewed.write(20, [[1, 'before renewal']], of(stampClient(a.client))), renewed.write(20, [[2, 'unknown']], of((1n << 63n) - 1n))), SUBJECT);
    await reopen();
    const five = pusher(5);
    await notes.receive(await five.push(five.write(20, [[2, 'of client 5']])), SUBJECT);
    expect(await texts()).toEqual(['1:before renewal', '2:of client 5']);
    await notes.receive(await b.push(b.write(20, [[1, 'of a greater one']])), SUBJECT);
    const again = pusher(7);
    await notes.receive(await again.push(again.write(20, [[1, 'of 3, less']], of(stampClient(a.client)))), SUBJECT);
    expect(await texts()).toEqual(['1:of a greater one', '2:of client 5']);
  });

  test("does not help to begin as a client that would be called as the server, or as another user's", async () => {
    const a = pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    await notes.flush();
    await reopen();
    for (const number of [0, 1]) {
      const eve = pusher(number);
      eve.client.fill(77, 8);
      expect(await notes.receive(await eve.push(eve.write(20, [[1, 'eve']])), EVE)).toEqual({ kind: 'foreign' });
    }
    expect(await texts()).toEqual(['1:a']);
  });
});

test('a batch that cannot be decided on as a file of the server is damaged is not refused: it comes again, and is taken once the file is whole', async () => {
  const [a, b] = [pusher(1), pusher(2)];
  await notes.receive(await a.push(a.write(10, [[1, 'a1'], [2, 'a2']])), SUBJECT);
  await notes.flush();
  const key = [...files.keys()].find((name) => name.includes('rows-')) ?? '';
  const flip = (): void => {
    const { bytes } = files.get(key) as { readonly bytes: Uint8Array };
    bytes[200] = (bytes[200] as number) ^ 1;
  };
  flip();
  await reopen();
  const push = await b.push(b.delete(20, [1]));
  await expect(notes.receive(push, SUBJECT)).rejects.toMatchObject({ code: 'Corrupt' });
  flip();
  await reopen();
  expect(await notes.receive(push, SUBJECT)).toMatchObject({ kind: 'taken', lastId: 1n, refused: [] });
  expect(await texts()).toEqual(['2:a2']);
});

test('a collection without the property takes no push', async () => {
  await db.createCollection({ name: 'plain', dimension: 2 });
  const plain = await db.opened('plain');
  const a = pusher(1);
  await expect(plain.receive(await a.push(a.write(1, [[1, 'a']])), SUBJECT)).rejects.toMatchObject({ code: 'Unsupported' });
  await plain.insert([{ id: 1, vector: [1, 2] }]);
  await db.alterCollectionProperties('plain', { 'sync.push': true });
  await plain.upsert([{ id: 1, vector: [3, 4] }]);
  expect((await plain.get({ ids: [1] }))[0]).toEqual({ id: 1n, vector: Float32Array.of(3, 4) });
});
