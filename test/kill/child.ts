// The process that is killed: opens the database, tells what it holds, then writes from several sides at once until the end.
// Arguments: directory, the versions that it may use begin here, seed, 'write' or 'look' (then it closes and ends by itself).

import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { createNativeCore } from '../../src/core/native/native-core.js';
import type { Collection, Database } from '../../src/engine/api.js';
import { openDatabase } from '../../src/engine/database/database.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { openFsStorage } from '../../src/storage/fs.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { addon } from '../core/flat-cores.js';
import { rowOf, versionIn, vectorOf, type Shape } from '../sim/shapes.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';
import { tell, type FoundRow } from './messages.js';
import { KEPT, type Kept } from './shapes.js';

/** 2,000 vectors: a process seals several times before it is killed. */
const SEAL_BYTES = 2000 * 16 * 4;
const WRITERS = 2;
const BATCH_ROWS = 64;
const LARGE_BATCH_ROWS = 3000;
const DELETED_ROWS = 32;
const INDEX_TYPES = ['HNSW', 'IVF_FLAT', 'AUTOINDEX'] as const;
const PAGE_ROWS = 1000;

const [directory = '', firstVersion = '0', seed = '0', task = 'look'] = process.argv.slice(2);
const next = random(Number(seed));
let calls = 0;
let version = Number(firstVersion);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function openHere(): Promise<Database> {
  const core = createNativeCore(addon, createPredicates(await compileAsset('filter.wasm')), { threads: 2 });
  return openDatabase(SyncDatabase, 'kill', { storage: await openFsStorage(directory), core, ambient: webAmbient(), durable: true, sealBytes: SEAL_BYTES });
}

async function foundIn(collection: Collection, shape: Shape, wrong: string[]): Promise<readonly FoundRow[]> {
  const keys = [...(await collection.keys())];
  if (keys.length !== (await collection.count())) wrong.push(`${collection.name}: ${keys.length} keys, but count says ${await collection.count()}`);
  const found: FoundRow[] = [];
  for (let first = 0; first < keys.length; first += PAGE_ROWS) {
    const page = keys.slice(first, first + PAGE_ROWS);
    const rows = await collection.get({ ids: page });
    if (rows.length !== page.length) wrong.push(`${collection.name}: ${page.length} keys, but get gives ${rows.length} rows`);
    for (const row of rows) {
      const number = shape.numberOf(row['id'] as bigint | string);
      found.push([number, versionIn(shape, number, row) ?? null]);
    }
  }
  await checkSearch(collection, shape, found, wrong);
  return found;
}

/** The exact search against the rows that were found, one by one. */
async function checkSearch(collection: Collection, shape: Shape, found: readonly FoundRow[], wrong: string[]): Promise<void> {
  const query = vectorOf(shape, randomInteger(next, 1000), 0);
  const scores = found.map(([row, version]) => {
    const vector = vectorOf(shape, row, version ?? 0);
    return vector.reduce((sum, x, i) => sum + (shape.metric === 'L2' ? (x - (query[i] as number)) ** 2 : x * (query[i] as number)), 0);
  });
  const best = scores.sort((a, b) => (shape.metric === 'L2' ? a - b : b - a)).slice(0, 10);
  const { hits } = await collection.search({ data: query, limit: 10, recall: 1 });
  const same = hits.length === best.length && hits.every(({ score }, i) => Math.abs(score - (best[i] as number)) <= 1e-4);
  if (!same) wrong.push(`${collection.name}: the nearest are at ${best.join(' ')}, search gives ${hits.map(({ score }) => score).join(' ')}`);
}

/** Different row numbers. */
function someRows(kept: Kept, most: number): readonly number[] {
  const count = 1 + randomInteger(next, most);
  return [...new Set(Array.from({ length: count }, () => randomInteger(next, kept.rowsMax)))];
}

async function call(collection: Collection, rows: readonly number[], version: number | null, make: () => Promise<unknown>): Promise<void> {
  const number = ++calls;
  tell({ is: 'begin', call: number, collection: collection.name, version, rows });
  await make();
  tell({ is: 'done', call: number });
}

async function write(collection: Collection, kept: Kept): Promise<void> {
  const { shape } = kept;
  const dice = next();
  if (dice < 0.25) {
    const rows = someRows(kept, DELETED_ROWS);
    await call(collection, rows, null, () => collection.delete({ ids: rows.map(shape.keyOf) }));
  } else {
    const rows = someRows(kept, dice < 0.28 ? LARGE_BATCH_ROWS : BATCH_ROWS);
    const written = ++version;
    const batch = rows.map((row) => rowOf(shape, row, written));
    await call(collection, rows, written, () => (dice < 0.6 ? collection.insert(batch) : collection.upsert(batch)));
  }
}

async function flushOften(collection: Collection): Promise<void> {
  for (;;) {
    await pause(20 + next() * 200);
    tell({ is: 'event', event: 'flush' });
    await collection.flush();
  }
}

async function changeIndexOften(database: Database, { name }: Collection): Promise<void> {
  for (;;) {
    await pause(150 + next() * 300);
    tell({ is: 'event', event: 'index' });
    await database.dropIndex(name, { fieldName: 'vector' });
    await database.createIndex(name, { fieldName: 'vector', indexType: INDEX_TYPES[randomInteger(next, INDEX_TYPES.length)] as string });
  }
}

async function searchOften(collection: Collection, { shape }: Kept): Promise<void> {
  for (;;) {
    await collection.search({ data: vectorOf(shape, randomInteger(next, 1000), 1), limit: 5 });
    await pause(10);
  }
}

async function forEver(work: () => Promise<void>): Promise<void> {
  for (;;) await work();
}

try {
  tell({ is: 'opening' });
  const start = performance.now();
  const database = await openHere();
  const collections: [Collection, Kept][] = [];
  const found: Record<string, readonly FoundRow[]> = {};
  const wrong: string[] = [];
  for (const [name, kept] of Object.entries(KEPT)) {
    const collection = (await database.hasCollection(name)) ? await database.collection(name) : await database.createCollection(kept.shape.definition(name));
    found[name] = await foundIn(collection, kept.shape, wrong);
    collections.push([collection, kept]);
  }
  const ms = performance.now() - start;
  const described = await Promise.all(Object.keys(KEPT).map((name) => database.describeCollection(name)));
  const sum = (of: 'sealedSegments' | 'indexedSegments'): number => described.reduce((total, collection) => total + collection[of], 0);
  tell({ is: 'open', ms, found, wrong, warnings: (await database.health()).warnings, sealed: sum('sealedSegments'), indexed: sum('indexedSegments') });
  if (task === 'write') {
    await Promise.all(
      collections.flatMap(([collection, kept]) => [
        ...Array.from({ length: WRITERS }, () => forEver(() => write(collection, kept))),
        flushOften(collection),
        changeIndexOften(database, collection),
        searchOften(collection, kept),
      ]),
    );
  }
  await database.close();
} catch (error) {
  tell({ is: 'failed', what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
}
