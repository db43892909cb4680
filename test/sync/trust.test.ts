// Whom a copy believes: nothing that is tampered with, rolled back, withheld, or signed by somebody else is taken, and each is told apart.

import { beforeEach, describe, expect, test } from 'vitest';
import { bytesOfHex, hexOf } from '../../src/format/bytes.js';
import { decodeHead, encodeHead, signedBytes, type SignedHead } from '../../src/format/head.js';
import { webSignatures } from '../../src/platform/signatures.js';
import type { Core } from '../../src/ports/core.js';
import type { Transport } from '../../src/ports/transport.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import type { Outbox } from '../../src/engine/write/outbox.js';
import { Heads, type ServedHead } from '../../src/sync/heads.js';
import type { PullOptions } from '../../src/engine/api.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const SEED = Uint8Array.from({ length: 32 }, (_, at) => at);
const HOUR = 3_600_000;
let core: Core;
let server: SyncDatabase;
let heads: Heads;
/** What the server says its head is; by default what it is. */
let shown: (head: ServedHead) => Promise<{ readonly bytes: Uint8Array; readonly publicKey: string }>;
let ranges: number;

async function served(): Promise<ServedHead> {
  return heads.head(await server.headOf('c'));
}

const transport: Transport = {
  async get(request) {
    ranges++;
    if (!request.url.endsWith('/head')) return transportTo(() => server).get(request);
    const { bytes, publicKey } = await shown(await served());
    return { status: 200, header: (name) => (name === 'elanus-public-key' ? publicKey : undefined), bytes: async () => Uint8Array.from(bytes) };
  },
};

async function write(id: number): Promise<void> {
  const collection = await server.collection('c');
  await collection.insert([{ id, vector: [id, 1] }]);
  await collection.flush();
}

async function client(files: MemoryFiles = new Map(), ahead = 0): Promise<SyncDatabase> {
  const ambient = testAmbient(4);
  return testDatabase({ files, transport, core, ambient: { ...ambient, nowMs: () => ambient.nowMs() + ahead }, signatures: webSignatures });
}

const pull = (db: SyncDatabase, options: PullOptions = { trust: 'first' }) => db.pull(SERVER, 'c', options);

/** `head` with other members, signed by the server's key, or by that of another. */
async function forged(head: ServedHead, change: Partial<SignedHead>, seed = SEED): Promise<{ readonly bytes: Uint8Array; readonly publicKey: string }> {
  const signer = await webSignatures.signer(seed);
  const changed = { ...decodeHead(head.bytes, 'head'), ...change };
  return { bytes: encodeHead({ ...changed, signature: hexOf(await signer.sign(signedBytes(changed))) }), publicKey: hexOf(signer.publicKey) };
}

beforeEach(async () => {
  core ??= await testCore();
  server = await testDatabase({ seed: 5, core });
  heads = new Heads(await webSignatures.signer(SEED), testAmbient(6));
  shown = async (head) => head;
  ranges = 0;
  await server.createCollection({ name: 'c', dimension: 2 });
  await write(1);
});

test('a copy follows a server that signs, asks for the head alone where nothing changed, and needs no option from then on', async () => {
  const files: MemoryFiles = new Map();
  const db = await client(files);
  expect(await pull(db)).toMatchObject({ rows: 1 });
  await write(2);
  expect(await pull(db, {})).toMatchObject({ rows: 2 });
  ranges = 0;
  expect(await pull(db, {})).toMatchObject({ filesFetched: 0 });
  expect(ranges).toBe(1);
  await db.close();
  shown = async (head) => forged(head, {}, Uint8Array.from({ length: 32 }, () => 9));
  await expect(pull(await client(files), {})).rejects.toMatchObject({ code: 'Untrusted', reason: 'signature' });
});

test('a server that says, signed, that its data were put back may show less than before, and never again what it had before that', async () => {
  const db = await client();
  await write(2);
  await pull(db);
  const before = await served();
  const older = await testDatabase({ seed: 5, core });
  await older.createCollection({ name: 'c', dimension: 2 });
  await (await older.collection('c')).insert([{ id: 1, vector: [1, 1] }]);
  await (await older.collection('c')).flush();
  server = older;
  await expect(pull(db)).rejects.toMatchObject({ code: 'Untrusted' });
  heads = new Heads(await webSignatures.signer(SEED), testAmbient(6), undefined, 7);
  expect(await pull(db)).toMatchObject({ rows: 1 });
  shown = async () => before;
  await expect(pull(db)).rejects.toMatchObject({ code: 'Untrusted', reason: 'rollback' });
});

test.each([
  ['that opens', false],
  ['that does not open, as its manifests are damaged', true],
])('own writes that a server had before its data were put back are sent again, of a copy %s', async (_, damaged) => {
  const files: MemoryFiles = new Map();
  const start = async (): Promise<void> => {
    server = await testDatabase({ seed: 5, core });
    await server.createCollection({ name: 'c', dimension: 2, properties: { 'sync.push': true } });
    await write(1);
  };
  await start();
  const db = await client(files);
  await pull(db);
  const { outbox, upsert } = await db.opened('c').then((copy) => ({ outbox: copy.outbox as Outbox, upsert: copy.upsert.bind(copy) }));
  await upsert([{ id: 9, vector: [9, 1] }]);
  const sent = await outbox.next([]);
  if (sent === undefined) throw new Error('nothing to send');
  const answer = await (await server.opened('c')).receive(sent.push, new Uint8Array(8));
  if (answer.kind !== 'taken') throw new Error(answer.kind);
  await outbox.answered(sent, answer);
  expect(outbox.unsent).toBe(0);
  await db.close();
  if (damaged) for (const [key, { bytes }] of files) if (key.includes('/manifest/')) bytes[20] = (bytes[20] as number) ^ 1;
  await start();
  heads = new Heads(await webSignatures.signer(SEED), testAmbient(6), undefined, 7);
  const again = await client(files);
  await pull(again, {});
  expect((await again.opened('c')).outbox).toMatchObject({ unsent: 1, pending: 1 });
  expect(await (await again.collection('c')).count()).toBe(2);
});

test('a head of other rows than were asked for is not taken, and its manifest not asked for', async () => {
  const db = await client();
  await pull(db);
  await write(2);
  shown = async (head) => forged(head, { scope: { asked: 'a'.repeat(16), rows: 'b'.repeat(16) } });
  ranges = 0;
  await expect(pull(db)).rejects.toMatchObject({ code: 'Untrusted', reason: 'scope' });
  expect(ranges).toBe(1);
});

describe('what is not taken', () => {
  let files: MemoryFiles;
  let db: SyncDatabase;
  beforeEach(async () => {
    files = new Map();
    db = await client(files);
    await pull(db);
  });

  async function refuses(reason: string, options: PullOptions = {}): Promise<void> {
    await expect(pull(db, options)).rejects.toMatchObject({ code: 'Untrusted', reason });
    expect(await (await db.collection('c')).count()).toBe(1);
  }

  test('a head that is changed in any member', async () => {
    await write(2);
    for (const change of [{ version: 99 }, { expiresMs: 4_000_000_000_000 }, { manifest: { sha256: 'a'.repeat(64), sizeBytes: 9 } }, { parent: 'b'.repeat(64) }] as const) {
      shown = async (head) => ({ ...head, bytes: encodeHead({ ...decodeHead(head.bytes, 'head'), ...change }) });
      await refuses('signature');
    }
  });

  test('a head that somebody else signed, also if he names the key that we know', async () => {
    await write(2);
    const other = Uint8Array.from({ length: 32 }, () => 7);
    shown = async (head) => forged(head, {}, other);
    await refuses('signature');
    shown = async (head) => forged(head, { keyId: 'f'.repeat(16) }, other);
    await refuses('key');
    await expect((await client()).pull(SERVER, 'c', { trust: ['0'.repeat(64)] })).rejects.toMatchObject({ reason: 'key' });
  });

  test('a head of before, whole and well signed', async () => {
    const old = await served();
    await write(2);
    await pull(db, {});
    shown = async () => old;
    await expect(pull(db, {})).rejects.toMatchObject({ code: 'Untrusted', reason: 'rollback' });
    await db.close();
    await expect(pull(await client(files), {})).rejects.toMatchObject({ code: 'Untrusted', reason: 'rollback' });
    expect(await (await (await client(files)).collection('c')).count()).toBe(2);
  });

  test('a head that has expired, by the clock of the copy', async () => {
    await db.close();
    db = await client(files, 25 * HOUR);
    await refuses('expired');
  });

  test('another history under the same version, or under the next', async () => {
    shown = async (head) => forged(head, { manifest: { sha256: 'a'.repeat(64), sizeBytes: 9 } });
    await refuses('fork');
    shown = async (head) => forged(head, { version: decodeHead(head.bytes, 'head').version + 1 });
    await refuses('fork');
  });

  test('another collection', async () => {
    shown = async (head) => forged(head, { collection: '0123456789abcdef' });
    await refuses('collection');
  });

  test('a manifest that is not the one of the head', async () => {
    await write(2);
    const head = await served();
    await write(3);
    shown = async () => head;
    await refuses('signature');
  });

  test('bytes that are no head', async () => {
    shown = async (head) => ({ ...head, bytes: head.bytes.slice(0, -1) });
    await expect(pull(db, {})).rejects.toMatchObject({ code: 'Corrupt' });
  });
});

test('a key that is given may be changed for another that is given', async () => {
  const db = await client();
  const next = Uint8Array.from({ length: 32 }, () => 3);
  const keys = await Promise.all([SEED, next].map(async (seed) => hexOf((await webSignatures.signer(seed)).publicKey)));
  await pull(db, { trust: keys });
  shown = async (head) => forged(head, { keyId: hexOf(await testAmbient(1).sha256(bytesOfHex(keys[1] ?? ''))).slice(0, 16) }, next);
  await write(2);
  expect(await pull(db, { trust: keys })).toMatchObject({ rows: 2 });
});

test('a head is signed anew before it expires, and not before that', async () => {
  let now = 1_000_000;
  const own = new Heads(await webSignatures.signer(SEED), { ...testAmbient(1), nowMs: () => now });
  const of = await server.headOf('c');
  const first = await own.head(of);
  now += 11 * HOUR;
  expect((await own.head(of)).bytes).toEqual(first.bytes);
  now += 2 * HOUR;
  expect((await own.head(of)).bytes).not.toEqual(first.bytes);
});

test.each([['none'], [[]], [['xyz']]])('trust in %j is refused', async (trust) => {
  await expect(pull(await client(), { trust: trust as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
});
