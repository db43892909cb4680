// Definition: what `createCollection` is given, in either form, as a checked name, Schema and indexes.

import { require } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { checkName, checkSchema, type Schema } from '../model/schema.js';
import { checkAnalyzer } from './analyzers.js';
import type { CollectionDefinition } from './api.js';
import { definitionsOf, type Definitions } from './indexes.js';

export interface CheckedDefinition {
  readonly name: string;
  readonly schema: Schema;
  readonly indexes: Definitions;
}

/** Errors: `InvalidArgument`; `AlreadyExists` if a field has two indexes. */
export function checkDefinition(given: CollectionDefinition): CheckedDefinition {
  require(typeof given === 'object' && given !== null, () => 'createCollection: expected an object with name and fields, or name and dimension');
  checkName('collection name', given.name);
  require('fields' in given !== 'dimension' in given, () => 'createCollection: expected either fields or dimension');
  const schema = 'fields' in given ? checkSchema(given) : quickSchema(given);
  for (const field of schema.fields) checkAnalyzer(field);
  return { name: given.name, schema, indexes: definitionsOf(schema, given.indexParams ?? []) };
}

function quickSchema({ dimension, metric = 'COSINE', idType = 'Int64', autoId = false }: Extract<CollectionDefinition, { readonly dimension: number }>): Schema {
  const fields: readonly Field[] = [
    { name: 'id', type: idType, primaryKey: true, autoId },
    { name: 'vector', type: 'FloatVector', dim: dimension, metric },
  ];
  return checkSchema({ fields, enableDynamicField: true });
}
