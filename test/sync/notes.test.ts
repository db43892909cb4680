// A progressive pull of real embeddings: what its searches say of themselves against the truth, and what comes after some rows
// have changed. Skipped where the data set is absent.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readFloats } from '../../bench/data.js';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import type { Core } from '../../src/ports/core.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { addon } from '../core/flat-cores.js';
import { compileAsset } from '../support/assets.js';
import { testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const ROWS = 6000;
const QUERIES = 40;
/** No range of vectors is as long: they have 1,536 bytes. */
const PIECES = [128 * 1024, 256 * 1024];
const at = (name: string): string => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
const missing = ['notes-bge-micro.base.fvecs.gz', 'notes-bge-micro.query.fvecs.gz'].map(at).find((path) => !existsSync(path));

describe.skipIf(missing !== undefined)(`real embeddings${missing === undefined ? '' : ` (${missing} is not here)`}`, () => {
  let core: Core;
  let server: SyncDatabase;
  let base: Float32Array;
  let dim: number;
  let queries: readonly Float32Array[];
  beforeAll(async () => {
    core = createNativeCore(addon, createPredicates(await compileAsset('filter.wasm')));
    const [rows, asked] = [await readFloats(at('notes-bge-micro.base.fvecs.gz'), ROWS), await readFloats(at('notes-bge-micro.query.fvecs.gz'), QUERIES)];
    [base, dim] = [rows.values, rows.d];
    queries = Array.from({ length: QUERIES }, (_, q) => asked.values.slice(q * dim, (q + 1) * dim));
    server = await testDatabase({ seed: 5, core });
    const collection = await server.createCollection({ name: 'c', dimension: dim, metric: 'COSINE' });
    await collection.insert(Array.from({ length: ROWS }, (_, id) => ({ id, vector: vectorOf(id) })));
    await collection.flush();
    while ((await server.describeCollection('c')).indexedSegments === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }, 120_000);

  const vectorOf = (id: number): Float32Array => base.subarray(id * dim, (id + 1) * dim);

  test('searches of 1-bit codes find what they say', { timeout: 60_000 }, async () => {
    // What is fetched ahead waits until the searches are over.
    let release = (): void => undefined;
    const searched = new Promise<void>((resolve) => (release = resolve));
    let tell = (): void => undefined;
    const searchable = new Promise<void>((resolve) => (tell = resolve));
    const inner = transportTo(() => server);
    let isShown = false;
    const client = await testDatabase({
      seed: 9, core,
      transport: {
        get: async (request) => {
          const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers?.['range'] ?? '') ?? [];
          const length = Number(last) - Number(first) + 1;
          if (isShown && PIECES.includes(length)) await searched;
          if (first === undefined) return inner.get(request);
          const file = await server.servedFile('c', /\/files\/(\w+)/.exec(request.url)?.[1] ?? '');
          return { status: 206, header: () => undefined, bytes: async () => (await file?.read({ offset: Number(first), length })) ?? new Uint8Array(0) };
        },
      },
    });
    const pulled = client.pull(SERVER, 'c', {
      progressive: true,
      onProgress: ({ rowsSearchable }) => {
        isShown = (rowsSearchable ?? 0) > 0;
        if (isShown) tell();
      },
    });
    await Promise.race([searchable, pulled]);
    const [copy, served] = [await client.collection('c'), await server.collection('c')];
    for (const [k, recall] of [[10, 0.9], [10, 0.95], [3, 0.9], [50, 0.9]] as const) {
      const truth = await served.search({ data: queries, limit: k, recall: 1 });
      const { hits, recall: said, partial } = await copy.search({ data: queries, limit: k, recall });
      expect(partial).toEqual({ planes: 'bits' });
      const found = hits.reduce((sum, of, q) => sum + of.filter(({ score }) => score >= (truth.hits[q]?.at(-1)?.score ?? 0) - 1e-6).length, 0) / (QUERIES * k);
      expect(Math.abs(said - found), `k ${k}, recall ${recall}: said ${said}, found ${found}`).toBeLessThanOrEqual(0.03);
      expect(found).toBeGreaterThanOrEqual(recall);
    }
    release();
    await pulled;
  });

  test('after 1 % of the rows have changed no more than 5 % of the bytes come', { timeout: 60_000 }, async () => {
    const client = await testDatabase({ seed: 10, core, transport: transportTo(() => server) });
    const { bytesFetched } = await client.pull(SERVER, 'c');
    const served = await server.collection('c');
    await served.upsert(Array.from({ length: ROWS / 100 }, (_, i) => ({ id: i * 100, vector: vectorOf(i * 100 + 1) })));
    await served.flush();
    const again = await client.pull(SERVER, 'c');
    expect(again.rows).toBe(ROWS);
    expect(again.bytesFetched / bytesFetched).toBeLessThanOrEqual(0.05);
    const { hits } = await (await client.collection('c')).search({ data: vectorOf(101), limit: 2, recall: 1 });
    expect(hits.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual([100, 101]);
  });
});
