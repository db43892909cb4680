// What runs in the page: functions that are sent there whole, so that each stands by itself and uses only its arguments.

import type { Database, SyncProgress } from '../../src/engine/api.js';

interface Package {
  open(name: string, options: { readonly storage: 'opfs' }): Promise<Database>;
}

export interface PageSync {
  readonly name: string;
  readonly url: string;
  readonly collection: string;
  /** Asked one after the other while files come, again and again. */
  readonly queries: readonly (readonly number[])[];
  readonly k: number;
  readonly progressive: boolean;
}

export interface PageAnswer {
  /** Since the sync began. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** Number of the query. */
  readonly query: number;
  readonly ids: readonly number[];
  readonly recall: number;
  readonly planes: string | undefined;
}

export interface PageSynced {
  /** When the sync began, as of `Date.now`. */
  readonly beganAtMs: number;
  /** Since the sync began: until the collection could be asked, and until all was there. */
  readonly searchableMs: number;
  readonly wholeMs: number;
  readonly bytesFetched: number;
  readonly rows: number;
  readonly answers: readonly PageAnswer[];
  /** What a worker of the page takes for a body of so many bytes, to see that the network is slow for it. */
  readonly probeMs: number;
}

/** Syncs a collection into a new database in OPFS, and asks it while it comes. */
export async function syncInPage({ name, url, collection, queries, k, progressive, probe }: PageSync & { readonly probe: string }): Promise<PageSynced> {
  const { open } = (await import(/* @vite-ignore */ new URL('/dist/browser.js', location.href).href)) as Package;
  const database = await open(name, { storage: 'opfs' });
  const source = "onmessage = async ({ data }) => { const began = performance.now(); await (await fetch(data, { cache: 'no-store' })).arrayBuffer(); postMessage(performance.now() - began); }";
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const probeMs = await new Promise<number>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data as number);
    worker.postMessage(new URL(probe, location.href).href);
  });
  worker.terminate();
  const [began, beganAtMs] = [performance.now(), Date.now()];
  const since = (): number => performance.now() - began;
  let searchableMs = 0;
  let told: () => void = () => undefined;
  const searchable = new Promise<void>((resolve) => (told = resolve));
  const onProgress = (progress: SyncProgress): void => {
    if (searchableMs > 0 || progress.step !== 'pull' || (progress.rowsSearchable ?? 0) === 0) return;
    searchableMs = since();
    told();
  };
  let wholeMs = 0;
  const synced = database.sync({ url, collections: [collection], mode: 'pull', progressive, onProgress }).then((result) => {
    wholeMs = since();
    told();
    return result;
  });
  await Promise.race([searchable, synced]);
  const copy = await database.collection(collection);
  const answers: PageAnswer[] = [];
  for (let at = 0; wholeMs === 0 || at < queries.length; at++) {
    const query = at % queries.length;
    const beganMs = since();
    const { hits, recall, partial } = await copy.search({ data: Float32Array.from(queries[query] as readonly number[]), limit: k });
    answers.push({ beganMs, endedMs: since(), query, ids: hits.map(({ id }) => Number(id)), recall, planes: partial?.planes });
    if (at >= queries.length) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const [done] = (await synced).collections;
  return { beganAtMs, searchableMs, wholeMs, bytesFetched: done?.bytesFetched ?? 0, rows: done?.rows ?? 0, answers, probeMs };
}

/** Syncs again what is there. */
export async function syncAgainInPage({ name, url, collection }: Pick<PageSync, 'name' | 'url' | 'collection'>): Promise<{ readonly bytesFetched: number; readonly version: number }> {
  const { open } = (await import(/* @vite-ignore */ new URL('/dist/browser.js', location.href).href)) as Package;
  const database = await open(name, { storage: 'opfs' });
  const [done] = (await database.sync({ url, collections: [collection], mode: 'pull' })).collections;
  await database.close();
  return { bytesFetched: done?.bytesFetched ?? 0, version: done?.version ?? 0 };
}
