// DatabaseIndexes: the verbs of indexes, each on the collection that is named.

import type { IndexRequest } from '../../model/index-definition.js';
import { fieldNamed } from '../../model/schema.js';
import type { IndexChoice, IndexDescription } from '../api.js';
import type { EngineCollection } from '../collection/collection.js';
import { chosenIndex, withIndex, withoutIndex } from '../collection/indexes.js';

export async function createIndex(collection: EngineCollection, index: IndexRequest): Promise<void> {
  await collection.useMetricOf(index);
  await collection.changeIndexes((definitions) => withIndex(collection.schema, definitions, index));
}

export function describeIndex(collection: EngineCollection, index: IndexChoice): IndexDescription {
  return collection.describeIndex(chosenIndex(collection.schema, collection.indexes, index));
}

export function listIndexes({ schema, indexes }: EngineCollection, fieldName?: string): readonly string[] {
  const field = fieldName === undefined ? undefined : fieldNamed(schema, fieldName).name;
  return indexes.filter((index) => field === undefined || index.fieldName === field).map(({ indexName }) => indexName);
}

export function dropIndex(collection: EngineCollection, index: IndexChoice): Promise<void> {
  return collection.changeIndexes((definitions) => withoutIndex(collection.schema, definitions, index));
}
