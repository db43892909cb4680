// What clients push: each batch once, the later write of a row stays, deletions are remembered, bad batches are told and
// passed over; and all of it holds when the database is opened again.

import { beforeEach, describe, expect, test } from 'vitest';
import { encodeBatch, type Batch } from '../../src/format/batch.js';
import { chainOf, type Push } from '../../src/format/push.js';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import type { Column } from '../../src/model/columns.js';
import { timeOfMs } from '../../src/model/stamp.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { testCore, testDatabase } from '../support/database.js';

const START_MS = 1_700_000_000_000;
const SUBJECT = new Uint8Array(8).fill(1);
let core: Core;
let files: MemoryFiles;
let db: SyncDatabase;
let notes: EngineCollection;

async function reopen(): Promise<void> {
  await db.close();
  db = await testDatabase({ files, core });
  notes = await db.opened('notes');
}

beforeEach(async () => {
  core ??= await testCore();
  files = new Map();
  db = await testDatabase({ files, core });
  await db.createCollection({
    name: 'notes',
    fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }],
    properties: { 'sync.push': true },
  });
  notes = await db.opened('notes');
});

/** One who pushes, as a client does; `ms` are of its clock, after the start. */
class Pusher {
  readonly client: Uint8Array;
  id = 0n;
  chain: Uint8Array = new Uint8Array(8);

  constructor(number: number) {
    this.client = new Uint8Array(16).fill(number);
  }

  stamps(ms: number, rows: number): { readonly times: BigInt64Array; readonly clients: BigInt64Array } {
    return { times: new BigInt64Array(rows).fill(timeOfMs(START_MS + ms)), clients: new BigInt64Array(rows).fill(new DataView(this.client.buffer).getBigInt64(0)) };
  }

  write(ms: number, rows: readonly (readonly [number, string])[], change: Record<string, Column> = {}): Uint8Array {
    const { times, clients } = this.stamps(ms, rows.length);
    const byName = new Map<string, Column>(Object.entries({
      id: { type: 'Int64', values: BigInt64Array.from(rows, ([id]) => BigInt(id)) },
      text: { type: 'VarChar', values: rows.map(([, text]) => text) },
      v: { type: 'FloatVector', dim: 2, values: Float32Array.from(rows.flatMap(([id]) => [id, 1])) },
      $stamp: { type: 'Int64', values: times },
      $client: { type: 'Int64', values: clients },
      ...change,
    } as const));
    return encodeBatch({ kind: 'write', columns: { rows: rows.length, byName } }, notes.manifest.manifest.schema);
  }

  delete(ms: number, ids: readonly number[]): Uint8Array {
    const batch: Batch = { kind: 'delete', keys: BigInt64Array.from(ids, BigInt), stamps: this.stamps(ms, ids.length) };
    return encodeBatch(batch, notes.manifest.manifest.schema);
  }

  /** What is to be sent of these, which then count as sent. */
  async push(...batches: readonly Uint8Array[]): Promise<Push> {
    const push = { client: this.client, after: { id: this.id, chain: this.chain }, batches };
    for (const batch of batches) this.chain = await chainOf(this.chain, batch, webAmbient().sha256);
    this.id += BigInt(batches.length);
    return push;
  }
}

async function texts(): Promise<readonly string[]> {
  return (await notes.query({ outputFields: ['id', 'text'] })).map((row) => `${String(row['id'])}:${String(row['text'])}`).sort();
}

describe('of two writes of a row', () => {
  test('the later stays, whichever comes first', async () => {
    const [a, b] = [new Pusher(1), new Pusher(2)];
    await notes.receive(await a.push(a.write(10, [[1, 'a10'], [2, 'a10']])), SUBJECT);
    await notes.receive(await b.push(b.write(5, [[1, 'b5'], [3, 'b5']]), b.write(20, [[2, 'b20']])), SUBJECT);
    expect(await texts()).toEqual(['1:a10', '2:b20', '3:b5']);
  });

  test('of one time the one of the greater client stays', async () => {
    const [a, b] = [new Pusher(1), new Pusher(2)];
    await notes.receive(await b.push(b.write(10, [[1, 'b']])), SUBJECT);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    expect(await texts()).toEqual(['1:b']);
  });

  test('a deletion that is later stays, also after a seal and an opening', async () => {
    const [a, b] = [new Pusher(1), new Pusher(2)];
    await notes.receive(await a.push(a.write(10, [[1, 'a'], [2, 'a']]), a.delete(30, [1])), SUBJECT);
    await notes.flush();
    await reopen();
    await notes.receive(await b.push(b.write(20, [[1, 'b20'], [2, 'b20']])), SUBJECT);
    expect(await texts()).toEqual(['2:b20']);
    await notes.receive(await b.push(b.write(31, [[1, 'b31']]), b.delete(15, [2])), SUBJECT);
    expect(await texts()).toEqual(['1:b31', '2:b20']);
  });

  test('a deletion of a key that never came is remembered too', async () => {
    const [a, b] = [new Pusher(1), new Pusher(2)];
    await notes.receive(await a.push(a.delete(30, [1])), SUBJECT);
    await reopen();
    await notes.receive(await b.push(b.write(20, [[1, 'b20']])), SUBJECT);
    expect(await texts()).toEqual([]);
  });

  test("the server's own is later than every one that it has seen", async () => {
    const a = new Pusher(1);
    await notes.receive(await a.push(a.write(50_000, [[1, 'a']])), SUBJECT);
    await notes.upsert([{ id: 1, text: 'own', v: [0, 0] }]);
    await notes.receive(await a.push(a.write(49_000, [[1, 'older']])), SUBJECT);
    expect(await texts()).toEqual(['1:own']);
    await notes.delete({ ids: [1] });
    await notes.receive(await a.push(a.write(49_500, [[1, 'older']])), SUBJECT);
    expect(await texts()).toEqual([]);
  });

  test('nothing that is older than a truncation comes back', async () => {
    const a = new Pusher(1);
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
    const a = new Pusher(1);
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
    const a = new Pusher(1);
    const push = await a.push(a.write(10, [[1, 'a']]), a.write(11, [[2, 'a']]));
    const answers = await Promise.all([notes.receive(push, SUBJECT), notes.receive(push, SUBJECT), notes.receive(push, SUBJECT)]);
    expect(answers.map((answer) => answer.lastId)).toEqual([2n, 2n, 2n]);
    const [lsn] = answers.map((answer) => (answer.kind === 'taken' ? answer.lsn : 0n));
    expect(await notes.receive(push, SUBJECT)).toMatchObject({ lsn });
  });

  test('behind a gap, of another history, or of somebody else is refused', async () => {
    const a = new Pusher(1);
    await notes.receive(await a.push(a.write(10, [[1, 'a']])), SUBJECT);
    const copy = new Pusher(1);
    await notes.receive(await copy.push(a.write(10, [[1, 'a']])), SUBJECT);
    await a.push(a.write(11, [[1, 'lost on the way']]));
    expect(await notes.receive(await a.push(a.write(12, [[1, 'a']])), SUBJECT)).toEqual({ kind: 'gap', lastId: 1n });
    const other = new Pusher(1);
    expect(await notes.receive(await other.push(other.write(10, [[1, 'other']])), SUBJECT)).toEqual({ kind: 'fork', lastId: 1n });
    expect(await notes.receive(await copy.push(copy.write(13, [[1, 'stolen']])), new Uint8Array(8).fill(2))).toEqual({ kind: 'foreign', lastId: 1n });
    expect(await notes.receive(await copy.push(), SUBJECT)).toMatchObject({ kind: 'taken', lastId: 1n });
    const late = new Pusher(9);
    late.id = 4n;
    expect(await notes.receive(await late.push(late.write(1, [[9, 'x']])), SUBJECT)).toEqual({ kind: 'fork', lastId: 0n });
    expect(await texts()).toEqual(['1:a']);
  });

  test('of who knows less than the server has of him is of a restored copy', async () => {
    const a = new Pusher(1);
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
    const a = new Pusher(1);
    const push = await a.push(make(a), a.write(11, [[2, 'good']]));
    const answer = await notes.receive(push, SUBJECT);
    expect(answer).toMatchObject({ kind: 'taken', lastId: 2n, refused: [{ id: 1n, code, message: expect.stringContaining(message) as string }] });
    expect(await texts()).toEqual(['2:good']);
    expect(await notes.receive(push, SUBJECT)).toMatchObject({ kind: 'taken', lastId: 2n });
  });

  test('from a clock that is an hour ahead wins for a minute, not for ever', async () => {
    const [a, b] = [new Pusher(1), new Pusher(2)];
    const answer = await notes.receive(await a.push(a.write(3_600_000, [[1, 'ahead']])), SUBJECT);
    expect(answer).toMatchObject({ clamped: 1 });
    await notes.receive(await b.push(b.write(59_000, [[1, 'soon']])), SUBJECT);
    expect(await texts()).toEqual(['1:ahead']);
    await notes.receive(await b.push(b.write(61_500, [[1, 'later']])), SUBJECT);
    expect(await texts()).toEqual(['1:later']);
  });
});

test('a collection without the property takes no push', async () => {
  await db.createCollection({ name: 'plain', dimension: 2 });
  const plain = await db.opened('plain');
  const a = new Pusher(1);
  await expect(plain.receive(await a.push(a.write(1, [[1, 'a']])), SUBJECT)).rejects.toMatchObject({ code: 'Unsupported' });
  await plain.insert([{ id: 1, vector: [1, 2] }]);
  await db.alterCollectionProperties('plain', { 'sync.push': true });
  await plain.upsert([{ id: 1, vector: [3, 4] }]);
  expect((await plain.get({ ids: [1] }))[0]).toEqual({ id: 1n, vector: Float32Array.of(3, 4) });
});
