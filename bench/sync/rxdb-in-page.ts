// What runs in the page of RxDB: one function that is sent there whole, so it stands by itself and uses only its arguments.

import type { VectorForm } from './document-server.js';

/** What of RxDB it uses; `bench/sync/rxdb.ts` makes the module. */
interface Package {
  createRxDatabase(options: { readonly name: string; readonly storage: unknown; readonly multiInstance: boolean; readonly eventReduce: boolean }): Promise<RxDatabase>;
  getRxStorageDexie(): unknown;
  replicateRxCollection(options: object): { awaitInitialReplication(): Promise<void>; cancel(): Promise<unknown>; readonly error$: { subscribe(seen: (error: Error) => void): unknown } };
}

interface RxDatabase {
  addCollections(collections: object): Promise<{ readonly notes: RxCollection }>;
  close(): Promise<unknown>;
}

interface RxCollection {
  find(): { exec(): Promise<readonly { readonly _data: RxNote }[]> };
}

interface RxNote {
  readonly id: string;
  readonly meaning: string | readonly number[];
}

export interface PageReplication {
  readonly name: string;
  readonly url: string;
  readonly form: VectorForm;
  readonly batchRows: number;
  readonly dim: number;
  readonly queries: readonly (readonly number[])[];
  readonly k: number;
}

export interface PageReplicated {
  /** When replication began, as of `Date.now`. */
  readonly beganAtMs: number;
  /** Since replication began: until all documents were stored. */
  readonly wholeMs: number;
  /** From then on: until their vectors were in memory, and until the first query was answered by them all. */
  readonly loadedMs: number;
  readonly searchedMs: number;
  readonly rows: number;
  /** Of the answers to the queries, best first. */
  readonly ids: readonly (readonly number[])[];
}

/** Replicates all notes into a new RxDB in IndexedDB, loads their vectors and searches these. */
export async function replicateInPage({ name, url, form, batchRows, dim, queries, k }: PageReplication): Promise<PageReplicated> {
  const { createRxDatabase, getRxStorageDexie, replicateRxCollection } = (await import(/* @vite-ignore */ new URL('/files/rxdb.js', location.href).href)) as Package;
  const database = await createRxDatabase({ name, storage: getRxStorageDexie(), multiInstance: false, eventReduce: true });
  const meaning = form === 'base64' ? { type: 'string' } : { type: 'array', items: { type: 'number' } };
  const schema = { version: 0, primaryKey: 'id', type: 'object', properties: { id: { type: 'string', maxLength: 20 }, folder: { type: 'string' }, text: { type: 'string' }, meaning }, required: ['id', 'folder', 'text', 'meaning'] };
  const { notes } = await database.addCollections({ notes: { schema } });
  const [began, beganAtMs] = [performance.now(), Date.now()];
  const handler = async (checkpoint: { readonly next: number } | undefined): Promise<unknown> => (await fetch(`${url}/${checkpoint?.next ?? 0}`, { cache: 'no-store' })).json();
  const replication = replicateRxCollection({ collection: notes, replicationIdentifier: url, live: false, waitForLeadership: false, pull: { handler, batchSize: batchRows } });
  const failed = new Promise<never>((_, reject) => replication.error$.subscribe(reject));
  await Promise.race([replication.awaitInitialReplication(), failed]);
  const wholeMs = performance.now() - began;
  const documents = (await notes.find().exec()).map(({ _data }) => _data);
  const vectors = new Float32Array(documents.length * dim);
  documents.forEach(({ meaning: stored }, row) => vectors.set(typeof stored === 'string' ? new Float32Array(Uint8Array.from(atob(stored), (letter) => letter.charCodeAt(0)).buffer) : stored, row * dim));
  const lengths = documents.map((_, row) => Math.hypot(...vectors.subarray(row * dim, (row + 1) * dim)));
  const loadedMs = performance.now() - began - wholeMs;
  let searchedMs = 0;
  const ids = queries.map((query) => {
    const scores = documents.map(({ id }, row) => {
      let dot = 0;
      for (let at = 0; at < dim; at++) dot += (query[at] as number) * (vectors[row * dim + at] as number);
      return { id: Number(id), score: dot / (lengths[row] as number) };
    });
    const best = scores.sort((a, b) => b.score - a.score).slice(0, k).map(({ id }) => id);
    searchedMs ||= performance.now() - began - wholeMs;
    return best;
  });
  await replication.cancel();
  await database.close();
  return { beganAtMs, wholeMs, loadedMs, searchedMs, rows: documents.length, ids };
}
