// Collections: remote procedures that make, tell and remove one, or give it another name.

import { notFound } from '../../../engine/database/catalog-names.js';
import { ElanusError } from '../../../model/errors.js';
import { checkSchema } from '../../../model/schema.js';
import type { ServedDatabase } from '../../call.js';
import { factsOf, isIn, nameMeant } from '../../milvus/facts.js';
import { collectionId, databaseId } from '../../milvus/ids.js';
import { hybridTime } from '../../milvus/times.js';
import { RefusedRequest, STATUS } from '../../status.js';
import { pairsOf, propertiesOf, type AskedSchema, type KeyValue, type OfCollection } from '../messages.js';
import { milvusProtos } from '../protos.js';
import { LOGGED_IN, onCollection, onCollections, onDatabase, onServer } from '../rules.js';
import { definitionOf } from '../schema-asked.js';
import { schemaMessage } from '../schema-told.js';
import { StatusError, statusOf, SUCCESS } from '../status.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';
import { nextTimestamp } from './server.js';

interface Created extends OfCollection {
  readonly schema: Uint8Array;
  readonly shards_num: number;
  readonly consistency_level: string;
  readonly properties: readonly KeyValue[];
  readonly num_partitions: string;
}

interface Described extends OfCollection {
  readonly collectionID: string;
}

interface Renamed {
  readonly oldName: string;
  readonly newName: string;
  readonly newDBName: string;
}

interface Shown {
  readonly type: string;
  readonly collection_names: readonly string[];
}

const SHARDS = 1;
const SHARDS_MAX = 16;
const LOADED_PERCENT = 100;

export const COLLECTION_VERBS: Verbs = {
  CreateCollection: verb<Created, object>({ rule: onDatabase('CreateCollection'), run: create }),
  DropCollection: verb<OfCollection, object>({
    rule: onCollection('DropCollection'),
    run: async ({ database }, { collection_name }) => {
      // As in Milvus, dropping twice is dropping.
      if (await database.hasCollection(collection_name)) await database.dropCollection(collection_name);
      return {};
    },
  }),
  HasCollection: verb<OfCollection, object>({ rule: onCollection('DescribeCollection'), run: async ({ database }, { collection_name }) => ({ value: await database.hasCollection(collection_name) }) }),
  DescribeCollection: verb<Described, object>({ rule: onCollection('DescribeCollection'), run: ({ database }, { collection_name, collectionID }) => describe(database, collection_name, collectionID) }),
  BatchDescribeCollection: verb<{ readonly collection_name: readonly string[]; readonly collectionID: readonly string[] }, object>({
    rule: onCollections('DescribeCollection', ({ collection_name }) => (collection_name.length === 0 ? ['*'] : collection_name)),
    run: describeEach,
  }),
  ShowCollections: verb<Shown, object>({ rule: LOGGED_IN, run: show }),
  GetCollectionStatistics: verb<OfCollection, object>({
    rule: onCollection('GetStatistics'),
    run: async ({ database }, { collection_name }) => ({ stats: [{ key: 'row_count', value: String((await database.describeCollection(collection_name)).rows) }] }),
  }),
  RenameCollection: verb<Renamed, object>({
    rule: onServer('RenameCollection'),
    run: async ({ database, databaseName }, { oldName, newName, newDBName }) => {
      await database.renameCollection(oldName, newName, newDBName === '' ? databaseName : newDBName);
      return {};
    },
  }),
  TruncateCollection: verb<OfCollection, object>({
    rule: onCollection('TruncateCollection'),
    run: async ({ database }, { collection_name }) => {
      await database.truncateCollection(collection_name);
      return {};
    },
  }),
};

async function create({ database }: GrpcCall, request: Created): Promise<object> {
  const { collection_name: name, shards_num, consistency_level, properties, num_partitions } = request;
  if (shards_num > SHARDS_MAX) throw new RefusedRequest(STATUS.invalidParameter, `maximum shards's number should be limited to ${SHARDS_MAX}`);
  const schema = milvusProtos().message('schema.CollectionSchema').decode(request.schema) as AskedSchema;
  const definition = { ...definitionOf(schema), name };
  const partitions = Number(num_partitions);
  try {
    await database.createCollection({
      ...definition,
      properties: propertiesOf([...schema.properties, ...properties]),
      consistencyLevel: consistency_level === 'Customized' ? 'Bounded' : (consistency_level as 'Strong'),
      loaded: false,
      ...(partitions > 0 ? { numPartitions: partitions } : {}),
    });
  } catch (error) {
    if (!(error instanceof ElanusError && error.code === 'AlreadyExists' && error.milvusCode === STATUS.unexpected)) throw error;
    // As in Milvus, making the same again is no error.
    if (!(await isSame(database, name, definition))) throw new RefusedRequest(STATUS.invalidParameter, `create duplicate collection with different parameters, collection: ${name}`);
  }
  return {};
}

/** Whether the collection has this schema, whatever the metrics that its indexes have set. */
async function isSame(database: ServedDatabase, name: string, definition: object): Promise<boolean> {
  const { schema } = await database.describeCollection(name);
  const plain = (given: object): string => JSON.stringify({ ...given, fields: (given as { readonly fields: readonly object[] }).fields.map((field) => ({ ...field, metric: undefined })) });
  return plain(checkSchema(definition)) === plain(checkSchema(schema));
}

async function describe(database: ServedDatabase, name: string, id: string): Promise<object> {
  const meant = nameMeant(database, name, id);
  const [facts, { aliases, consistencyLevel, properties }] = await described(database, meant);
  const channel = `by-dev-rootcoord-dml_0_${facts.id}v0`;
  return {
    schema: schemaMessage(facts.name, facts.schema),
    collectionID: facts.id,
    collection_name: facts.name,
    virtual_channel_names: [channel],
    physical_channel_names: ['by-dev-rootcoord-dml_0'],
    created_timestamp: hybridTime(facts.createdMs),
    created_utc_timestamp: String(facts.createdMs),
    shards_num: SHARDS,
    aliases,
    start_positions: [],
    consistency_level: consistencyLevel,
    properties: pairsOf(properties),
    db_name: database.database,
    num_partitions: String(facts.partitions.length),
    db_id: databaseId(database.database),
    request_time: nextTimestamp(),
    update_timestamp: facts.updated,
    update_timestamp_str: facts.updated,
  };
}

/** Errors: 100 with the older number and the words by which clients know that there is no such collection. */
async function described(database: ServedDatabase, name: string) {
  try {
    return [await factsOf(database, name), await database.describeCollection(name)] as const;
  } catch (error) {
    if (!(error instanceof ElanusError && error.milvusCode === STATUS.collectionNotFound)) throw error;
    throw new StatusError(STATUS.collectionNotFound, `can't find collection[database=${database.database}][collection=${name}]`, 'UnexpectedError');
  }
}

async function describeEach({ database }: GrpcCall, { collection_name, collectionID }: { readonly collection_name: readonly string[]; readonly collectionID: readonly string[] }): Promise<object> {
  const asked = collection_name.length > 0 ? collection_name.map((name) => [name, '0'] as const) : collectionID.map((id) => ['', id] as const);
  const responses = await Promise.all(asked.map(async ([name, id]) => {
    try {
      return { status: SUCCESS, ...(await describe(database, name, id)) };
    } catch (error) {
      return { status: statusOf(error).status, collection_name: name, collectionID: id };
    }
  }));
  return { responses };
}

async function show({ caller, database, databaseName }: GrpcCall, { type, collection_names: asked }: Shown): Promise<object> {
  const sees = (name: string): boolean => caller?.sees?.(databaseName, name) ?? true;
  const entries = database.catalogEntries.filter((entry) => isIn(entry, databaseName) && sees(entry.name));
  for (const name of asked) if (!sees(database.catalogEntry(name).name)) throw notFound(databaseName, name);
  const isLoaded = ({ released }: { readonly released?: unknown }): boolean => released !== 'all';
  const shown = type === 'InMemory' ? entries.filter((entry) => isLoaded(entry) && (asked.length === 0 || asked.some((name) => database.catalogEntry(name).id === entry.id))) : entries;
  return {
    collection_names: shown.map(({ name }) => name),
    collection_ids: shown.map(({ id }) => collectionId(id)),
    created_timestamps: shown.map(({ createdMs = 0 }) => hybridTime(createdMs)),
    created_utc_timestamps: shown.map(({ createdMs = 0 }) => String(createdMs)),
    inMemory_percentages: shown.map((entry) => String(isLoaded(entry) ? LOADED_PERCENT : 0)),
    query_service_available: shown.map(isLoaded),
    shards_num: shown.map(() => SHARDS),
  };
}
