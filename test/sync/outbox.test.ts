// A copy that is written to: its own writes are seen at once over what was pulled, survive everything, are sent once, and
// give way when the server's segments have them, or something later.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import type { Collection } from '../../src/engine/api.js';
import { decodePush } from '../../src/format/push.js';
import type { Core } from '../../src/ports/core.js';
import type { SendingTransport, TransportResponse } from '../../src/ports/transport.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { encodeAnswer } from '../../src/sync/push-answer.js';
import { pushOutbox } from '../../src/sync/push.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const PUSH = `${SERVER}/v1/collections/notes/push`;
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let core: Core;
let server: SyncDatabase;

/** Cuts off requests or answers of pushes while `cut` says so. */
interface Line {
  cut: 'request' | 'answer' | undefined;
  pushes: number;
  subject: number;
}

function lineTo(line: Line): SendingTransport {
  return {
    ...transportTo(() => server),
    async post({ body }): Promise<TransportResponse> {
      if (line.cut === 'request') throw Object.assign(new Error('offline'), { code: 'Network' });
      line.pushes++;
      const { status, bytes } = encodeAnswer(await (await server.opened('notes')).receive(decodePush(body, 'a push'), new Uint8Array(8).fill(line.subject)));
      if (line.cut === 'answer') throw Object.assign(new Error('offline'), { code: 'Network' });
      return { status, header: () => undefined, bytes: async () => bytes };
    },
  };
}

class Client {
  readonly files: MemoryFiles = new Map();
  readonly line: Line = { cut: undefined, pushes: 0, subject: 1 };
  readonly transport = lineTo(this.line);
  db!: SyncDatabase;

  constructor(readonly seed: number) {}

  async open(files: MemoryFiles = this.files): Promise<this> {
    this.db = await testDatabase({ files, transport: this.transport, seed: this.seed, core });
    return this;
  }

  pull = () => this.db.pull(SERVER, 'notes');
  notes = (): Promise<EngineCollection> => this.db.opened('notes');
  push = async () => pushOutbox(await this.notes(), this.transport, PUSH, {});

  async reopen(): Promise<void> {
    await this.db.close();
    await this.open();
  }

  async texts(): Promise<readonly string[]> {
    return textsOf(await this.db.collection('notes'));
  }
}

async function textsOf(collection: Pick<Collection, 'query'>): Promise<readonly string[]> {
  return (await collection.query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

const ofServer = async (): Promise<readonly string[]> => textsOf(await server.collection('notes'));

async function client(seed: number): Promise<Client> {
  const made = await new Client(seed).open();
  await made.pull();
  return made;
}

beforeEach(async () => {
  core ??= await testCore();
  server = await testDatabase({ seed: 77, core });
  await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  const notes = await server.collection('notes');
  await notes.insert([row(1, 'one'), row(2, 'two')]);
  await notes.flush();
});

describe('own writes', () => {
  test('are seen at once, by every read, and after a reopening', async () => {
    const a = await client(1);
    const notes = await a.notes();
    await notes.upsert([row(2, 'mine'), row(3, 'new')]);
    await notes.delete({ ids: [1] });
    for (let round = 0; round < 2; round++) {
      expect(await a.texts()).toEqual(['2:mine', '3:new']);
      const { hits } = await (await a.notes()).search({ data: [3, 1], limit: 3, outputFields: ['text'] });
      expect(hits.map(({ fields }) => fields['text'])).toEqual(['new', 'mine']);
      expect((await a.notes()).outbox).toMatchObject({ unsent: 2, pending: 2 });
      await a.reopen();
    }
    expect(await ofServer()).toEqual(['1:one', '2:two']);
  });

  test('stay over what is pulled until they are sent and sealed, and then leave nothing', async () => {
    const a = await client(1);
    await (await a.notes()).upsert([row(2, 'mine')]);
    await (await server.collection('notes')).upsert([row(5, 'server')]);
    await server.opened('notes').then((notes) => notes.flush());
    await a.pull();
    expect(await a.texts()).toEqual(['1:one', '2:mine', '5:server']);
    expect(await a.push()).toMatchObject({ batches: 1, refused: 0 });
    expect(await ofServer()).toEqual(['1:one', '2:mine', '5:server']);
    expect((await a.notes()).outbox).toMatchObject({ unsent: 0, pending: 1 });
    await a.pull();
    expect((await a.notes()).outbox).toMatchObject({ unsent: 0, pending: 1 });
    await (await server.collection('notes')).flush();
    await a.pull();
    expect((await a.notes()).outbox).toMatchObject({ unsent: 0, pending: 0 });
    expect(await a.texts()).toEqual(['1:one', '2:mine', '5:server']);
    await a.reopen();
    expect(await a.texts()).toEqual(['1:one', '2:mine', '5:server']);
    expect(await a.push()).toMatchObject({ batches: 0 });
  });

  test('of two copies end in the same rows, the later of each', async () => {
    const [a, b] = [await client(1), await client(2)];
    await (await a.notes()).upsert([row(1, 'a first')]);
    for (let tick = 0; tick < 50; tick++) await (await b.notes()).upsert([row(1, `b ${tick}`)]);
    await b.push();
    await a.push();
    await (await server.collection('notes')).flush();
    await Promise.all([a.pull(), b.pull()]);
    expect(await a.texts()).toEqual(await b.texts());
    expect(await a.texts()).toEqual(['1:b 49', '2:two']);
  });

  test('that are cut off on the way, either way, are sent again and applied once', async () => {
    const a = await client(1);
    await (await a.notes()).upsert([row(3, 'three')]);
    a.line.cut = 'request';
    await expect(a.push()).rejects.toThrow('offline');
    a.line.cut = 'answer';
    await expect(a.push()).rejects.toThrow('offline');
    a.line.cut = undefined;
    await (await server.collection('notes')).upsert([row(3, 'later')]);
    await a.reopen();
    expect(await a.push()).toMatchObject({ batches: 1, refused: 0 });
    expect(await ofServer()).toEqual(['1:one', '2:two', '3:later']);
  });

  test('of a copied profile are all kept: the second to push takes another number', async () => {
    const a = await client(1);
    await (await a.notes()).upsert([row(3, 'before')]);
    await a.push();
    await a.db.close();
    const b = new Client(2);
    await a.open();
    await b.open(structuredClone(a.files));
    await (await a.notes()).upsert([row(4, 'of a')]);
    await (await b.notes()).upsert([row(5, 'of b')]);
    await a.push();
    await b.push();
    expect(await ofServer()).toEqual(['1:one', '2:two', '3:before', '4:of a', '5:of b']);
    await (await b.notes()).upsert([row(6, 'of b')]);
    expect(await b.push()).toMatchObject({ batches: 1 });
  });

  test('that a server which was restored has lost are sent again', async () => {
    const a = await client(1);
    await (await a.notes()).upsert([row(3, 'three')]);
    await a.push();
    const forgotten = server;
    server = await testDatabase({ seed: 78, core });
    await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    await (await a.notes()).upsert([row(4, 'four')]);
    await a.push();
    expect(await ofServer()).toEqual(['3:three', '4:four']);
    await forgotten.close();
  });

  test('that the server refuses go on a list, and are shown no more', async () => {
    const a = await client(1);
    const notes = await a.notes();
    await notes.upsert([row(3, 'three')]);
    await notes.upsert([row(4, 'four')]);
    await server.dropCollection('notes');
    await server.createCollection({ name: 'notes', fields: FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 4 } : field)), properties: { 'sync.push': true } });
    expect(await a.push()).toMatchObject({ batches: 2, refused: 1 });
    expect(await ofServer()).toEqual(['4:four']);
    expect(await a.texts()).toEqual(['1:one', '2:two', '4:four']);
    const told = (await a.notes()).outbox?.refused ?? [];
    expect(told).toMatchObject([{ lsn: 1n, code: 'InvalidArgument', message: expect.stringContaining('field "text"') as string }]);
    await a.reopen();
    expect(await a.texts()).toEqual(['1:one', '2:two', '4:four']);
    await (await a.notes()).outbox?.discard([1n]);
    await a.reopen();
    expect(await a.texts()).toEqual(['1:one', '2:two', '4:four']);
    expect((await a.notes()).outbox?.refused).toEqual([]);
  });

  test('that were not refused stay, whatever is discarded', async () => {
    const a = await client(1);
    const notes = await a.notes();
    await notes.upsert([row(3, 'three')]);
    for (const id of ['1', '2', '99']) await a.db.discardRefused('notes', [id]);
    await notes.upsert([row(4, 'four')]);
    await (await server.collection('notes')).upsert([row(5, 'server')]);
    await (await server.collection('notes')).flush();
    await a.pull();
    expect(await a.texts()).toEqual(['1:one', '2:two', '3:three', '4:four', '5:server']);
    await a.reopen();
    expect(await a.texts()).toEqual(['1:one', '2:two', '3:three', '4:four', '5:server']);
  });

  test.each(['kept on the list', 'discarded'])('that were refused are not sent again by another number of the copy: %s', async (which) => {
    const a = await client(1);
    const notes = await a.notes();
    await notes.upsert([row(3, 'three')]);
    await notes.upsert([row(4, 'four')]);
    await server.dropCollection('notes');
    await server.createCollection({ name: 'notes', fields: FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 4 } : field)), properties: { 'sync.push': true } });
    expect(await a.push()).toMatchObject({ batches: 2, refused: 1 });
    if (which === 'discarded') await a.db.discardRefused('notes', ['1']);
    // It would take both.
    await server.dropCollection('notes');
    await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    await notes.upsert([row(5, 'five')]);
    expect(await a.push()).toMatchObject({ refused: 0 });
    expect(await ofServer()).toEqual(['4:four', '5:five']);
    expect(await a.texts()).toEqual(['1:one', '2:two', '4:four', '5:five']);
    expect((await a.db.listRefused('notes')).map(({ keys }) => keys)).toEqual(which === 'discarded' ? [] : [[3n]]);
    await notes.upsert([row(6, 'six')]);
    expect(await a.push()).toMatchObject({ batches: 1, refused: 0 });
    expect(a.line.pushes).toBe(4);
  });

  test('of somebody else than before are refused whole, and stay here', async () => {
    const a = await client(1);
    await (await a.notes()).upsert([row(3, 'three')]);
    await a.push();
    await (await a.notes()).upsert([row(4, 'four')]);
    a.line.subject = 2;
    await expect(a.push()).rejects.toMatchObject({ code: 'ReadOnly' });
    expect(await a.texts()).toEqual(['1:one', '2:two', '3:three', '4:four']);
    a.line.subject = 1;
    expect(await a.push()).toMatchObject({ batches: 1 });
  });
});

test('a copy of a collection that takes no pushes is read-only, and nothing but rows of one that does changes', async () => {
  await server.createCollection({ name: 'plain', dimension: 2 });
  const a = await client(1);
  await a.db.pull(SERVER, 'plain');
  await expect((await a.db.collection('plain')).insert([{ id: 1, vector: [1, 2] }])).rejects.toMatchObject({ code: 'ReadOnly' });
  for (const change of [a.db.addField('notes', { name: 'x', type: 'Int8', nullable: true }), a.db.truncateCollection('notes'), a.db.alterCollectionProperties('notes', { x: 1 }), (await a.notes()).compact()]) {
    await expect(change).rejects.toMatchObject({ code: 'ReadOnly' });
  }
  await (await a.notes()).flush();
});

test('a copy with own writes that wait is not replaced by another collection of that name', async () => {
  const a = await client(1);
  await (await a.notes()).upsert([row(3, 'mine')]);
  await server.dropCollection('notes');
  await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  await expect(a.pull()).rejects.toMatchObject({ code: 'ReadOnly' });
  expect(await a.texts()).toEqual(['1:one', '2:two', '3:mine']);
  await a.db.dropCollection('notes');
  expect(await a.pull()).toMatchObject({ rows: 0 });
});

test('a push that is cut into parts by its size arrives whole and in order, and reads what waits once', async () => {
  const a = await client(1);
  const storage = memoryStorage(a.files);
  const read = vi.spyOn(storage, 'read');
  const readOfLogs = (): number => read.mock.calls.filter(([key]) => key.includes('/wal/')).length;
  await a.db.close();
  a.db = await testDatabase({ storage, transport: a.transport, seed: 1, core });
  const notes = await a.notes();
  for (let batch = 0; batch < 30; batch++) await notes.upsert(Array.from({ length: 1000 }, (_, at) => row(10 + at, `round ${batch}`)), { ack: 'memory' });
  await notes.flush();
  const before = readOfLogs();
  const { batches } = await a.push();
  expect(batches).toBe(30);
  expect(a.line.pushes).toBeGreaterThan(1);
  expect(readOfLogs() - before).toBe(1);
  expect(await (await server.collection('notes')).count('text == "round 29"')).toBe(1000);
});
