// Writes that wait for the server: they resolve when it has them, for good, and fail with what it said; whatever becomes of that,
// they are kept here.

import { beforeEach, describe, expect, test } from 'vitest';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import { decodePush } from '../../src/format/push.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { SendingTransport } from '../../src/ports/transport.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { encodeAnswer } from '../../src/sync/push-answer.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';
import { NOTE_FIELDS } from './pusher.js';

const SERVER = 'http://server';
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let core: Core;
let server: SyncDatabase;
let serverFiles: MemoryFiles;
let files: MemoryFiles;
let copy: SyncDatabase;
let notes: EngineCollection;
/** What becomes of a push on its way: 'answer': it comes, and the answer does not. */
let cut: 'request' | 'answer' | undefined;
let pushes: (string | undefined)[];
let subject: number;

const transport: SendingTransport = {
  ...transportTo(() => server),
  async post({ body, headers }) {
    if (cut === 'request') throw new ElanusError('Network', 'no answer');
    pushes.push(headers?.['authorization']);
    const { status, bytes } = encodeAnswer(await (await server.opened('notes')).receive(decodePush(body, 'a push'), new Uint8Array(8).fill(subject)));
    if (cut === 'answer') throw new ElanusError('Network', 'no answer');
    return { status, header: () => undefined, bytes: async () => bytes };
  },
};

async function open(): Promise<void> {
  copy = await testDatabase({ files, transport, seed: 5, core });
}

beforeEach(async () => {
  core ??= await testCore();
  serverFiles = new Map();
  server = await testDatabase({ files: serverFiles, seed: 77, core });
  await server.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  cut = undefined;
  pushes = [];
  subject = 1;
  files = new Map();
  await open();
  await copy.pull(SERVER, 'notes', { headers: { authorization: 'Bearer of the pull' } });
  notes = await copy.opened('notes');
});

const texts = async (of: SyncDatabase): Promise<readonly string[]> => (await (await of.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();

/** What the server has after it died. */
async function afterCrash(): Promise<readonly string[]> {
  return texts(await testDatabase({ files: new Map(serverFiles), seed: 78, core }));
}

describe("a write that waits for the server ('remote')", () => {
  test('is there for good when it resolves: inserted, updated in part, deleted', async () => {
    await expect(notes.insert([row(1, 'a'), row(2, 'b'), row(3, 'c')], { ack: 'remote' })).resolves.toMatchObject({ count: 3 });
    expect(await afterCrash()).toEqual(['1:a', '2:b', '3:c']);
    await notes.upsert([{ id: 2, text: 'part' }], { ack: 'remote', partialUpdate: true });
    expect(await notes.delete({ ids: [1] }, { ack: 'remote' })).toEqual({ count: 1 });
    expect(await notes.delete({ filter: "text == 'c'" }, { ack: 'remote' })).toEqual({ count: 1 });
    expect(await afterCrash()).toEqual(['2:part']);
    expect(await texts(copy)).toEqual(['2:part']);
    expect(notes.outbox?.unsent).toBe(0);
  });

  test('takes what waited before it along, and what was sent by another is not sent again', async () => {
    await notes.insert([row(1, 'before')]);
    await Promise.all([notes.insert([row(2, 'x')], { ack: 'remote' }), notes.insert([row(3, 'y')], { ack: 'remote' }), notes.insert([row(4, 'z')], { ack: 'remote' })]);
    expect(await afterCrash()).toEqual(['1:before', '2:x', '3:y', '4:z']);
    expect(pushes.length).toBeLessThanOrEqual(3);
    expect(new Set(pushes)).toEqual(new Set(['Bearer of the pull']));
    const sent = pushes.length;
    await copy.push('notes', { headers: { authorization: 'Bearer of the push' } });
    await notes.insert([row(5, 'w')], { ack: 'remote' });
    expect(pushes.slice(sent)).toEqual(['Bearer of the push']);
  });

  test.each(['request', 'answer'] as const)('fails without a network (%s lost), is kept, and is sent later, once', async (lost) => {
    cut = lost;
    await expect(notes.insert([row(1, 'a')], { ack: 'remote' })).rejects.toMatchObject({ code: 'Network' });
    expect(await texts(copy)).toEqual(['1:a']);
    expect(notes.outbox?.unsent).toBe(1);
    await copy.close();
    await open();
    cut = undefined;
    notes = await copy.opened('notes');
    await notes.insert([row(2, 'b')], { ack: 'remote' });
    expect(await afterCrash()).toEqual(['1:a', '2:b']);
  });

  test('fails with what the server says of its batch, which is on the list; others do not', async () => {
    await notes.insert([row(1, 'a long text indeed')]);
    await server.dropCollection('notes');
    await server.createCollection({ name: 'notes', fields: NOTE_FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 5 } : field)), properties: { 'sync.push': true } });
    await expect(notes.insert([row(2, 'short')], { ack: 'remote' })).resolves.toMatchObject({ count: 1 });
    await expect(notes.insert([row(3, 'another long one')], { ack: 'remote' })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('field "text"') as string });
    expect(await afterCrash()).toEqual(['2:short']);
    expect((await copy.listRefused('notes')).map(({ keys }) => keys)).toEqual([[1n], [3n]]);
    expect(await texts(copy)).toEqual(['2:short']);
  });

  test('fails where the server knows the copy as that of somebody else', async () => {
    await notes.insert([row(1, 'a')], { ack: 'remote' });
    subject = 2;
    await expect(notes.insert([row(2, 'b')], { ack: 'remote' })).rejects.toMatchObject({ code: 'ReadOnly' });
    expect(await texts(copy)).toEqual(['1:a', '2:b']);
  });

  test('is refused where there is no server to wait for, and nothing is written', async () => {
    await copy.createCollection({ name: 'own', dimension: 2 });
    const own = await copy.collection('own');
    await expect(own.insert([{ id: 1, vector: [1, 2] }], { ack: 'remote' })).rejects.toMatchObject({ code: 'Unsupported' });
    await expect(own.delete({ ids: [1] }, { ack: 'remote' })).rejects.toMatchObject({ code: 'Unsupported' });
    expect(await own.count()).toBe(0);
  });
});
