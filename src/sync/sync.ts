// Sync: the collections that are asked for, one after the other: own writes go to the server, then what it has comes. What
// was done stays done if a later one fails.

import type { PullOptions } from '../engine/api.js';
import type { SyncedCollection, SyncOptions, SyncResult } from '../engine/api/sync.js';
import { decodeBatch } from '../format/batch.js';
import type { RefusedWrites } from '../engine/api/sync.js';
import { ElanusError, require } from '../model/errors.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { primaryField } from '../model/schema.js';
import type { PrimaryKey } from '../model/row.js';
import type { SyncDatabase } from './database.js';
import type { PushOptions } from './push.js';

const MODES: readonly unknown[] = ['pull', 'push', 'both', undefined];
const COLLECTIONS_MAX = 1000;

export type SyncMode = 'pull' | 'push' | 'both';

/** Errors: those of `pull` and `push`. */
export async function syncDatabase(database: SyncDatabase, options: SyncOptions): Promise<SyncResult> {
  checkSync(options);
  const done: SyncedCollection[] = [];
  for (const collection of options.collections) done.push(await syncCollection(database, collection, options.mode ?? 'both', options));
  return { collections: done };
}

/** Errors: `InvalidArgument`. */
export function checkSync({ collections, mode }: Pick<SyncOptions, 'collections' | 'mode'>): void {
  require(Array.isArray(collections) && collections.length >= 1 && collections.length <= COLLECTIONS_MAX && collections.every((name) => typeof name === 'string'), () => `sync: collections: expected 1 to ${COLLECTIONS_MAX} names`);
  require(MODES.includes(mode), () => `sync: mode: expected 'pull', 'push' or 'both', found ${JSON.stringify(mode)}`);
}

export function headersOf({ headers, token }: Pick<SyncOptions, 'headers' | 'token'>): Readonly<Record<string, string>> {
  return { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
}

/** One of them. Errors: those of `pull` and `push`. */
export async function syncCollection(database: SyncDatabase, collection: string, mode: SyncMode, options: Omit<SyncOptions, 'collections' | 'mode'>): Promise<SyncedCollection> {
  const { url } = options;
  const common = { headers: headersOf(options), ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const isThere = await hasCopy(database, collection);
  require(mode !== 'push' || isThere, () => `sync: there is no copy of "${collection}" to push from: pull it first`);
  const push: PushOptions = { ...common, ...(options.onProgress === undefined ? {} : { onProgress: (progress) => options.onProgress?.({ collection, step: 'push', ...progress }) }) };
  const sent = mode !== 'pull' && isThere ? await database.push(collection, push) : { batches: 0, bytes: 0, refused: 0 };
  const pulled = mode === 'push' ? undefined : await database.pull(url, collection, pullOptions(collection, options, common));
  const opened = await database.opened(collection);
  return {
    collection,
    version: opened.manifest.manifest.version,
    rows: opened.rows,
    bytesFetched: pulled?.bytesFetched ?? 0,
    batchesSent: sent.batches,
    bytesSent: sent.bytes,
    refused: sent.refused,
    unsent: opened.outbox?.unsent ?? 0,
    pending: opened.outbox?.pending ?? 0,
  };
}

/** Whether there is one that was pulled whole once. */
async function hasCopy(database: SyncDatabase, collection: string): Promise<boolean> {
  if (!(await database.hasCollection(collection))) return false;
  try {
    await database.opened(collection);
    return true;
  } catch (error) {
    if (error instanceof ElanusError && error.code === 'NotFound') return false;
    throw error;
  }
}

function pullOptions(collection: string, { trust = 'first', partBytes, progressive, database, partitions, filter, onProgress }: Omit<SyncOptions, 'collections' | 'mode'>, common: Pick<PullOptions, 'headers' | 'signal'>): PullOptions {
  return {
    ...common,
    ...(trust === 'nobody' ? {} : { trust }),
    ...(partBytes === undefined ? {} : { partBytes }),
    ...(database === undefined ? {} : { database }),
    ...(partitions === undefined ? {} : { partitions }),
    ...(filter === undefined ? {} : { filter }),
    ...(progressive === undefined ? {} : { progressive }),
    ...(onProgress === undefined ? {} : { onProgress: (progress) => onProgress({ collection, step: 'pull', ...progress }) }),
  };
}

/** The own writes of a copy that the server did not take. */
export async function refusedWrites(collection: EngineCollection): Promise<readonly RefusedWrites[]> {
  const { outbox } = collection;
  const { manifest } = collection.manifest;
  const told: RefusedWrites[] = [];
  for (const { lsn, code, message } of outbox?.refused ?? []) told.push({ id: `${lsn}`, code, message, ...(await refusedKeys(collection, lsn, primaryField(manifest.schema).name)) });
  return told;
}

async function refusedKeys(collection: EngineCollection, lsn: bigint, key: string): Promise<Pick<RefusedWrites, 'kind' | 'keys'>> {
  try {
    const batch = decodeBatch((await collection.outbox?.refusedBatch(lsn)) ?? new Uint8Array(0), collection.manifest.manifest, `refused batch ${lsn}`);
    const keys = batch.kind === 'delete' ? batch.keys : (batch.columns.byName.get(key)?.values ?? []);
    return { kind: batch.kind, keys: Array.from(keys as Iterable<PrimaryKey>) };
  } catch (error) {
    // Of a schema that the server has given up, or damaged: that it was refused is told all the same.
    if (error instanceof ElanusError) return { kind: 'write', keys: [] };
    throw error;
  }
}
