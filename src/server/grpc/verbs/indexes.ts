// Indexes: remote procedures that ask for indexes, tell how far they are, and take them away. Told are those that were asked
// for: as in Milvus a field without one has none, whatever the engine does by itself.

import type { IndexDescription } from '../../../engine/api.js';
import { isVector } from '../../../model/field.js';
import type { IndexDefinition } from '../../../model/index-definition.js';
import { fieldNamed } from '../../../model/schema.js';
import type { ServedDatabase } from '../../call.js';
import { factsOf, type CollectionFacts } from '../../milvus/facts.js';
import { indexId } from '../../milvus/ids.js';
import { changeIndex } from '../../milvus/index-change.js';
import { indexRequestOf, settingsOf } from '../../milvus/index-words.js';
import { RefusedRequest, STATUS } from '../../status.js';
import type { KeyValue, OfCollection } from '../messages.js';
import { onCollection } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface Created extends OfCollection {
  readonly field_name: string;
  readonly index_name: string;
  readonly extra_params: readonly KeyValue[];
}

interface Altered extends OfCollection {
  readonly index_name: string;
  readonly extra_params: readonly KeyValue[];
  readonly delete_keys: readonly string[];
}

interface Chosen extends OfCollection {
  readonly field_name?: string;
  readonly index_name: string;
}

export const INDEX_VERBS: Verbs = {
  CreateIndex: verb<Created, object>({
    rule: onCollection('CreateIndex'),
    run: async ({ database }, { collection_name, field_name, index_name, extra_params }) => {
      await database.createIndex(collection_name, indexRequestOf(field_name, index_name, extra_params));
      return {};
    },
  }),
  AlterIndex: verb<Altered, object>({ rule: onCollection('CreateIndex'), run: alter }),
  DropIndex: verb<Chosen, object>({ rule: onCollection('DropIndex'), run: drop }),
  DescribeIndex: verb<Chosen, object>({ rule: onCollection('IndexDetail'), run: describe }),
  GetIndexStatistics: verb<Chosen, object>({ rule: onCollection('IndexDetail'), run: describe }),
  GetIndexState: verb<Chosen, object>({
    rule: onCollection('IndexDetail'),
    run: async ({ database }, request) => ({ state: (await progress(database, request)).state, fail_reason: '' }),
  }),
  GetIndexBuildProgress: verb<Chosen, object>({
    rule: onCollection('IndexDetail'),
    run: async ({ database }, request) => {
      const { indexedRows, pendingRows } = await progress(database, request);
      return { indexed_rows: String(indexedRows), total_rows: String(indexedRows + pendingRows) };
    },
  }),
};

/** Errors: 700 if none is meant, or there is none. */
function chosen({ name, indexes }: CollectionFacts, { field_name = '', index_name }: Chosen): readonly IndexDefinition[] {
  const found = indexes.filter(({ fieldName, indexName }) => (field_name === '' || fieldName === field_name) && (index_name === '' || indexName === index_name));
  if (found.length > 0) return found;
  throw new RefusedRequest(STATUS.indexNotFound, `index not found[collection=${name}]${index_name === '' ? '' : `[indexName=${index_name}]`}${field_name === '' ? '' : `[fieldName=${field_name}]`}`);
}

async function describe({ database }: GrpcCall, request: Chosen): Promise<object> {
  const facts = await factsOf(database, request.collection_name);
  const descriptions = await Promise.all(chosen(facts, request).map((index) => database.describeIndex(request.collection_name, { indexName: index.indexName })));
  return { index_descriptions: descriptions.map((description) => message(facts, description)) };
}

function message({ hex, schema }: CollectionFacts, description: IndexDescription): object {
  const { indexName, fieldName, indexedRows, pendingRows, state } = description;
  return {
    index_name: indexName,
    indexID: indexId(hex, schema.fields.findIndex(({ name }) => name === fieldName)),
    field_name: fieldName,
    params: settingsOf(description),
    indexed_rows: String(indexedRows),
    // What still grows has no index, and clients wait until nothing lacks one.
    total_rows: String(indexedRows + pendingRows),
    pending_index_rows: String(pendingRows),
    state,
    index_state_fail_reason: '',
  };
}

/** Of those that are meant together. */
async function progress(database: ServedDatabase, request: Chosen): Promise<Pick<IndexDescription, 'state' | 'indexedRows' | 'pendingRows'>> {
  const facts = await factsOf(database, request.collection_name);
  const found = await Promise.all(chosen(facts, request).map(({ indexName }) => database.describeIndex(request.collection_name, { indexName })));
  const least = found.reduce((a, b) => (b.pendingRows > a.pendingRows ? b : a));
  return least;
}

async function drop({ database }: GrpcCall, request: Chosen): Promise<object> {
  const { collection_name, field_name = '', index_name } = request;
  const { schema, indexes, isLoaded } = await factsOf(database, collection_name);
  if (field_name !== '') fieldNamed(schema, field_name);
  // As in Milvus, dropping twice is dropping.
  const meant = indexes.filter(({ fieldName, indexName }) => (field_name === '' || fieldName === field_name) && (index_name === '' || indexName === index_name));
  const used = meant.find(({ fieldName }) => isVector(fieldNamed(schema, fieldName).type));
  if (used !== undefined && isLoaded) throw new RefusedRequest(STATUS.invalidParameter, `vector index cannot be dropped on loaded collection: ${collection_name}`);
  for (const { fieldName } of meant) await database.dropIndex(collection_name, { fieldName });
  return {};
}

async function alter({ database }: GrpcCall, request: Altered): Promise<object> {
  const { collection_name, extra_params, delete_keys } = request;
  const [index] = chosen(await factsOf(database, collection_name), request);
  if (index === undefined) return {};
  await changeIndex(database, collection_name, index, { set: Object.fromEntries(extra_params.map(({ key, value }) => [key, value])), remove: delete_keys });
  return {};
}
