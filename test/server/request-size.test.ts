// How large a request may be, by what it carries, and how much may be made of it in one go, over REST and gRPC.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ELEMENTS_MAX } from '../../src/server/grpc/elements.js';
import { milvusProtos } from '../../src/server/grpc/protos.js';
import { VERBS } from '../../src/server/grpc/table.js';
import { NAMES_MAX } from '../../src/server/json.js';
import { PUBLIC_BYTES_MAX, sizeMaxOf, SMALL_BYTES_MAX } from '../../src/server/request-size.js';
import { ROUTES } from '../../src/server/rest/table.js';
import { encoded } from './grpc/protos.js';
import { rawClient, type RawClient } from './grpc/raw-client.js';
import { startGrpcServer, type GrpcTestServer } from './grpc/support.js';
import { postText } from './support.js';

const BYTES_MAX = 64 * 1024 * 1024;

let server: GrpcTestServer;
let raw: RawClient;
beforeAll(async () => {
  server = await startGrpcServer();
  raw = rawClient(server.address);
});
afterAll(async () => {
  raw.close();
  await server.close();
});

/** `count` times the same two bytes: a member of a list with nothing in it. */
const repeated = (field: number, count: number): Buffer => Buffer.alloc(2 * count, Buffer.from([(field << 3) | 2, 0]));
const EXTRA_PARAMS = 5;
const over = (bytesMax: number, field = 200): Buffer => {
  const bytes = Buffer.alloc(bytesMax + 1);
  // One member that nobody knows, with the rest as its value.
  bytes.set([((field << 3) | 2) & 127 | 128, (field << 3) >> 7]);
  return bytes;
};
/** The status of what these bytes are answered with. */
async function statusOf(name: string, bytes: Buffer): Promise<{ readonly code: number; readonly reason: string }> {
  const procedure = milvusProtos().procedures().find((one) => one.name === name);
  const answer = procedure?.response.decode(await raw.send(name, bytes)) as { readonly status?: { readonly code: number; readonly reason: string } };
  return answer.status ?? (answer as { readonly code: number; readonly reason: string });
}
const codeOf = async (name: string, bytes: Buffer): Promise<number> => (await statusOf(name, bytes)).code;

describe('over gRPC', () => {
  test('what carries rows, keys or a filter may be as large as any, and is decoded by a codec of its own; all else is small', () => {
    const large = Object.entries(VERBS).filter(([, entry]) => entry.isLarge === true);
    expect(large.map(([name]) => name).sort()).toEqual(['Delete', 'HybridSearch', 'Insert', 'Query', 'Search', 'Upsert']);
    for (const [name, entry] of large) expect(entry, name).toHaveProperty('decode');
    for (const [name, entry] of Object.entries(VERBS)) {
      const expected = entry.isLarge === true ? BYTES_MAX : entry.rule.privilege === 'Public' ? PUBLIC_BYTES_MAX : SMALL_BYTES_MAX;
      expect(sizeMaxOf(entry, BYTES_MAX), name).toBe(expected);
      expect(sizeMaxOf(entry, 1000), name).toBe(1000);
    }
  });

  test('a longer message is refused by its length', async () => {
    await expect(raw.send('CreateIndex', over(SMALL_BYTES_MAX))).rejects.toMatchObject({ code: 8, message: expect.stringContaining(`at most ${SMALL_BYTES_MAX} bytes`) as string });
    await expect(raw.send('GetVersion', over(PUBLIC_BYTES_MAX))).rejects.toMatchObject({ code: 8 });
    await expect(raw.send('Query', over(SMALL_BYTES_MAX))).resolves.toBeDefined();
  });

  test('a message of many messages is refused before they are made', async () => {
    expect(await codeOf('CreateIndex', repeated(EXTRA_PARAMS, ELEMENTS_MAX + 1))).toBe(1102);
    expect(await codeOf('CreateIndex', repeated(EXTRA_PARAMS, ELEMENTS_MAX))).not.toBe(1102);
    // So is one within another, a list of numbers, and a map.
    const schema = repeated(4, ELEMENTS_MAX + 1);
    expect(await codeOf('CreateCollection', encoded('milvus.CreateCollectionRequest', { collection_name: 'c', schema }))).toBe(1102);
    expect(await codeOf('LoadPartitions', repeated(4, ELEMENTS_MAX + 1))).toBe(1102);
    expect(await codeOf('LoadCollection', encoded('milvus.LoadCollectionRequest', { collection_name: 'c', load_params: Object.fromEntries(Array.from({ length: ELEMENTS_MAX + 1 }, (_, at) => [`k${at}`, ''])) }))).toBe(1102);
    const segments = encoded('milvus.FlushRequest', { collection_names: [], base: { properties: Object.fromEntries(Array.from({ length: ELEMENTS_MAX + 1 }, (_, at) => [`${at}`, ''])) } });
    expect(await codeOf('Flush', segments)).toBe(1102);
    const packed = encoded('milvus.GetFlushStateRequest', { segmentIDs: Array.from({ length: ELEMENTS_MAX + 1 }, () => 1) });
    expect(await codeOf('GetFlushState', packed)).toBe(1102);
  });

  test('a restore of roles with ten thousand grants is not, one of many more is', async () => {
    const grants = Array.from({ length: 10_000 }, (_, at) => ({ role: { name: 'reader' }, object: { name: 'Collection' }, object_name: `c${at}`, grantor: { user: { name: 'root' }, privilege: { name: 'Query' } }, db_name: 'default' }));
    expect(await codeOf('RestoreRBAC', encoded('milvus.RestoreRBACMetaRequest', { RBAC_meta: { roles: [{ name: 'reader' }], grants } }))).not.toBe(1102);
    const empty = Array.from({ length: 131_073 }, () => ({}));
    expect(await codeOf('RestoreRBAC', encoded('milvus.RestoreRBACMetaRequest', { RBAC_meta: { grants: empty } }))).toBe(1102);
  });

  test('a search with a setting that comes again and again is refused', async () => {
    const params = Buffer.concat([encoded('milvus.SearchRequest', { collection_name: 'c' }), repeated(9, 70_000)]);
    expect(await statusOf('Search', params)).toMatchObject({ code: 1100, reason: expect.stringContaining('65536') as string });
    const unknown = Buffer.alloc(2 * 300_000, Buffer.from([(15 << 3) | 2, 0]));
    for (const name of ['Search', 'Query']) expect(await codeOf(name, unknown)).toBe(1100);
  });
});

describe('over REST', () => {
  test('what carries rows, keys or a filter may be as large as any, all else is small', () => {
    expect(ROUTES.filter(({ isLarge }) => isLarge === true).map(({ path }) => path).sort()).toEqual(['entities/advanced_search', 'entities/delete', 'entities/get', 'entities/hybrid_search', 'entities/insert', 'entities/query', 'entities/search', 'entities/upsert']);
  });

  test('a longer body is refused with HTTP 413 and 1102', async () => {
    const text = JSON.stringify({ collectionName: 'c', filter: 'x'.repeat(SMALL_BYTES_MAX) });
    const refused = await postText(server.url, 'collections/create', text);
    expect([refused.status, await refused.json()]).toMatchObject([413, { code: 1102 }]);
    expect(await server.post('entities/query', JSON.parse(text))).toMatchObject({ code: 100 });
  });

  test('many names are refused before they are checked, wherever they are, but in rows', async () => {
    const names = (count: number): Record<string, number> => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 1]));
    const refused = { code: 1102, message: expect.stringContaining(`${NAMES_MAX} names`) as string };
    const create = { collectionName: 'c', dimension: 4 };
    expect(await server.post('collections/create', { ...create, params: names(NAMES_MAX + 1) })).toMatchObject(refused);
    expect(await server.post('collections/create', { ...create, ...names(NAMES_MAX) })).toMatchObject(refused);
    expect(await server.post('collections/create', { ...create, indexParams: Array.from({ length: NAMES_MAX }, () => ({})) })).toMatchObject(refused);
    expect(await server.post('entities/search', { collectionName: 'c', searchParams: { a: names(20_000), b: names(20_000) } })).toMatchObject(refused);
    // Each is read by itself, all are checked together.
    expect(await server.post('entities/search', { collectionName: 'c', searchParams: names(20_000), exprParams: names(20_000) })).toMatchObject(refused);
    expect(await server.post('collections/create', create)).toMatchObject({ code: 0 });
    const rows = Array.from({ length: NAMES_MAX / 2 }, (_, id) => ({ id, vector: [1, 2, 3, 4], a: 1 }));
    expect(await server.post('entities/insert', { collectionName: 'c', data: rows })).toMatchObject({ code: 0, data: { insertCount: rows.length } });
    expect(await server.post('entities/insert', { collectionName: 'c', data: [{ id: 1, vector: [1, 2, 3, 4], ...names(NAMES_MAX + 1) }] })).toMatchObject(refused);
  });
});
