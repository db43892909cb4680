// A first pull whose collection answers while its files come: from which bytes, how well, and that no byte comes twice.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Collection, PullProgress } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { Transport } from '../../src/ports/transport.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';
import { transportTo, type Wire } from '../support/transport.js';

const SERVER = 'http://server';
const DIM = 128;
const ROWS = 4000;
const FEW = 40;
const CLUSTERS = 50;
const QUERIES = 30;
const K = 10;
const PIECE = 256 * 1024;

let core: Core;
let server: SyncDatabase;
let names: { readonly rows: string; readonly index: string; readonly bytes: number; readonly vectorsFrom: number };
const next = random(11);
const centres = Array.from({ length: CLUSTERS }, () => randomVector(next, DIM));
const near = (of: number): Float32Array => (centres[of % CLUSTERS] as Float32Array).map((value) => value + 1.2 * (next() + next() + next() - 1.5));
const queries = Array.from({ length: QUERIES }, (_, at) => near(at * 7));

beforeAll(async () => {
  core = await testCore();
  server = await testDatabase({ seed: 5, core });
  const collection = await server.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'parity', type: 'Int8' },
      { name: 'title', type: 'VarChar', maxLength: 20 },
      { name: 'vector', type: 'FloatVector', dim: DIM, metric: 'L2' },
    ],
  });
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ id: from + i, parity: (from + i) % 2, title: `row ${from + i}`, vector: near(from + i) }));
  await collection.insert(rows(0, ROWS));
  await collection.flush();
  while ((await server.describeCollection('c')).indexedSegments === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await collection.insert(rows(ROWS, ROWS + FEW));
  await collection.delete({ ids: [3, 4] });
  await collection.flush();
  const { segments } = (await server.opened('c')).manifest.manifest;
  const [large] = segments;
  const [index] = large?.indexes.values() ?? [];
  if (segments.length !== 2 || large === undefined || index === undefined) throw new Error(`expected two segments, the first with an index, found ${segments.length}`);
  const vectorsFrom = Math.min(...(large.vectors['vector'] ?? []).map(({ offset }) => offset));
  names = { rows: large.rowsFile.sha256, index: index.sha256, vectorsFrom, bytes: (await server.opened('c')).manifest.manifest.segments.reduce((sum, { rowsFile, deletions, indexes }) => sum + rowsFile.sizeBytes + (deletions?.sizeBytes ?? 0) + [...indexes.values()].reduce((of, { sizeBytes }) => of + sizeBytes, 0), 0) };
}, 60_000);

interface Asked {
  readonly sha256: string;
  readonly offset: number;
  readonly length: number;
}

/** A network on which some requests wait. */
class Gate {
  readonly transport: Transport;
  /** That were asked for and do not wait. */
  bytes = 0;
  #holds: (asked: Asked) => boolean = () => false;
  #waiting: (() => void)[] = [];

  constructor(wire: Wire = { requests: [], ranges: [], spoil: (_, bytes) => bytes }) {
    const inner = transportTo(() => server, wire);
    this.transport = {
      get: async (request) => {
        const sha256 = /\/files\/(\w+)/.exec(request.url)?.[1];
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers?.['range'] ?? '') ?? [];
        if (sha256 === undefined) return inner.get(request);
        const asked = { sha256, offset: Number(first), length: Number(last) - Number(first) + 1 };
        while (this.#holds(asked)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        this.bytes += asked.length;
        return inner.get(request);
      },
    };
  }

  /** From now on these requests wait, and no others. */
  hold(holds: (asked: Asked) => boolean): void {
    this.#holds = holds;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const isBulk = ({ sha256, length }: Asked): boolean => sha256 === names.rows && length === PIECE;
/** Of columns, which no search here asks for once it has the keys. */
const isBeforeVectors = ({ sha256, offset }: Asked): boolean => sha256 === names.rows && offset < names.vectorsFrom;
const ofIndex = ({ sha256 }: Asked): boolean => sha256 === names.index;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A pull of which the planes have come, and nothing more comes than is asked for. */
async function begun(files: MemoryFiles = new Map(), wire?: Wire) {
  const gate = new Gate(wire);
  const client = await testDatabase({ files, transport: gate.transport, seed: 9, core });
  const seen: PullProgress[] = [];
  gate.hold((asked) => isBulk(asked) || (ofIndex(asked) && (seen.at(-1)?.rowsSearchable ?? 0) > 0));
  const pulled = client.pull(SERVER, 'c', { progressive: true, onProgress: (progress) => seen.push(progress) });
  pulled.catch(() => undefined);
  await until(() => seen.some(({ rowsSearchable }) => rowsSearchable === ROWS + FEW - 2));
  return { gate, client, pulled, seen, copy: await client.collection('c') };
}

/** Against the truth, which the server has. */
async function recallOf(collection: Collection, filter = ''): Promise<{ readonly found: number; readonly said: number; readonly planes: string | undefined }> {
  const truth = await (await server.collection('c')).search({ data: queries, limit: K, recall: 1, filter });
  const answer = await collection.search({ data: queries, limit: K, filter });
  let found = 0;
  answer.hits.forEach((hits, q) => {
    const worst = truth.hits[q]?.at(-1)?.score ?? 0;
    for (const { score } of hits) found += score <= worst * (1 + 1e-5) ? 1 : 0;
  });
  return { found: found / (QUERIES * K), said: answer.recall, planes: answer.partial?.planes };
}

describe('a progressive pull', () => {
  test('answers from 1-bit codes, then 4-bit codes, then the index, as well as it says', async () => {
    const { gate, pulled, copy, client } = await begun();
    // Keys and 1-bit codes, and the rows of the small segment: not the vectors, nor the rest of the index.
    expect(gate.bytes).toBeLessThan(names.bytes / 6);
    const first = await recallOf(copy);
    expect(first).toMatchObject({ planes: 'bits' });
    expect(first.said).toBeGreaterThanOrEqual(0.95);
    expect(Math.abs(first.found - first.said)).toBeLessThanOrEqual(0.05);
    const filtered = await recallOf(copy, 'parity == 1');
    expect(filtered.found).toBeGreaterThanOrEqual(0.9);
    // Searches may have read so much that no whole piece is missing: what is left of the columns keeps the pull from ending.
    gate.hold((asked) => isBulk(asked) || isBeforeVectors(asked));
    await until(async () => (await recallOf(copy)).planes !== 'bits');
    await until(async () => (await recallOf(copy)).planes === 'vectors');
    expect((await recallOf(copy)).found).toBeGreaterThanOrEqual(0.9);
    gate.hold(() => false);
    expect(await pulled).toMatchObject({ rows: ROWS + FEW - 2, filesFetched: 4 });
    expect((await recallOf(copy)).planes).toBeUndefined();
    expect(await (await client.collection('c')).search({ data: queries, limit: K, recall: 1 })).toEqual(await (await server.collection('c')).search({ data: queries, limit: K, recall: 1 }));
  });

  test('fetches no byte twice, and what it keeps are the files of the server', async () => {
    const { gate, pulled, copy, client } = await begun();
    await copy.search({ data: queries, limit: K, outputFields: ['title'], filter: 'parity == 1' });
    gate.hold(() => false);
    const { bytesFetched } = await pulled;
    expect(bytesFetched).toBe(names.bytes);
    expect(gate.bytes).toBe(names.bytes);
    expect(await client.pull(SERVER, 'c')).toMatchObject({ filesFetched: 0, bytesFetched: 0 });
  });

  test('reads rows by keys and filters while they are with the server', async () => {
    const { gate, pulled, copy } = await begun();
    expect(await copy.get({ ids: [7, ROWS + 1], outputFields: ['title'] })).toMatchObject([{ title: 'row 7' }, { title: `row ${ROWS + 1}` }]);
    expect(await copy.get({ ids: [3] })).toEqual([]);
    expect(await copy.count('parity == 0')).toBe((ROWS + FEW) / 2 - 1);
    await expect(copy.upsert([{ id: 1, parity: 1, title: '', vector: queries[0] as Float32Array }])).rejects.toMatchObject({ code: 'ReadOnly' });
    gate.hold(() => false);
    await pulled;
  });

  test('that breaks leaves nothing open, and the next goes on with what came', async () => {
    const files: MemoryFiles = new Map();
    const { gate, client, pulled, copy } = await begun(files, breaking());
    gate.hold(() => false);
    await expect(pulled).rejects.toMatchObject({ code: 'Network' });
    await expect(copy.search({ data: queries[0] as Float32Array, limit: 1 })).rejects.toMatchObject({ code: 'Closed' });
    await expect(client.collection('c')).rejects.toMatchObject({ code: 'NotFound' });
    await client.close();
    const again = await begun(files);
    again.gate.hold(() => false);
    await again.pulled;
    expect(again.gate.bytes).toBeLessThan(names.bytes);
    expect((await recallOf(again.copy)).found).toBeGreaterThanOrEqual(0.9);
  });

  test('whose file is not what its name says fetches it once more', async () => {
    let spoilt = 0;
    const { gate, pulled, copy } = await begun(new Map(), {
      requests: [], ranges: [],
      spoil: (kind, bytes) => (kind === 'files' && bytes.length === PIECE && spoilt++ === 2 ? bytes.map((byte, at) => (at === 99 ? byte ^ 1 : byte)) : bytes),
    });
    gate.hold(() => false);
    await pulled;
    expect(spoilt).toBeGreaterThan(3);
    expect((await recallOf(copy)).found).toBeGreaterThanOrEqual(0.9);
  });
});

test('an encrypted collection answers while its files come, from pieces of what is encrypted', async () => {
  const key = new Uint8Array(32).fill(7);
  const sealed = await testDatabase({ seed: 21, core, key });
  const collection = await sealed.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
  await collection.insert(Array.from({ length: 1500 }, (_, id) => ({ id, vector: near(id) })));
  await collection.flush();
  while ((await sealed.describeCollection('c')).indexedSegments === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { bytes } = (await sealed.opened('c')).manifest;
  let served = 0;
  const transport: Transport = {
    get: async ({ url, headers = {} }) => {
      const [kind, sha256 = ''] = new URL(url).pathname.split('/').slice(4);
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      const body = kind === 'key' ? await sealed.servedKey('c') : kind === 'manifest' ? Uint8Array.from(bytes) : await (await sealed.servedFile('c', sha256))?.read({ offset: Number(first), length: Number(last) - Number(first) + 1 });
      if (first !== undefined) served += body?.length ?? 0;
      return { status: first === undefined ? 200 : 206, header: () => undefined, bytes: async () => body ?? new Uint8Array(0) };
    },
  };
  const client = await testDatabase({ seed: 22, core, key, transport });
  const request = { data: queries[0] as Float32Array, limit: K };
  let first: ReturnType<Collection['search']> | undefined;
  const onProgress = ({ rowsSearchable = 0 }: PullProgress): void => {
    if (rowsSearchable > 0) first ??= client.collection('c').then((copy) => copy.search(request)) as ReturnType<Collection['search']>;
  };
  const { bytesFetched } = await client.pull(SERVER, 'c', { progressive: true, onProgress });
  expect(bytesFetched).toBe(served);
  expect((await first)?.partial).toBeDefined();
  const truth = await collection.search({ ...request, recall: 1 });
  expect((await first)?.hits[0]).toEqual(truth.hits[0]);
  expect((await (await client.collection('c')).search({ ...request, recall: 1 })).hits).toEqual(truth.hits);
});

/** A network that gives out after some pieces. */
function breaking(): Wire {
  let left = 3;
  return {
    requests: [], ranges: [],
    spoil(kind, bytes) {
      if (kind === 'files' && bytes.length === PIECE && left-- <= 0) throw new ElanusError('Network', 'cut');
      return bytes;
    },
  };
}
