// Flushes: remote procedures that seal what was written, and tell whether that is done. A flush is over when it is answered.

import type { ServedDatabase } from '../../call.js';
import { isIn, segmentsOf } from '../../milvus/facts.js';
import { DEFAULT_DATABASE } from '../../../format/catalog.js';
import { RefusedRequest, STATUS } from '../../status.js';
import { onCollections, onServer } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';
import { nextTimestamp } from './server.js';

interface Target {
  readonly db_name: string;
  readonly collection_names: readonly string[];
}

interface Flushed {
  readonly name: string;
  /** Segments that the flush has made, and all there are. */
  readonly made: readonly string[];
  readonly all: readonly string[];
  readonly time: string;
}

export const FLUSH_VERBS: Verbs = {
  Flush: verb<Target, object>({ rule: onCollections('Flush', ({ collection_names }) => (collection_names.length === 0 ? ['*'] : collection_names)), run: flush }),
  GetFlushState: verb<{ readonly collection_name: string }, object>({
    // Clients ask by segments alone, of which the answer says nothing that is not so of any.
    rule: onCollections('GetFlushState', ({ collection_name }) => (collection_name === '' ? undefined : [collection_name])),
    run: async ({ database }, { collection_name }) => {
      if (collection_name !== '') database.catalogEntry(collection_name);
      return { flushed: true };
    },
  }),
  FlushAll: verb<Partial<Target> & { readonly flush_targets: readonly Target[] }, object>({ rule: onServer('FlushAll'), scope: 'server', run: flushAll }),
  GetFlushAllState: verb<Partial<Target> & { readonly flush_targets: readonly Target[] }, object>({ rule: onServer('FlushAll'), scope: 'server', run: flushAllState }),
};

async function flushOne(database: ServedDatabase, name: string): Promise<Flushed> {
  const before = new Set((await segmentsOf(database, name)).map(({ id }) => id));
  await (await database.collection(name)).flush();
  const all = (await segmentsOf(database, name)).map(({ id }) => id);
  return { name, made: all.filter((id) => !before.has(id)), all, time: nextTimestamp() };
}

async function flush({ database, databaseName }: GrpcCall, { collection_names }: Target): Promise<object> {
  if (collection_names.length === 0) throw new RefusedRequest(STATUS.missingParameter, 'collection_names: expected at least one');
  for (const name of collection_names) database.catalogEntry(name);
  const flushed = await Promise.all(collection_names.map((name) => flushOne(database, name)));
  const sealed = String(Math.floor(Date.now() / 1000));
  const byName = <T>(of: (one: Flushed) => T): Readonly<Record<string, T>> => Object.fromEntries(flushed.map((one) => [one.name, of(one)]));
  return { db_name: databaseName, coll_segIDs: byName(({ made }) => ({ data: made })), flush_coll_segIDs: byName(({ all }) => ({ data: all })), coll_seal_times: byName(() => sealed), coll_flush_ts: byName(({ time }) => time), channel_cps: {} };
}

/** What is asked for: the collections that are named, all of a database, or all there are. */
function targetsOf(database: ServedDatabase, { db_name = '', flush_targets }: Partial<Target> & { readonly flush_targets: readonly Target[] }): readonly Target[] {
  const ofDatabase = (name: string): Target => ({ db_name: name, collection_names: database.catalogEntries.filter((entry) => isIn(entry, name)).map((entry) => entry.name) });
  if (flush_targets.length > 0) return flush_targets.map((target) => (target.collection_names.length > 0 ? target : ofDatabase(target.db_name)));
  const names = db_name !== '' ? [db_name] : [...new Set(database.catalogEntries.map((entry) => entry.database ?? DEFAULT_DATABASE))];
  return names.map(ofDatabase);
}

async function flushAll({ database }: GrpcCall, request: Partial<Target> & { readonly flush_targets: readonly Target[] }): Promise<object> {
  const results = [];
  for (const { db_name, collection_names } of targetsOf(database, request)) {
    const within = await database.useDatabase(db_name === '' ? DEFAULT_DATABASE : db_name);
    const flushed = [];
    // One after the other: all of them at once would take the memory of all.
    for (const name of collection_names) flushed.push(await flushOne(within, name));
    const seal_time = String(Math.floor(Date.now() / 1000));
    results.push({ db_name, collection_results: flushed.map(({ name, made, all, time }) => ({ collection_name: name, segment_ids: { data: made }, flush_segment_ids: { data: all }, seal_time, flush_ts: time, channel_cps: {} })) });
  }
  return { flush_all_ts: nextTimestamp(), flush_results: results, flush_all_msgs: {} };
}

async function flushAllState({ database }: GrpcCall, request: Partial<Target> & { readonly flush_targets: readonly Target[] }): Promise<object> {
  const states = targetsOf(database, request).map(({ db_name, collection_names }) => ({ db_name, collection_flush_states: Object.fromEntries(collection_names.map((name) => [name, true])) }));
  return { flushed: true, flush_states: states };
}
