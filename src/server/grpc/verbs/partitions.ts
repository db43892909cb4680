// Partitions: remote procedures that make, tell and remove them.

import { factsOf, nameMeant } from '../../milvus/facts.js';
import { partitionId } from '../../milvus/ids.js';
import { hybridTime } from '../../milvus/times.js';
import { RefusedRequest, STATUS } from '../../status.js';
import type { OfCollection } from '../messages.js';
import { onCollection } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface OfPartition extends OfCollection {
  readonly partition_name: string;
}

interface Shown extends OfCollection {
  readonly collectionID: string;
  readonly partition_names: readonly string[];
  readonly type: string;
}

const LOADED_PERCENT = 100;

export const PARTITION_VERBS: Verbs = {
  CreatePartition: verb<OfPartition, object>({
    rule: onCollection('CreatePartition'),
    run: async ({ database }, { collection_name, partition_name }) => {
      await database.createPartition(collection_name, partition_name);
      return {};
    },
  }),
  DropPartition: verb<OfPartition, object>({ rule: onCollection('DropPartition'), run: drop }),
  HasPartition: verb<OfPartition, object>({ rule: onCollection('HasPartition'), run: async ({ database }, { collection_name, partition_name }) => ({ value: await database.hasPartition(collection_name, partition_name) }) }),
  ShowPartitions: verb<Shown, object>({ rule: onCollection('ShowPartitions'), run: show }),
  GetPartitionStatistics: verb<OfPartition, object>({
    rule: onCollection('GetStatistics'),
    run: async ({ database }, { collection_name, partition_name }) => ({ stats: [{ key: 'row_count', value: String((await database.getPartitionStats(collection_name, partition_name)).rows) }] }),
  }),
};

async function drop({ database }: GrpcCall, { collection_name, partition_name }: OfPartition): Promise<object> {
  const isThere = await database.hasPartition(collection_name, partition_name);
  // The engine says why, where it is the default one or has a partition key.
  if (isThere && partition_name !== '_default' && (await database.getLoadState(collection_name, partition_name)) === 'LoadStateLoaded') {
    throw new RefusedRequest(STATUS.unexpected, 'partition cannot be dropped, partition is loaded, please release it first');
  }
  await database.dropPartition(collection_name, partition_name);
  return {};
}

async function show({ database }: GrpcCall, { collection_name, collectionID, partition_names: asked, type }: Shown): Promise<object> {
  const name = nameMeant(database, collection_name, collectionID);
  const { hex, createdMs, partitions } = await factsOf(database, name);
  const states = await Promise.all(partitions.map(async (partition) => ({ ...partition, isLoaded: (await database.getLoadState(name, partition.name)) === 'LoadStateLoaded' })));
  for (const partition of asked) if (!partitions.some((one) => one.name === partition)) throw new RefusedRequest(STATUS.partitionNotFound, `partition not found[partition=${partition}]`);
  const shown = type === 'InMemory' ? states.filter((one) => one.isLoaded && (asked.length === 0 || asked.includes(one.name))) : states;
  return {
    partition_names: shown.map((one) => one.name),
    partitionIDs: shown.map(({ number }) => partitionId(hex, number)),
    created_timestamps: shown.map((one) => hybridTime(one.createdMs ?? createdMs)),
    created_utc_timestamps: shown.map((one) => String(one.createdMs ?? createdMs)),
    inMemory_percentages: shown.map(({ isLoaded }) => String(isLoaded ? LOADED_PERCENT : 0)),
  };
}
