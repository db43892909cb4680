// Copies of some rows: whatever is written, deleted, merged and indexed, they hold the rows of the collection that the rule lets
// through, by a model in JavaScript; their files follow from the rows alone, and go when nobody needs them.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Collection, PullOptions } from '../../src/engine/api.js';
import { ruleOf, type AnyScope, type RowScope } from '../../src/model/row-scope.js';
import type { Core } from '../../src/ports/core.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { random } from '../support/random.js';
import { transportTo, type Wire } from '../support/transport.js';

const SERVER = 'http://server';
let core: Core;
beforeAll(async () => {
  core = await testCore();
});

interface ModelRow {
  readonly id: number;
  readonly tenant: string;
  readonly n: number;
  readonly part: string;
}

const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'tenant', type: 'VarChar', maxLength: 8, enableAnalyzer: true, enableMatch: true },
  { name: 'n', type: 'Int32', nullable: true },
  { name: 'v', type: 'FloatVector', dim: 4, metric: 'L2' },
] as const;
const PARTS = ['_default', 'north', 'south'];
const vectorOf = (id: number): number[] => [id % 7, id % 11, id % 13, 1];

/** What the rows are by the words of the scope, and by a function that knows nothing of filters. */
const SCOPES: readonly (readonly [RowScope, (row: ModelRow) => boolean])[] = [
  [{ filter: 'tenant == "a"' }, ({ tenant }) => tenant === 'a'],
  [{ filter: 'n >= 40 or tenant == "c"' }, ({ n, tenant }) => n >= 40 || tenant === 'c'],
  [{ partitions: ['north'] }, ({ part }) => part === 'north'],
  [{ partitions: ['_default', 'south'], filter: 'not (tenant in ["a", "b"])' }, ({ part, tenant }) => part !== 'north' && tenant === 'c'],
  [{ filter: 'TEXT_MATCH(tenant, "b")' }, ({ tenant }) => tenant === 'b'],
  [{ filter: 'n is null' }, () => false],
  [{ filter: 'n is not null' }, () => true],
];

function optionsOf({ partitions, filter }: RowScope): PullOptions {
  return { ...(partitions === undefined ? {} : { partitions }), ...(filter === undefined ? {} : { filter }) };
}

async function rowsOf(db: SyncDatabase): Promise<readonly string[]> {
  const rows = await (await db.collection('c')).query({ outputFields: ['id', 'tenant', 'n', 'v'] });
  return rows.map(({ id, tenant, n, v }) => `${String(id)} ${String(tenant)} ${String(n)} ${Array.from(v as Float32Array).join()}`).sort();
}

const textOf = ({ id, tenant, n }: ModelRow): string => `${id} ${tenant} ${n} ${vectorOf(id).join()}`;

async function write(collection: Collection, model: Map<number, ModelRow>, next: () => number): Promise<void> {
  const pick = (count: number): number => Math.floor(next() * count);
  const part = PARTS[pick(3)] as string;
  if (next() < 0.3) {
    const ids = Array.from({ length: pick(8) + 1 }, () => pick(120));
    await collection.delete({ ids });
    for (const id of ids) model.delete(id);
    return;
  }
  const rows = new Map(Array.from({ length: pick(25) + 1 }, () => {
    const id = pick(120);
    return [id, { id, tenant: ['a', 'b', 'c'][pick(3)] as string, n: pick(80), part }] as const;
  }));
  await collection.upsert(Array.from(rows.values(), ({ id, tenant, n }) => ({ id, tenant, n, v: vectorOf(id) })), { partitionName: part });
  for (const [id, row] of rows) model.set(id, row);
}

test.each([11, 12, 13])('whatever is done, each copy is the filter over the whole: seed %i', async (seed) => {
  const next = random(seed);
  const server = await testDatabase({ core, seed });
  await server.createCollection({ name: 'c', fields: FIELDS });
  for (const name of PARTS.slice(1)) await server.createPartition('c', name);
  const collection = await server.collection('c');
  const copies = await Promise.all(SCOPES.map(([, holds], at) => testDatabase({ core, seed: 100 + at, transport: transportTo(() => server) }).then((db) => ({ db, holds, scope: (SCOPES[at] as (typeof SCOPES)[number])[0] }))));
  const model = new Map<number, ModelRow>();
  for (let round = 0; round < 12; round++) {
    for (let writes = 0; writes <= next() * 3; writes++) await write(collection, model, next);
    await collection.flush();
    if (next() < 0.25) await collection.compact();
    for (const { db, holds, scope } of copies) {
      if (next() < 0.3) continue;
      await db.pull(SERVER, 'c', optionsOf(scope));
      expect(await rowsOf(db), `round ${round} of ${JSON.stringify(scope)}`).toEqual([...model.values()].filter(holds).map(textOf).sort());
    }
  }
  expect(model.size).toBeGreaterThan(20);
  for (const { db } of copies) await db.close();
  await server.close();
});

async function bigServer(files: MemoryFiles = new Map()): Promise<SyncDatabase> {
  const server = await testDatabase({ core, files, seed: 3 });
  if (files.size > 1) return server;
  await server.createCollection({ name: 'c', fields: FIELDS });
  const collection = await server.collection('c');
  const next = random(5);
  await collection.insert(Array.from({ length: 4500 }, (_, id) => ({ id, tenant: id % 3 === 0 ? 'a' : 'b', n: id, v: [next(), next(), next(), next()] })));
  await collection.flush();
  await server.createIndex('c', { fieldName: 'v', indexName: 'v', indexType: 'HNSW', params: {} });
  await expect.poll(async () => (await server.describeCollection('c')).indexedSegments, { timeout: 30_000 }).toBe(1);
  return server;
}

const A = { asked: { filter: 'tenant == "a"' }, rule: [[{ filter: 'tenant == "a"' }]] };

describe('of a large segment', () => {
  test('it has an index of its own, and answers as a search of the whole with that filter does', async () => {
    const server = await bigServer();
    const client = await testDatabase({ core, seed: 9, transport: transportTo(() => server) });
    await client.pull(SERVER, 'c', { filter: 'tenant == "a"' });
    expect(await client.describeCollection('c')).toMatchObject({ rows: 1500, indexedSegments: 1 });
    const [whole, copy] = [await server.collection('c'), await client.collection('c')];
    for (const data of [[0.1, 0.9, 0.3, 0.5], [0.7, 0.2, 0.2, 0.9]]) {
      const exact = await whole.search({ data, limit: 10, recall: 1, filter: 'tenant == "a"' });
      expect((await copy.search({ data, limit: 10, recall: 1 })).hits).toEqual(exact.hits);
      const near = new Set((await copy.search({ data, limit: 10 })).hits.map(({ id }) => id));
      expect(exact.hits.filter(({ id }) => near.has(id)).length).toBeGreaterThanOrEqual(8);
    }
  });

  test('texts are found in it by an index of its own', async () => {
    const server = await testDatabase({ core, seed: 31 });
    const fields = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 40, enableAnalyzer: true }, { name: 'v', type: 'Float16Vector', dim: 4, metric: 'COSINE', nullable: true }, { name: 'words', type: 'SparseFloatVector' }] as const;
    await server.createCollection({ name: 'c', fields, functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }] });
    const collection = await server.collection('c');
    await collection.insert(Array.from({ length: 3000 }, (_, id) => ({ id, text: `${id % 2 === 0 ? 'even' : 'odd'} number ${id}`, v: id % 5 === 0 ? null : vectorOf(id + 1) })));
    await collection.flush();
    await expect.poll(async () => new TextDecoder().decode((await server.servedManifest('c')).bytes), { timeout: 30_000 }).toMatch(/idx-sparse-/);
    const { bytes } = await server.servedManifest('c', { asked: { filter: 'id % 2 == 1' }, rule: [[{ filter: 'id % 2 == 1' }]] });
    expect(new TextDecoder().decode(bytes)).toMatch(/idx-sparse-/);
    const client = await testDatabase({ core, seed: 32, transport: transportTo(() => server) });
    expect(await client.pull(SERVER, 'c', { filter: 'id % 2 == 1' })).toMatchObject({ rows: 1500 });
    const copy = await client.collection('c');
    expect((await copy.search({ annsField: 'words', data: 'number 1001', limit: 1 })).hits).toMatchObject([{ id: 1001n }]);
    expect((await copy.search({ annsField: 'words', data: 'even', limit: 5 })).hits).toEqual([]);
    const request = { outputFields: ['id', 'text', 'v'], filter: 'id % 2 == 1' } as const;
    expect(await copy.query(request)).toEqual(await collection.query(request));
  });

  test('its files are the same in every making, and are there while they are needed', async () => {
    const files: MemoryFiles = new Map();
    const scoped = (): readonly string[] => [...files.keys()].filter((key) => key.includes('/scoped/'));
    const server = await bigServer(files);
    const before = await server.servedManifest('c', A);
    expect(scoped()).toHaveLength(2);
    await server.close();
    expect(scoped()).toEqual([]);
    const again = await bigServer(files);
    expect((await again.servedManifest('c', A)).etag).toBe(before.etag);
    expect(scoped()).toHaveLength(2);
    const collection = await again.collection('c');
    await collection.delete({ ids: [0, 1] });
    await collection.flush();
    await again.servedManifest('c', A);
    // The deletions of one row are one file more; nothing was built anew.
    expect(scoped()).toHaveLength(3);
    await again.dropCollection('c');
    expect(scoped()).toEqual([]);
  });

  test('room is made with its files, which are made again', async () => {
    const files: MemoryFiles = new Map();
    const server = await bigServer(files);
    const { bytes, etag } = await server.servedManifest('c', A);
    const [, sha = ''] = /rows-([0-9a-f]{64})/.exec(new TextDecoder().decode(bytes)) ?? [];
    const spares = await (await server.opened('c')).scoped.spares(memoryStorage(files));
    expect(spares).toHaveLength(2);
    for (const { remove } of spares) await remove();
    expect([...files.keys()].filter((key) => key.includes('/scoped/'))).toEqual([]);
    const file = await server.servedFile('c', sha, A);
    expect((await file?.read())?.length).toBe(file?.sizeBytes);
    expect((await server.servedManifest('c', A)).etag).toBe(etag);
  });
});

test('a key of the dynamic field that becomes a field of its own means that from then on', async () => {
  const server = await testDatabase({ core, seed: 41 });
  await server.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 4, metric: 'L2' }], enableDynamicField: true });
  const collection = await server.collection('c');
  await collection.insert([{ id: 1, color: 'red', v: vectorOf(1) }, { id: 2, color: 'blue', v: vectorOf(2) }]);
  await collection.flush();
  const client = await testDatabase({ core, seed: 42, transport: transportTo(() => server) });
  const scope = { filter: 'color == "red"' };
  const found = async (): Promise<readonly unknown[]> => (await client.pull(SERVER, 'c', scope), (await (await client.collection('c')).query({ outputFields: ['id'] })).map(({ id }) => id));
  expect(await found()).toEqual([1n]);
  await server.addField('c', { name: 'color', type: 'VarChar', maxLength: 8, nullable: true });
  await collection.insert([{ id: 3, color: 'red', v: vectorOf(3) }] as never);
  await collection.flush();
  const whole = (await (await server.collection('c')).query({ filter: scope.filter, outputFields: ['id'] })).map(({ id }) => id);
  expect(await found()).toEqual(whole);
});

describe('a copy that gets other rows', () => {
  async function pair(wire: Partial<Wire> = {}, files: MemoryFiles = new Map()) {
    const server = await testDatabase({ core, seed: 21 });
    await server.createCollection({ name: 'c', fields: FIELDS, properties: { 'sync.push': true } });
    const collection = await server.collection('c');
    await collection.insert(['a', 'b', 'c'].map((tenant, id) => ({ id, tenant, n: id, v: vectorOf(id) })));
    await collection.flush();
    const given: Wire = { requests: [], spoil: (_, bytes) => bytes, ...wire };
    return { server, wire: given, files, client: await testDatabase({ core, files, seed: 22, transport: transportTo(() => server, given) }) };
  }
  const ids = async (db: SyncDatabase): Promise<readonly string[]> => (await rowsOf(db)).map((text) => text.split(' ')[0] as string);

  test('has these at once, nothing of the others is left in its storage, and own writes stay', async () => {
    const { client, files } = await pair();
    await client.pull(SERVER, 'c', { filter: 'tenant == "a"' });
    const before = [...files.keys()].filter((key) => key.includes('/rows-'));
    await (await client.collection('c')).upsert([{ id: 9, tenant: 'z', n: 1, v: vectorOf(9) }] as never);
    await client.pull(SERVER, 'c', { filter: 'tenant == "b"' });
    expect(await ids(client)).toEqual(['1', '9']);
    const after = [...files.keys()].filter((key) => key.includes('/rows-'));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    await client.pull(SERVER, 'c');
    expect(await ids(client)).toEqual(['0', '1', '2', '9']);
  });

  test('has them when its user is granted others, and when it asks for what it is not granted, nothing', async () => {
    const { client, wire } = await pair({ granted: [{ filter: 'tenant == "a"' }, { filter: 'tenant == {user}', user: 'b' }] });
    await client.pull(SERVER, 'c');
    expect(await ids(client)).toEqual(['0', '1']);
    wire.granted = [{ filter: 'tenant == {user}', user: 'c' }];
    await client.pull(SERVER, 'c');
    expect(await ids(client)).toEqual(['2']);
    await client.pull(SERVER, 'c', { filter: 'tenant == "a"' });
    expect(await ids(client)).toEqual([]);
  });

  test('does not take those of a server that does not know of scopes', async () => {
    const { server } = await pair();
    const whole = transportTo(() => server);
    const client = await testDatabase({ core, seed: 23, transport: { get: (request) => whole.get({ ...request, url: request.url.replace(/\?.*$/, '') }) } });
    await expect(client.pull(SERVER, 'c', { filter: 'tenant == "a"' })).rejects.toMatchObject({ code: 'Untrusted', reason: 'scope' });
  });

  test('is told of nothing else: not which partitions there are or were, nor of who pushes, nor which files lack', async () => {
    const files: MemoryFiles = new Map();
    let server = await testDatabase({ core, seed: 24, files });
    await server.createCollection({ name: 'c', fields: FIELDS, properties: { 'sync.push': true } });
    for (const name of ['north', 'south', 'left']) await server.createPartition('c', name);
    const collection = await server.collection('c');
    for (const [id, partitionName] of ['north', 'south'].entries()) await collection.insert([{ id, tenant: 'a', n: id, v: vectorOf(id) }], { partitionName });
    await collection.flush();
    await server.dropPartition('c', 'left');
    const granted = [{ partitions: ['north'] }];
    const given = async (asked?: RowScope): Promise<Readonly<Record<string, unknown>>> => {
      const { bytes } = await server.servedManifest('c', { asked, rule: ruleOf(asked, granted) });
      return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>;
    };
    const { partitions, pushes, segments } = await given();
    expect(partitions).toMatchObject({ list: [{ name: '_default', number: 0 }, { name: 'north', number: 1 }], next: 2 });
    expect(Object.keys(pushes as object)).toEqual(['time']);
    expect(segments).toHaveLength(1);
    const [there, nowhere] = [await given({ partitions: ['south'] }), await given({ partitions: ['nowhere'] })];
    expect({ ...there, scope: 0, crc32c: 0 }).toEqual({ ...nowhere, scope: 0, crc32c: 0 });
    expect(there).toMatchObject({ segments: [], partitions: { list: [{ name: '_default' }], next: 1 } });
    const found = async (partitionNames?: readonly string[]) => server.answerSearch('c', { data: vectorOf(1), limit: 5, recall: 1, ...(partitionNames === undefined ? {} : { partitionNames }) }, [granted]);
    expect(await found(['south'])).toEqual({ hits: [[]], recall: 1 });
    expect(await found(['nowhere'])).toEqual({ hits: [[]], recall: 1 });
    for (const names of [undefined, [], ['north'], ['north', 'south', 'nowhere']]) expect((await found(names)).hits.map((hits) => hits.map(({ id }) => id))).toEqual([[0n]]);
    await expect(server.answerSearch('c', { data: vectorOf(1), limit: 5, partitionNames: ['nowhere'] })).rejects.toMatchObject({ code: 'NotFound' });
    await server.close();
    for (const key of files.keys()) if (key.includes('/rows-') && !key.includes('~')) files.delete(key);
    server = await testDatabase({ core, seed: 25, files });
    expect((await found()).missing).toEqual([{ file: '', reason: 'missing', rows: 0 }]);
    expect((await server.answerSearch('c', { data: vectorOf(1), limit: 5 })).missing).toEqual([{ file: expect.stringContaining('rows-') as string, reason: 'missing', rows: 2 }]);
  });

  test.each([[{ partitions: ['nowhere'] }, 'NotFound'], [{ filter: 'nofield == 1' }, 'InvalidFilter'], [{ filter: '' }, 'InvalidArgument'], [{ partitions: [] }, 'InvalidArgument'], [{ filter: 'x'.repeat(5000) }, 'InvalidArgument']])('is refused %j', async (options, code) => {
    const { client } = await pair();
    await expect(client.pull(SERVER, 'c', options)).rejects.toMatchObject({ code });
  });
});

test('scopes that mean the same have one id, and others another', async () => {
  const { ruleId } = await import('../../src/format/row-scope.js');
  const { webAmbient } = await import('../../src/platform/ambient.js');
  const id = (...rule: AnyScope[]): Promise<string> => ruleId(rule, (bytes) => webAmbient().sha256(bytes));
  const [a, b]: RowScope[] = [{ filter: 'a == 1' }, { partitions: ['x', 'y'], filter: 'b == 2', user: 'u' }];
  expect(await id([a, b], [a])).toBe(await id([a], [b, a, a], [a]));
  expect(new Set([await id([a], [b]), await id([a, b]), await id([a]), await id(), await id([{ ...b, user: 'v' }])]).size).toBe(5);
});
