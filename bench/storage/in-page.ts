// What runs in the page: functions that are sent there whole, so that each stands by itself and uses only its arguments.

import type { Collection, Database } from '../../src/engine/api.js';

interface Package {
  open(name: string, options: { readonly storage: 'opfs' }): Promise<Database>;
}

export interface PageRows {
  readonly url: string;
  readonly n: number;
  readonly d: number;
}

export interface PageInsert {
  readonly ackedMs: number;
  readonly storedMs: number;
  readonly count: number;
}

/** Inserts rows into a new database in OPFS, one awaited batch after the other. */
export async function insertInPage({ name, rows, batch, keep, indexType }: { readonly name: string; readonly rows: PageRows; readonly batch: number; readonly keep: boolean; readonly indexType: 'FLAT' | 'AUTOINDEX' }): Promise<PageInsert> {
  const { open } = (await import(/* @vite-ignore */ new URL('/dist/browser.js', location.href).href)) as Package;
  const values = new Float32Array(await (await fetch(rows.url)).arrayBuffer());
  const database = await open(name, { storage: 'opfs' });
  const collection: Collection = await database.createCollection({ name: 'rows', dimension: rows.d, metric: 'COSINE' });
  await database.createIndex('rows', { fieldName: 'vector', indexType });
  const start = performance.now();
  for (let first = 0; first < rows.n; first += batch) {
    const count = Math.min(batch, rows.n - first);
    await collection.insert(Array.from({ length: count }, (_, i) => ({ id: first + i, vector: values.subarray((first + i) * rows.d, (first + i + 1) * rows.d) })));
  }
  const ackedMs = performance.now() - start;
  await collection.flush();
  const storedMs = performance.now() - start;
  const count = await collection.count();
  for (let waited = 0; indexType === 'AUTOINDEX' && waited < 900_000; waited += 500) {
    if ((await database.describeIndex('rows', { fieldName: 'vector' })).state === 'Finished') break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (!keep) await database.dropCollection('rows');
  await database.close();
  return { ackedMs, storedMs, count };
}

export interface PageOpen {
  readonly openMs: number;
  readonly answerMs: number;
  readonly againMs: number;
  readonly segments: number;
  readonly withIndex: number;
  readonly hits: readonly number[];
  readonly coreMemoryBytes: number;
  readonly warnings: readonly string[];
}

/** Opens a database and asks one query. */
export async function openInPage({ name, query }: { readonly name: string; readonly query: readonly number[] }): Promise<PageOpen> {
  const { open } = (await import(/* @vite-ignore */ new URL('/dist/browser.js', location.href).href)) as Package;
  const vector = Float32Array.from(query);
  const start = performance.now();
  const database = await open(name, { storage: 'opfs' });
  const opened = performance.now();
  const collection = await database.collection('rows');
  const { hits } = await collection.search({ data: vector, limit: 10 });
  const answered = performance.now();
  await collection.search({ data: vector, limit: 10 });
  const again = performance.now();
  const { sealedSegments, indexedSegments } = await database.describeCollection('rows');
  const { coreMemoryBytes, warnings } = await database.health();
  await database.close();
  return { openMs: opened - start, answerMs: answered - start, againMs: again - answered, segments: sealedSegments, withIndex: indexedSegments, hits: hits.map(({ id }) => Number(id)), coreMemoryBytes, warnings };
}

/** Opens a database, fills it a little, searches once, and leaves it open. */
export async function holdInPage(name: string): Promise<void> {
  const { open } = (await import(/* @vite-ignore */ new URL('/dist/browser.js', location.href).href)) as Package;
  const database = await open(name, { storage: 'opfs' });
  const collection = await database.createCollection({ name: 'rows', dimension: 16, metric: 'L2' });
  const vectorOf = (row: number): number[] => Array.from({ length: 16 }, (_, i) => Math.sin(row * 16 + i));
  await collection.insert(Array.from({ length: 5000 }, (_, id) => ({ id, vector: vectorOf(id) })));
  await collection.flush();
  await collection.search({ data: vectorOf(1), limit: 5 });
  Object.assign(globalThis, { held: database });
}
