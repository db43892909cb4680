// Loads: remote procedures that make collections and partitions ready for searches, release them, and tell which are. A load
// is over when it is answered; what is read is read as searches need it.

import type { LoadState } from '../../../engine/api.js';
import type { ServedDatabase } from '../../call.js';
import { factsOf, keepIndexes, requireIndexes } from '../../milvus/facts.js';
import { RefusedRequest, STATUS } from '../../status.js';
import type { OfCollection } from '../messages.js';
import { onCollection } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface Loaded extends OfCollection {
  readonly replica_number: number;
  readonly refresh: boolean;
}

interface OfPartitions extends OfCollection {
  readonly partition_names: readonly string[];
}

const DONE_PERCENT = '100';

export const LOAD_VERBS: Verbs = {
  LoadCollection: verb<Loaded, object>({ rule: onCollection('Load'), run: load }),
  ReleaseCollection: verb<OfCollection, object>({
    rule: onCollection('Release'),
    run: async ({ database }, { collection_name }) => {
      await keepIndexes(database, collection_name);
      await database.releaseCollection(collection_name);
      return {};
    },
  }),
  LoadPartitions: verb<Loaded & OfPartitions, object>({ rule: onCollection('Load'), run: loadPartitions }),
  ReleasePartitions: verb<OfPartitions, object>({
    rule: onCollection('Release'),
    run: async ({ database }, { collection_name, partition_names }) => {
      await database.releasePartitions(collection_name, partition_names);
      return {};
    },
  }),
  GetLoadState: verb<OfPartitions, object>({ rule: onCollection('GetLoadState'), run: async ({ database }, { collection_name, partition_names }) => ({ state: await stateOf(database, collection_name, partition_names) }) }),
  GetLoadingProgress: verb<OfPartitions, object>({ rule: onCollection('GetLoadState'), run: progress }),
};

async function load({ database }: GrpcCall, { collection_name, replica_number, refresh }: Loaded): Promise<object> {
  const facts = await factsOf(database, collection_name);
  requireOneReplica(replica_number);
  if (refresh && !facts.isLoaded) throw notLoaded(collection_name);
  requireIndexes(facts);
  await database.loadCollection(collection_name);
  return {};
}

async function loadPartitions({ database }: GrpcCall, { collection_name, partition_names, replica_number }: Loaded & OfPartitions): Promise<object> {
  const facts = await factsOf(database, collection_name);
  requireOneReplica(replica_number);
  requireIndexes(facts);
  await database.loadPartitions(collection_name, partition_names);
  return {};
}

/** Of several partitions: loaded if all are. */
async function stateOf(database: ServedDatabase, name: string, partitions: readonly string[]): Promise<LoadState> {
  if (partitions.length === 0) return database.getLoadState(name);
  const states = await Promise.all(partitions.map((partition) => database.getLoadState(name, partition)));
  return states.find((state) => state !== 'LoadStateLoaded') ?? 'LoadStateLoaded';
}

async function progress({ database }: GrpcCall, { collection_name, partition_names }: OfPartitions): Promise<object> {
  const state = await stateOf(database, collection_name, partition_names);
  // Errors: a collection that is not there.
  if (state === 'LoadStateNotExist') database.catalogEntry(collection_name);
  if (state !== 'LoadStateLoaded') throw notLoaded(collection_name);
  return { progress: DONE_PERCENT, refresh_progress: DONE_PERCENT };
}

function notLoaded(name: string): RefusedRequest {
  return new RefusedRequest(STATUS.collectionNotLoaded, `collection not loaded[collection=${name}]`);
}

function requireOneReplica(count: number): void {
  if (count > 1) throw new RefusedRequest(STATUS.invalidParameter, `replica_number: expected 0 or 1, as there is one node, found ${count}`);
}
