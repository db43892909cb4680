// Indexes: which index each field of a collection has, by name. A vector without a definition has an AUTOINDEX of its own
// name; other fields have one only if it was asked for. As in Milvus, a field has one index: another is made by dropping it.

import type { Manifest } from '../../format/manifest.js';
import { ElanusError, require } from '../../model/errors.js';
import { autoIndex, checkIndex, planIndex, sameIndex, type IndexDefinition, type IndexRequest } from '../../model/index-definition.js';
import { metricsOf } from '../../model/index-type.js';
import { MILVUS } from '../../model/milvus-code.js';
import { fieldNamed, type Schema } from '../../model/schema.js';
import type { IndexChoice } from '../api.js';
import type { IndexWish, IndexWishes } from '../upkeep/indexer.js';

/** Definitions as a manifest has them: in order of the fields, at most one of each. */
export type Definitions = readonly IndexDefinition[];

/** The checked definitions of a new collection. Errors: `InvalidArgument`, `AlreadyExists` if two are of one field. */
export function definitionsOf(schema: Schema, requests: unknown): Definitions {
  require(Array.isArray(requests), () => 'indexParams: expected an array');
  return requests.reduce<Definitions>((definitions, request) => withIndex(schema, definitions, request as IndexRequest), []);
}

/** With the index that `request` asks for; the same array if it is there. Errors: `InvalidArgument`, `AlreadyExists`. */
export function withIndex(schema: Schema, definitions: Definitions, request: IndexRequest): Definitions {
  require(typeof request === 'object' && request !== null, () => 'createIndex: expected an object with fieldName');
  const added = checkIndex(fieldNamed(schema, request.fieldName), request);
  const before = definitions.find(({ fieldName }) => fieldName === added.fieldName);
  if (before !== undefined && sameIndex(before, added)) return definitions;
  if (before !== undefined) throw new ElanusError('AlreadyExists', `CreateIndex failed: at most one distinct index is allowed per field: "${added.fieldName}" has ${before.indexType} "${before.indexName}", drop it first`);
  const others = allIndexes(schema, definitions).filter(({ fieldName }) => fieldName !== added.fieldName);
  if (others.some(({ indexName }) => indexName === added.indexName)) throw new ElanusError('AlreadyExists', `CreateIndex failed: index "${added.indexName}" is of another field`);
  const position = (name: string): number => schema.fields.findIndex((field) => field.name === name);
  return [...definitions, added].sort((a, b) => position(a.fieldName) - position(b.fieldName));
}

/** Without the index meant; the same array if there is none, as dropping twice is dropping. Errors: `InvalidArgument`. */
export function withoutIndex(schema: Schema, definitions: Definitions, choice: IndexChoice): Definitions {
  const matches = matcher(schema, choice);
  return definitions.some(matches) ? definitions.filter((definition) => !matches(definition)) : definitions;
}

/** Every index there is, in order of the fields. */
export function allIndexes(schema: Schema, definitions: Definitions): Definitions {
  return schema.fields.flatMap((field) => {
    const definition = definitions.find(({ fieldName }) => fieldName === field.name);
    return definition ?? (metricsOf(field.type).length === 0 ? [] : autoIndex(field));
  });
}

/** The index meant. Errors: `InvalidArgument`, `NotFound`. */
export function chosenIndex(schema: Schema, definitions: Definitions, choice: IndexChoice): IndexDefinition {
  const found = allIndexes(schema, definitions).find(matcher(schema, choice));
  if (found === undefined) throw new ElanusError('NotFound', `index not found[${Object.entries(choice).map(([key, name]) => `${key}=${String(name)}`).join()}]`, { milvusCode: MILVUS.indexNotFound });
  return found;
}

function matcher(schema: Schema, choice: IndexChoice): (definition: IndexDefinition) => boolean {
  require(typeof choice === 'object' && choice !== null && 'indexName' in choice !== 'fieldName' in choice, () => 'index: expected either indexName or fieldName');
  if ('fieldName' in choice) {
    const { name } = fieldNamed(schema, choice.fieldName);
    return ({ fieldName }) => fieldName === name;
  }
  require(typeof choice.indexName === 'string', () => `indexName: expected a name, found ${typeof choice.indexName}`);
  return ({ indexName }) => indexName === choice.indexName;
}

/** What the definitions of a manifest mean for the indexes of each segment. */
export function wishesOf({ schema, indexes = [] }: Manifest): IndexWishes {
  const wishes = new Map<string, IndexWish>();
  for (const definition of allIndexes(schema, indexes)) {
    const field = fieldNamed(schema, definition.fieldName);
    const { form, lists } = planIndex(field, definition);
    if (form === 'auto' || form === 'graph' || form === 'ivf' || form === 'sparse') wishes.set(definition.fieldName, { kind: form, lists, metric: field.metric });
  }
  return wishes;
}
