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

/** Errors: those of `pull` and `push`. */
export async function syncDatabase(database: SyncDatabase, options: SyncOptions): Promise<SyncResult> {
  const { url, collections, mode = 'both' } = options;
  require(Array.isArray(collections) && collections.length >= 1 && collections.length <= COLLECTIONS_MAX && collections.every((name) => typeof name === 'string'), () => `sync: collections: expected 1 to ${COLLECTIONS_MAX} names`);
  require(MODES.includes(options.mode), () => `sync: mode: expected 'pull', 'push' or 'both', found ${JSON.stringify(options.mode)}`);
  const done: SyncedCollection[] = [];
  for (const collection of collections) done.push(await syncCollection(database, collection, url, mode, options));
  return { collections: done };
}

async function syncCollection(database: SyncDatabase, collection: string, url: string, mode: 'pull' | 'push' | 'both', options: SyncOptions): Promise<SyncedCollection> {
  const headers = { ...options.headers, ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }) };
  const common = { headers, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const isThere = await database.hasCollection(collection);
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

function pullOptions(collection: string, { trust = 'first', partBytes, onProgress }: SyncOptions, common: Pick<PullOptions, 'headers' | 'signal'>): PullOptions {
  return {
    ...common,
    ...(trust === 'nobody' ? {} : { trust }),
    ...(partBytes === undefined ? {} : { partBytes }),
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
