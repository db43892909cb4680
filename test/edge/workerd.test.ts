// The shipped edge worker in workerd, over an R2 bucket filled from a server's data directory; with core.wasm, as it
// ships, and with core-relaxed.wasm in its place, as a caller may have it.

import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Miniflare, Response as WorkerdResponse } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { check, fill, type Answer, type ConformanceFile, type Expected } from '../conformance/conformance.js';
import file from '../conformance/conformance.json' with { type: 'json' };
import { relaxedKernels } from '../support/relaxed.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
let directory = '';
let worker: Miniflare;

/** The worker over an empty bucket, its core being that module. */
async function workerWith(core: string): Promise<Miniflare> {
  return new Miniflare({
    rootPath: dist,
    modulesRoot: dist,
    modules: [
      { type: 'ESModule', path: join(dist, 'edge-worker.js') },
      { type: 'CompiledWasm', path: join(dist, 'core.wasm'), contents: new Uint8Array(await readFile(join(dist, core))) },
      { type: 'CompiledWasm', path: join(dist, 'filter.wasm') },
    ],
    compatibilityDate: '2026-04-01',
    r2Buckets: ['BUCKET'],
    cf: false,
    outboundService: () => new WorkerdResponse('blocked', { status: 599 }),
  });
}

async function fillBucket(worker: Miniflare, from: string): Promise<void> {
  // Miniflare's own type of a bucket does not survive the DOM's types beside it.
  const bucket = (await worker.getR2Bucket('BUCKET')) as unknown as { put(key: string, bytes: ArrayBuffer): Promise<unknown> };
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await bucket.put(relative(from, path).split(sep).join('/'), new Uint8Array(await readFile(path)).buffer);
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-edge-'));
  const database = await open('default', { directory });
  await fill(database, file as ConformanceFile, false);
  await database.close();
  worker = await workerWith('core.wasm');
  await fillBucket(worker, directory);
});

afterAll(async () => {
  await worker.dispose();
  await rm(directory, { recursive: true });
});

async function post(body: unknown, to = worker): Promise<{ readonly status: number; readonly text: string }> {
  const response = await to.dispatchFetch('http://edge/search', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

function answerOf(asked: Miniflare): Answer {
  return async (collection, { queries, filter, limit, offset }) => {
    const { status, text } = await post({ collection, data: queries, filter, limit, offset }, asked);
    expect(status).toBe(200);
    // Ids are beyond what JSON.parse keeps: read as text.
    const exact = JSON.parse(text.replace(/"id":(-?\d+)/g, '"id":"$1"')) as { readonly hits: readonly (readonly Expected[])[] };
    return exact.hits;
  };
}

describe('the edge worker in workerd', () => {
  test('conformance: sealed and logged rows are answered as everywhere', async () => {
    await check('wasm, workerd', file as ConformanceFile, answerOf(worker));
  });

  test('conformance with the module for relaxed SIMD', async () => {
    const relaxed = await workerWith('core-relaxed.wasm');
    try {
      await fillBucket(relaxed, directory);
      const kernels = await relaxedKernels();
      expect(await (await relaxed.dispatchFetch('http://edge/health')).json()).toMatchObject({ core: 'wasm', kernels });
      await check(`wasm ${kernels}, workerd`, file as ConformanceFile, answerOf(relaxed));
    } finally {
      await relaxed.dispose();
    }
  });

  test('output fields come with the hits, vectors as numbers', async () => {
    const { text } = await post({ collection: 'conformance_L2', data: file.cases[0]?.rows[3]?.v, limit: 1, outputFields: ['*'] });
    const row = file.cases[0]?.rows[3];
    expect(text).toContain(`"id":${row?.id}`);
    expect(JSON.parse(text)).toMatchObject({ hits: [{ fields: { kind: row?.kind, year: row?.year, v: (row?.v as readonly number[]).map(Math.fround) } }] });
  });

  test('bad requests get a status, a code and a place, and the worker goes on', async () => {
    const good = { collection: 'conformance_L2', data: file.cases[0]?.rows[0]?.v };
    const cases: readonly (readonly [unknown, number, string])[] = [
      ['{', 400, 'InvalidArgument'],
      ['[]', 400, 'InvalidArgument'],
      [{ ...good, collection: 'nope' }, 404, 'NotFound'],
      [{ ...good, data: [1, 2] }, 400, 'InvalidArgument'],
      [{ ...good, limit: 0 }, 400, 'InvalidArgument'],
      [{ ...good, filter: 'year >' }, 400, 'InvalidFilter'],
      ['x'.repeat(1024 * 1024 + 1), 400, 'InvalidArgument'],
    ];
    for (const [body, status, code] of cases) {
      const answer = await post(body);
      expect(answer).toMatchObject({ status, text: expect.stringContaining(`"code":"${code}"`) as string });
    }
    expect((await post(good)).status).toBe(200);
  });

  test('other paths and methods are refused, health tells the runtime', async () => {
    expect((await worker.dispatchFetch('http://edge/search')).status).toBe(405);
    expect((await worker.dispatchFetch('http://edge/other')).status).toBe(404);
    expect(await (await worker.dispatchFetch('http://edge/health')).json()).toMatchObject({ storage: 'r2', core: 'wasm', kernels: 'simd128' });
  });
});
