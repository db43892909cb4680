// The shipped worker that writes, in workerd: one Durable Object writes to R2, searches are answered from there, and both
// see what was acknowledged, also after all of it was ended.

import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Miniflare, Response as WorkerdResponse } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
let directory = '';
let worker: Miniflare;

function startWorker(): Miniflare {
  return new Miniflare({
    rootPath: dist,
    modulesRoot: dist,
    modules: [
      { type: 'ESModule', path: join(dist, 'edge-durable.js') },
      { type: 'CompiledWasm', path: join(dist, 'core.wasm') },
      { type: 'CompiledWasm', path: join(dist, 'filter.wasm') },
    ],
    compatibilityDate: '2026-04-01',
    r2Buckets: ['BUCKET'],
    r2Persist: directory,
    durableObjects: { WRITER: 'Writer' },
    cf: false,
    outboundService: () => new WorkerdResponse('blocked', { status: 599 }),
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-durable-'));
  worker = startWorker();
});

afterAll(async () => {
  await worker.dispose();
  await rm(directory, { recursive: true });
});

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: string }> {
  const response = await worker.dispatchFetch(`http://edge${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.text() };
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: from + at, vector: [from + at, 1] }));
const nearest = (at: number) => post('/search?fresh', { collection: 'things', data: [at, 1], limit: 1 });

test('writes go through one Durable Object and are found at the edge, sealed or not', async () => {
  expect(await post('/create', { name: 'things', dimension: 2, metric: 'L2' })).toEqual({ status: 200, body: '{"name":"things"}' });
  expect((await post('/insert', { collection: 'things', rows: rows(0, 10) })).status).toBe(200);
  expect((await nearest(4)).body).toContain('"id":4,');
  // At once, as many clients do.
  const writes = [10, 20, 30].map((from) => post('/upsert', { collection: 'things', rows: rows(from, from + 10) }));
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await post('/flush', { collection: 'things' })).status).toBe(200);
  expect(await post('/delete', { collection: 'things', ids: [35] })).toEqual({ status: 200, body: '{"count":1}' });
  expect((await nearest(25)).body).toContain('"id":25,');
  expect((await nearest(35)).body).not.toContain('"id":35,');
  expect((await post('/upsert', { collection: 'things', rows: [{ id: 'no', vector: [1, 2] }] })).status).toBe(400);
  expect((await post('/insert', { collection: 'others', rows: [] })).status).toBe(404);
  expect((await post('/vacuum', { collection: 'things' })).status).toBe(404);
});

test('what was acknowledged is there after everything was ended', async () => {
  await worker.dispose();
  worker = startWorker();
  expect((await nearest(25)).body).toContain('"id":25,');
  const exact = await post('/upsert', { collection: 'things', rows: [{ id: 7, vector: [7, 2] }] });
  expect(exact).toEqual({ status: 200, body: '{"ids":[7],"count":1}' });
  expect((await nearest(35)).body).not.toContain('"id":35,');
});
