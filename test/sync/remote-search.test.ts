// Searches that the origin of a copy answers, too: against brute force over what the rows are, however they are spread over server,
// pulled segments and own writes; and what comes where the origin does not answer.

import { beforeAll, describe, expect, test } from 'vitest';
import type { RemoteOptions, RemoteUse, SearchResult } from '../../src/engine/api.js';
import { decodeSearch, encodeSearchAnswer } from '../../src/sync/remote-answer.js';
import type { Hit } from '../../src/model/hit.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { SendingTransport } from '../../src/ports/transport.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { decodePush } from '../../src/format/push.js';
import { encodeAnswer } from '../../src/sync/push-answer.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { random } from '../support/random.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
let core: Core;

beforeAll(async () => {
  core = await testCore();
});

/** What becomes of a search on its way; by default the server answers it. */
type Answering = (body: Uint8Array, server: SyncDatabase) => Promise<{ readonly status: number; readonly bytes: Uint8Array }>;

const answering: Answering = async (body, server) => ({ status: 200, bytes: encodeSearchAnswer(await server.answerSearch('c', decodeSearch(body, 'a search'))) });

function sending(server: SyncDatabase, way: { answer: Answering; asked: number }): SendingTransport {
  return {
    ...transportTo(() => server),
    async post({ url, body }) {
      if (url.endsWith('/push')) {
        const { status, bytes } = encodeAnswer(await server.receive('c', decodePush(body, 'a push'), 'somebody'));
        return { status, header: () => undefined, bytes: async () => bytes };
      }
      way.asked++;
      const { status, bytes } = await way.answer(body, server);
      return { status, header: () => undefined, bytes: async () => Uint8Array.from(bytes) };
    },
  };
}

const METRICS = ['L2', 'IP', 'COSINE'] as const;
type Metric = (typeof METRICS)[number];

async function pair(metric: Metric = 'L2', seed = 1, keyType: 'Int64' | 'VarChar' = 'Int64') {
  const server = await testDatabase({ seed, core });
  const key = keyType === 'Int64' ? ({ name: 'id', type: 'Int64', primaryKey: true } as const) : ({ name: 'id', type: 'VarChar', primaryKey: true, maxLength: 20 } as const);
  await server.createCollection({ name: 'c', fields: [key, { name: 'group', type: 'Int32' }, { name: 'v', type: 'FloatVector', dim: 4, metric }], properties: { 'sync.push': true } });
  await server.createPartition('c', 'other');
  const way = { answer: answering, asked: 0 };
  const files: MemoryFiles = new Map();
  const open = (): Promise<SyncDatabase> => testDatabase({ seed: seed + 1, core, files, transport: sending(server, way) });
  return { server, way, files, open };
}

interface TrueRow {
  readonly group: number;
  readonly v: readonly number[];
  readonly partition: string;
}

function scoreOf(metric: Metric, a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
  if (metric === 'L2') return a.reduce((sum, value, at) => sum + (value - (b[at] as number)) ** 2, 0);
  return metric === 'IP' ? dot(a, b) : dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test.each(Array.from({ length: 24 }, (_, seed) => seed + 1))('answers as brute force over the rows as they are: seed %i', async (seed) => {
  const next = random(seed);
  const pick = (count: number): number => Math.floor(next() * count);
  const metric = METRICS[pick(3)] as Metric;
  const keyType = pick(3) === 0 ? 'VarChar' : 'Int64';
  const { server, files, open } = await pair(metric, seed, keyType);
  const keyOf = (at: number): bigint | string => (keyType === 'Int64' ? BigInt(at) : `k${at}`);
  const vector = (): number[] => Array.from({ length: 4 }, () => Math.fround(next() * 2 - 1));
  const rows = (count: number) => Array.from({ length: count }, () => ({ id: keyOf(pick(120)), group: pick(4), v: vector() }));
  const collection = await server.collection('c');
  const serverWrites = async (): Promise<void> => {
    if (pick(4) === 0) await collection.delete({ ids: rows(pick(20)).map(({ id }) => id) });
    else await collection.upsert(rows(1 + pick(30)), { partitionName: pick(2) === 0 ? 'other' : '_default' });
    if (pick(2) === 0) await collection.flush();
  };
  for (let i = 0; i < 5; i++) await serverWrites();
  await collection.flush();
  let client = await open();
  await client.pull(SERVER, 'c');
  let unsent = new Map<bigint | string, TrueRow | undefined>();
  for (let i = 0; i < 12; i++) {
    const what = pick(7);
    const copy = await client.collection('c');
    if (what <= 1) await serverWrites();
    else if (what <= 3) {
      const partition = pick(2) === 0 ? 'other' : '_default';
      const written = rows(1 + pick(12));
      await copy.upsert(written, { partitionName: partition });
      for (const { id, group, v } of written) unsent.set(id, { group, v, partition });
    } else if (what === 4) {
      const ids = rows(pick(12)).map(({ id }) => id);
      try {
        await copy.delete({ ids });
        for (const id of ids) unsent.set(id, undefined);
      } catch (error) {
        // Where rows are missing, which keys they have is not known.
        if (!(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
      }
    } else if (what === 5) {
      await client.push('c');
      unsent = new Map();
      if (pick(2) === 0) await client.pull(SERVER, 'c');
    } else {
      // Rows of the copy are lost, and it is opened again.
      await client.close();
      const lost = [...files.keys()].filter((key) => key.includes('/rows-') && pick(2) === 0);
      for (const key of lost) files.delete(key);
      client = await open();
    }
  }
  // What the server has is what it says, over that go own writes that it does not have.
  const truth = new Map<bigint | string, TrueRow>();
  for (const partition of ['_default', 'other']) for (const row of await collection.query({ partitionNames: [partition] })) truth.set(row['id'] as bigint, { group: row['group'] as number, v: Array.from(row['v'] as Float32Array), partition });
  for (const [id, row] of unsent) {
    if (row === undefined) truth.delete(id);
    else truth.set(id, row);
  }
  const copy = await client.collection('c');
  for (let i = 0; i < 6; i++) {
    const group = pick(5);
    const partition = [undefined, 'other', '_default'][pick(3)];
    const [limit, offset] = [1 + pick(40), pick(3) * pick(20)];
    const queries = [vector(), vector()];
    const request = { limit, offset, recall: 1, remote: 'always', outputFields: ['group'], ...(group === 4 ? {} : { filter: 'group == {g}', filterParams: { g: group } }), ...(partition === undefined ? {} : { partitionNames: [partition] }) } as const;
    const { hits, sources } = await copy.search({ ...request, data: queries });
    expect(sources?.remote).toBe('answered');
    for (const [at, query] of queries.entries()) {
      const expected = [...truth].filter(([, row]) => (group === 4 || row.group === group) && (partition === undefined || row.partition === partition)).map(([id, row]) => ({ id, score: scoreOf(metric, query, row.v), group: row.group }));
      expected.sort((a, b) => (metric === 'L2' ? a.score - b.score : b.score - a.score));
      const wanted = expected.slice(offset, offset + limit);
      expect(hits[at]?.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
      for (const [place, hit] of (hits[at] ?? []).entries()) {
        expect(hit.score).toBeCloseTo(wanted[place]?.score as number, 4);
        expect(hit.fields).toEqual({ group: wanted[place]?.group });
        expect(hit.source).toBe(unsent.has(hit.id) ? 'local' : 'remote');
      }
    }
  }
  await client.close();
  await server.close();
});

describe('when the origin is asked', () => {
  async function copied() {
    const made = await pair();
    const collection = await made.server.collection('c');
    for (let part = 0; part < 2; part++) {
      await collection.insert(Array.from({ length: 10 }, (_, at) => ({ id: part * 10 + at, group: 0, v: [part * 10 + at, 1, 0, 0] })));
      await collection.flush();
    }
    let client = await made.open();
    await client.pull(SERVER, 'c');
    const lose = async (): Promise<void> => {
      await client.close();
      made.files.delete([...made.files.keys()].find((key) => key.includes('/rows-')) as string);
      client = await made.open();
    };
    const search = async (remote?: RemoteUse | RemoteOptions, more: object = {}): Promise<SearchResult<readonly Hit[]>> => (await client.collection('c')).search({ data: [3, 1, 0, 0], limit: 3, recall: 1, ...(remote === undefined ? {} : { remote }), ...more });
    return { ...made, search, lose, client: () => client };
  }
  const ids = ({ hits }: SearchResult<readonly Hit[]>): readonly unknown[] => hits.map(({ id }) => Number(id));

  test('a copy that lacks nothing is not, unless always; one that lacks rows is', async () => {
    const { search, lose, way } = await copied();
    expect(await search('missing')).toMatchObject({ sources: { remote: 'not asked', local: { rows: 20 } } });
    expect((await search('missing')).hits.map(({ source }) => source)).toEqual(['local', 'local', 'local']);
    for (const local of [await search(), await search('never'), await search({ when: 'never' })]) {
      expect(local.sources).toBeUndefined();
      expect(local.hits[0]).not.toHaveProperty('source');
    }
    expect(way.asked).toBe(0);
    expect(await search('always')).toMatchObject({ sources: { remote: 'answered', local: { rows: 0 } } });
    await lose();
    expect((await search()).missing).toHaveLength(1);
    const whole = await search('missing');
    expect(whole.missing).toBeUndefined();
    expect(ids(whole)).toEqual([3, 2, 4]);
    expect(way.asked).toBe(2);
  });

  test('of many own writes over the nearest rows there are still as many hits as there are rows', async () => {
    const { search, client, way } = await copied();
    await (await client().collection('c')).delete({ ids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] });
    expect(ids(await search('always', { limit: 2 }))).toEqual([12, 13]);
    // More were asked for until there were enough.
    expect(way.asked).toBeGreaterThan(1);
  });

  test.each<[string, Answering, string, RegExp]>([
    ['does not answer', () => Promise.reject(new ElanusError('Network', 'no route')), 'unreachable', /no route/],
    ['fails', async () => ({ status: 502, bytes: new TextEncoder().encode('<html>') }), 'unreachable', /502/],
    ['says something else', async () => ({ status: 200, bytes: new TextEncoder().encode('{"hits":[]}') }), 'unreachable', /hits/],
    ['gives more than was asked for', async (body, server) => ({ status: 200, bytes: encodeSearchAnswer(await server.answerSearch('c', { ...decodeSearch(body, 'x'), limit: 20 })) }), 'unreachable', /at most 3/],
    ['refuses', async () => ({ status: 403, bytes: new TextEncoder().encode('{"code":7,"message":"permission \\"denied\\""}') }), 'refused', /403: permission "denied"/],
  ])('one that %s leaves what the copy has, and says so; an error if it is required', async (_what, answer, remote, reason) => {
    const { search, lose, way } = await copied();
    await lose();
    way.answer = answer;
    const alone = await search();
    const found = await search('missing');
    expect(found.sources).toEqual({ local: { rows: 10 }, remote, reason: expect.stringMatching(reason) as string });
    expect(ids(found)).toEqual(ids(alone));
    expect(found.missing).toEqual(alone.missing);
    await expect(search({ when: 'missing', required: true })).rejects.toMatchObject({ code: 'Network' });
  });

  test('what cannot be asked is refused before anything is sent', async () => {
    const { search, client, server, way } = await copied();
    for (const wrong of ['sometimes', {}, { when: 'x' }, { when: 'always', timeoutMs: 0 }, { when: 'always', required: 1 }, { when: 'always', token: 1 }]) await expect(search(wrong as RemoteUse)).rejects.toMatchObject({ code: 'InvalidArgument' });
    for (const more of [{ limit: 0 }, { data: [1] }, { filter: 'nope > 1' }, { outputFields: ['nope'] }]) await expect(search('always', more)).rejects.toMatchObject({ code: expect.stringMatching(/Invalid/) as string });
    for (const more of [{ groupByField: 'group' }, { explain: true }, { highlight: {} }, { rerank: { kind: 'boost', weight: 2 } }]) await expect(search('always', more)).rejects.toMatchObject({ code: 'Unsupported' });
    const copy = await client().collection('c');
    await expect(copy.search({ ids: [1], remote: 'always' })).rejects.toMatchObject({ code: 'Unsupported' });
    await expect(copy.hybridSearch({ searches: [{ data: [1, 1, 1, 1] }], remote: 'always' } as never)).rejects.toMatchObject({ code: 'Unsupported' });
    await expect(copy.searchIterator({ data: [1, 1, 1, 1], remote: 'always' } as never).then((batches) => batches.next())).rejects.toMatchObject({ code: 'Unsupported' });
    await expect((await server.collection('c')).search({ data: [1, 1, 1, 1], remote: 'always' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(way.asked).toBe(0);
  });
});
