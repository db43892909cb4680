// Definition: a collection as REST clients write it (quick form or full schema) and as they read it back.
// Names and types are only translated here; whether they make a schema is the engine's to check.

import type { CollectionDefinition, CollectionDescription } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import type { IndexRequest } from '../../model/index-definition.js';
import { primaryField } from '../../model/schema.js';
import type { JsonObject } from '../json.js';
import { indexRequests } from './indexes.js';
import { missing, objectsOf, optional, optionalFlag, optionalNumber, optionalObject, optionalText, present, refuseUnsupported, textOf } from './parameters.js';

/** Milvus numbers the fields of a user from 100. */
const FIELD_ID_FIRST = 100;

export function definitionFrom(body: JsonObject): CollectionDefinition {
  const name = textOf(body, 'collectionName');
  const params = optionalObject(body, 'params');
  refuseUnsupported(params, ['ttlSeconds', 'partitionKeyIsolation']);
  return optional(body, 'schema') === undefined ? quickDefinition(name, body, params) : fullDefinition(name, body);
}

function quickDefinition(name: string, body: JsonObject, params: JsonObject): CollectionDefinition {
  const dim = optionalNumber(body, 'dimension');
  if (dim === undefined) throw missing('dimension or schema');
  const idType = optionalText(body, 'idType') ?? 'Int64';
  const key: UncheckedField = {
    name: optionalText(body, 'primaryFieldName') ?? 'id',
    type: idType.toLowerCase() === 'varchar' ? 'VarChar' : idType,
    primaryKey: true,
    autoId: optionalFlag(body, 'autoID') ?? optionalFlag(body, 'autoId') ?? false,
    ...present('maxLength', optionalNumber(params, 'max_length')),
  };
  const vector: UncheckedField = {
    name: optionalText(body, 'vectorFieldName') ?? 'vector',
    type: 'FloatVector',
    dim,
    metric: optionalText(body, 'metricType') ?? 'COSINE',
  };
  return assembled(name, [key, vector], indexRequests(body), optionalFlag(params, 'enableDynamicField') ?? true, optionalText(body, 'description'));
}

function fullDefinition(name: string, body: JsonObject): CollectionDefinition {
  const schema = optionalObject(body, 'schema');
  refuseUnsupported(schema, ['functions', 'structFields']);
  const autoId = optionalFlag(schema, 'autoId') ?? optionalFlag(schema, 'autoID') ?? false;
  const indexes = indexRequests(body);
  const metrics = new Map(indexes.map(({ fieldName, metricType }) => [fieldName, metricType]));
  const fields = objectsOf(schema, 'fields').map((field) => fieldFrom(field, autoId, metrics));
  for (const fieldName of metrics.keys()) {
    if (!fields.some((field) => field.name === fieldName)) throw new ElanusError('InvalidArgument', `indexParams: no field "${fieldName}" in the schema`);
  }
  return assembled(name, fields, indexes, optionalFlag(schema, 'enableDynamicField') ?? optionalFlag(schema, 'enabledDynamicField') ?? false, optionalText(schema, 'description'));
}

/** A Field whose type and metric are still any text: the engine checks every definition it is given. */
type UncheckedField = Omit<Field, 'type' | 'metric' | 'elementType' | 'defaultValue'> & { readonly type: string; readonly metric?: string; readonly elementType?: string; readonly defaultValue?: unknown };

function fieldFrom(given: JsonObject, autoId: boolean, metrics: ReadonlyMap<string, string | undefined>): UncheckedField {
  refuseUnsupported(given, ['isPartitionKey', 'isClusteringKey']);
  const name = textOf(given, 'fieldName');
  const type = textOf(given, 'dataType');
  const primaryKey = optionalFlag(given, 'isPrimary') ?? false;
  const params = optionalObject(given, 'elementTypeParams');
  return {
    name,
    type,
    primaryKey,
    autoId: primaryKey && autoId,
    ...present('description', optionalText(given, 'description')),
    ...present('dim', optionalNumber(params, 'dim')),
    ...present('maxLength', optionalNumber(params, 'max_length')),
    ...present('metric', metrics.get(name)),
    ...present('elementType', optionalText(given, 'elementDataType')),
    ...present('maxCapacity', optionalNumber(params, 'max_capacity')),
    ...present('nullable', optionalFlag(given, 'nullable')),
    ...present('defaultValue', optional(given, 'defaultValue')),
  };
}

function assembled(name: string, fields: readonly UncheckedField[], indexParams: readonly IndexRequest[], enableDynamicField: boolean, description: string | undefined): CollectionDefinition {
  return { name, fields: fields as readonly Field[], indexParams, enableDynamicField, ...present('description', description) };
}

/** What `collections/describe` answers. */
export function describedCollection({ name, schema, indexes }: CollectionDescription): object {
  return {
    collectionName: name,
    description: schema.description ?? '',
    autoId: primaryField(schema).autoId ?? false,
    enableDynamicField: schema.enableDynamicField,
    fields: schema.fields.map(describedField),
    indexes: indexes.map(({ fieldName, indexName, metricType }) => ({ fieldName, indexName, metricType: metricType ?? '' })),
    load: 'LoadStateLoaded',
    consistencyLevel: 'Strong',
    partitionsNum: 1,
    shardsNum: 1,
    aliases: [],
    properties: [],
  };
}

function describedField(field: Field, position: number): object {
  const params = [
    ...(field.dim === undefined ? [] : [{ key: 'dim', value: String(field.dim) }]),
    ...(field.maxLength === undefined ? [] : [{ key: 'max_length', value: String(field.maxLength) }]),
    ...(field.maxCapacity === undefined ? [] : [{ key: 'max_capacity', value: String(field.maxCapacity) }]),
  ];
  return {
    name: field.name,
    id: FIELD_ID_FIRST + position,
    type: field.type,
    description: field.description ?? '',
    primaryKey: field.primaryKey ?? false,
    autoId: field.autoId ?? false,
    partitionKey: false,
    clusteringKey: false,
    nullable: field.nullable ?? false,
    ...present('defaultValue', field.defaultValue),
    ...present('elementType', field.elementType),
    ...(params.length === 0 ? {} : { params }),
  };
}
