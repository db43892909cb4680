// Segments: remote procedures that tell what segments collections have, and merge them.

import { factsOf, nameMeant, segmentsOf } from '../../milvus/facts.js';
import { indexId, partitionId, segmentId } from '../../milvus/ids.js';
import { isVector } from '../../../model/field.js';
import { LOGGED_IN, onCollections } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';
import { NODE } from './server.js';

interface Named {
  readonly collectionName: string;
}

interface Compacted {
  readonly collectionID: string;
  readonly collection_name: string;
}

interface OfCompaction {
  readonly compactionID: string;
}

const onNamed = onCollections<Named>('DescribeCollection', ({ collectionName }) => [collectionName]);

export const SEGMENT_VERBS: Verbs = {
  GetPersistentSegmentInfo: verb<Named, object>({ rule: onNamed, run: persistent }),
  GetQuerySegmentInfo: verb<Named, object>({ rule: onNamed, run: loaded }),
  ManualCompaction: verb<Compacted, object>({ rule: onCollections('Compaction', ({ collection_name }) => [collection_name === '' ? '*' : collection_name]), run: compact }),
  GetCompactionState: verb<OfCompaction, object>({
    rule: LOGGED_IN,
    scope: 'server',
    run: async ({ caller, services }, { compactionID }) => {
      const { state, executing, completed, failed } = services.compactions.describe(Number(compactionID), caller);
      return { state, executingPlanNo: String(executing), timeoutPlanNo: '0', completedPlanNo: String(completed), failedPlanNo: String(failed) };
    },
  }),
  GetCompactionStateWithPlans: verb<OfCompaction, object>({
    rule: LOGGED_IN,
    scope: 'server',
    run: async ({ caller, services }, { compactionID }) => ({ state: services.compactions.describe(Number(compactionID), caller).state, mergeInfos: [] }),
  }),
};

async function persistent({ database }: GrpcCall, { collectionName }: Named): Promise<object> {
  const { id, hex } = await factsOf(database, collectionName);
  const segments = await segmentsOf(database, collectionName);
  return { infos: segments.map((segment) => ({ segmentID: segment.id, collectionID: id, partitionID: partitionId(hex, 0), num_rows: String(segment.rows), state: 'Flushed', level: 'L1', is_sorted: false, storage_version: '0' })) };
}

async function loaded({ database }: GrpcCall, { collectionName }: Named): Promise<object> {
  const { id, hex, schema, indexes, isLoaded } = await factsOf(database, collectionName);
  if (!isLoaded) return { infos: [] };
  const segments = await segmentsOf(database, collectionName);
  const growing = (await database.describeCollection(collectionName)).rows - segments.reduce((sum, { rows }) => sum + rows, 0);
  const index = indexes.find(({ fieldName }) => schema.fields.some(({ name, type }) => name === fieldName && isVector(type)));
  const place = schema.fields.findIndex(({ name }) => name === index?.fieldName);
  const common = { collectionID: id, partitionID: partitionId(hex, 0), mem_size: '0', nodeID: NODE.id, nodeIds: [NODE.id], level: 'L1', is_sorted: false, storage_version: '0' };
  const sealed = segments.map((segment) => ({ ...common, segmentID: segment.id, num_rows: String(segment.rows), state: 'Sealed', ...(index === undefined ? {} : { index_name: index.indexName, indexID: indexId(hex, place) }) }));
  return { infos: growing > 0 ? [...sealed, { ...common, segmentID: segmentId(hex, 0), num_rows: String(growing), state: 'Growing' }] : sealed };
}

async function compact({ database, databaseName, services }: GrpcCall, { collection_name, collectionID }: Compacted): Promise<object> {
  const name = nameMeant(database, collection_name, collectionID);
  const id = services.compactions.start(databaseName, await database.collection(name));
  return { compactionID: String(id), compactionPlanCount: 1 };
}
