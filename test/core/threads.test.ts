// The native core in threads of its own: the same bytes and the same answers as in one, whatever is closed, deleted or
// appended meanwhile.

import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createNativeCore } from '../../src/core/native/native-core.js';
import type { AnnIndex, AnnOptions, BuildOptions, Candidates, Core, FlatIndex } from '../../src/ports/core.js';
import { addon, NO_PREDICATES, randomVectors } from './flat-cores.js';

const DIM = 32;
const ROWS = 4000;
const BUILD: BuildOptions = { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) };
const OPTIONS: AnnOptions = { effort: 40, keep: 100, rerank: 30, patience: 50 };
const CLOSED = expect.objectContaining({ code: 'Closed' });

function coreWith(threads: number): Core {
  return createNativeCore(addon, NO_PREDICATES, { threads });
}

function rowsOf(core: Core, count = ROWS): FlatIndex {
  const rows = core.createFlat(DIM, 'L2');
  rows.append(randomVectors(count * DIM));
  return rows;
}

function buildInSteps(core: Core, rows: FlatIndex): Uint8Array {
  const build = core.buildIndex(rows, BUILD);
  while (!build.step(10_000_000)) continue;
  const bytes = build.bytes();
  build.close();
  return bytes;
}

async function buildInThreads(core: Core, rows: FlatIndex, threads: number): Promise<Uint8Array> {
  const build = core.buildIndex(rows, BUILD);
  await build.run?.(threads);
  const bytes = build.bytes();
  build.close();
  return bytes;
}

function openIndex(core: Core, rows: FlatIndex): AnnIndex {
  return core.openIndex(buildInSteps(core, rows), rows);
}

/** Every other row lives. */
function halfAlive(): Uint8Array {
  return new Uint8Array(Math.ceil(ROWS / 64) * 8).fill(0b01010101);
}

async function searchAsync(index: AnnIndex, queries: Float32Array, alive?: Uint8Array): Promise<Candidates> {
  const found = await index.searchAsync?.(queries, 10, OPTIONS, alive);
  if (found === undefined) throw new Error('the native core searches in threads');
  return found;
}

describe('the native core in several threads', () => {
  it('builds the same index as in one', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core);
    const expected = buildInSteps(core, rows);
    for (const threads of [1, 2, 3, 7]) expect(Buffer.compare(await buildInThreads(core, rows, threads), expected)).toBe(0);
  });

  it('leaves the JavaScript thread free while it builds', async () => {
    const core = coreWith(2);
    const build = core.buildIndex(rowsOf(core), BUILD);
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    await build.run?.();
    clearInterval(turning);
    expect(turns).toBeGreaterThan(0);
    build.close();
  });

  it('takes nothing but close while it builds, and nothing is appended to the rows', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core);
    const build = core.buildIndex(rows, BUILD);
    const invalid = expect.objectContaining({ code: 'InvalidArgument' });
    const running = build.run?.();
    expect(() => build.step(1)).toThrow(invalid);
    expect(() => build.bytes()).toThrow(invalid);
    expect(() => rows.append(new Float32Array(DIM))).toThrow(invalid);
    await expect(build.run?.()).rejects.toThrow(invalid);
    await running;
    rows.append(new Float32Array(DIM));
    build.close();
  });

  it('ends a build that is closed, whose rows may be closed too', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core, 20_000);
    const build = core.buildIndex(rows, BUILD);
    const running = build.run?.(3);
    build.close();
    rows.close();
    await expect(running).rejects.toThrow(CLOSED);
    expect(core.memoryBytes()).toBe(0);
  });

  it('finds what a search in one thread finds', async () => {
    const core = coreWith(3);
    const rows = rowsOf(core);
    const index = openIndex(core, rows);
    for (const count of [0, 1, 2, 3, 100, 500]) {
      for (const alive of [undefined, halfAlive()]) {
        const queries = randomVectors(count * DIM, 7);
        expect(await searchAsync(index, queries, alive)).toEqual(index.search(queries, 10, OPTIONS, alive));
        expect(await rows.searchAsync?.(queries, 10, alive)).toEqual(rows.search(queries, 10, alive));
      }
    }
    index.close();
  });

  it('answers many searches at once, each as if it were alone', async () => {
    const core = coreWith(3);
    const index = openIndex(core, rowsOf(core));
    const queries = Array.from({ length: 200 }, (_, at) => randomVectors(DIM, at + 1));
    const expected = queries.map((query) => index.search(query, 10, OPTIONS));
    const before = index.cost();
    expect(await Promise.all(queries.map(async (query) => searchAsync(index, query)))).toEqual(expected);
    // What the searchers of all threads did adds up to what one did.
    const after = index.cost();
    expect(after.scored - before.scored).toBe(before.scored);
    expect(after.reranked - before.reranked).toBe(before.reranked);
    index.close();
  });

  it('sees rows and queries as they were when it was asked', async () => {
    const core = coreWith(2);
    const index = openIndex(core, rowsOf(core));
    const alive = halfAlive();
    const queries = randomVectors(100 * DIM, 9);
    const expected = index.search(queries, 10, OPTIONS, alive);
    const searching = searchAsync(index, queries, alive);
    alive.fill(0);
    queries.fill(0);
    expect(await searching).toEqual(expected);
    index.close();
  });

  it('answers what was asked before the index and its rows were closed', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core);
    const index = openIndex(core, rows);
    const queries = randomVectors(300 * DIM, 11);
    const expected = index.search(queries, 10, OPTIONS);
    const exact = rows.search(queries, 10);
    const searching = [searchAsync(index, queries), rows.searchAsync?.(queries, 10)];
    index.close();
    rows.close();
    expect(await Promise.all(searching)).toEqual([expected, exact]);
    await expect(searchAsync(index, queries)).rejects.toThrow(CLOSED);
    await expect(rows.searchAsync?.(queries, 10)).rejects.toThrow(CLOSED);
  });

  it('appends rows while they are searched, which the search does not see', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core, 1000);
    const queries = randomVectors(50 * DIM, 13);
    const expected = rows.search(queries, 10);
    const searching = rows.searchAsync?.(queries, 10);
    rows.append(queries);
    expect(await searching).toEqual(expected);
    expect(rows.search(queries, 1).rows[0]).toBe(1000);
  });

  it('refuses what a search in one thread refuses', async () => {
    const core = coreWith(2);
    const rows = rowsOf(core, 100);
    const invalid = expect.objectContaining({ code: 'InvalidArgument' });
    await expect(rows.searchAsync?.(new Float32Array(DIM + 1), 10)).rejects.toThrow(invalid);
    await expect(rows.searchAsync?.(new Float32Array(DIM), 0)).rejects.toThrow(invalid);
    await expect(rows.searchAsync?.(new Float32Array(DIM), 10, new Uint8Array(8))).rejects.toThrow(invalid);
    for (const threads of [0, 257, 1.5]) expect(() => coreWith(threads)).toThrow(invalid);
  });

  it('lets a thread of JavaScript end in the midst of a build and of searches', async () => {
    const path = fileURLToPath(new URL('../../build/native/elanus.node', import.meta.url));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { Flat, Builder } = require(workerData.path);
      const flat = new Flat();
      flat.open(64, 1, 0);
      flat.append(workerData.vectors);
      const builder = new Builder();
      builder.open(flat, 1, 0, 1, new Uint8Array(32), 0);
      builder.run(3);
      for (let i = 0; i < 50; i++) flat.searchAsync(2, workerData.vectors, 10, undefined);
      parentPort.postMessage('running');`;
    const worker = new Worker(code, { eval: true, workerData: { path, vectors: randomVectors(6000 * 64) } });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(await worker.terminate()).toBe(1);
  });
});

const glibc = (process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } }).header.glibcVersionRuntime;

it.skipIf(glibc === undefined)('memory of the core that was freed between what stays is given back to the system (not asked for without glibc)', async () => {
  const core = coreWith(1);
  const vectors = randomVectors(500 * DIM);
  const flats = Array.from({ length: 1500 }, () => core.createFlat(DIM, 'L2'));
  for (const flat of flats) flat.append(vectors);
  const kept = flats.filter((_, at) => at % 20 === 0);
  for (const flat of flats) if (!kept.includes(flat)) flat.close();
  const before = process.memoryUsage.rss();
  const freedBytes = (flats.length - kept.length) * 500 * DIM * 4;
  // It is done in a thread: as long as it is not, this goes on.
  for (core.trim?.(); process.memoryUsage.rss() > before - freedBytes / 2; core.trim?.()) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const flat of kept) expect(flat.read(499, 1)).toHaveLength(DIM);
  for (const flat of kept) flat.close();
});
