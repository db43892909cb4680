// Definition: what `createCollection` is given, in either form, as a checked name and Schema.

import { require } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { checkName, checkSchema, type Schema } from '../model/schema.js';
import type { CollectionDefinition } from './api.js';

/** Errors: `InvalidArgument`. */
export function checkDefinition(given: CollectionDefinition): { readonly name: string; readonly schema: Schema } {
  require(typeof given === 'object' && given !== null, () => 'createCollection: expected an object with name and fields, or name and dimension');
  checkName('collection name', given.name);
  require('fields' in given !== 'dimension' in given, () => 'createCollection: expected either fields or dimension');
  if ('fields' in given) return { name: given.name, schema: checkSchema(given) };
  const { dimension, metric = 'COSINE', idType = 'Int64', autoId = false } = given;
  const fields: readonly Field[] = [
    { name: 'id', type: idType, primaryKey: true, autoId },
    { name: 'vector', type: 'FloatVector', dim: dimension, metric },
  ];
  return { name: given.name, schema: checkSchema({ fields, enableDynamicField: true }) };
}
