// Definition: a collection as REST clients write it (quick form or full schema) and as they read it back.
// Names and types are only translated here; whether they make a schema is the engine's to check.

import { Type, type Static } from 'typebox';
import type { CollectionDefinition, CollectionDescription, LoadState } from '../../engine/api.js';
import { CONSISTENCY_LEVELS } from '../../model/consistency-level.js';
import type { DefaultValue, Field } from '../../model/field.js';
import { functionOf, primaryField, type Schema, type SchemaFunction } from '../../model/schema.js';
import type { JsonInput, JsonObject } from '../json.js';
import { collectionId } from '../milvus/ids.js';
import { RefusedRequest, STATUS } from '../status.js';
import { INDEX_PARAM, indexRequest } from './indexes.js';
import { keyValuesOf, missing, numberIn, present, refuseUnsupported, textIn, truthIn } from './parameters.js';
import { AnyArray, Flag, Name, SomeObject, Text } from './schema.js';

export { INDEX_PARAM };

/** Milvus numbers the fields of a user from 100. */
const FIELD_ID_FIRST = 100;
const FUNCTION_NUMBERS = { BM25: 1 } as const;

export const FIELD = Type.Object({
  fieldName: Name('The name of the field.'),
  dataType: Name('Its type, by the names of Milvus.'),
  elementDataType: Text('Of the elements of an Array.'),
  description: Text('Of the field.'),
  isPrimary: Flag('It is the primary key.'),
  isPartitionKey: Flag('Rows are spread over partitions by it.'),
  isClusteringKey: Flag('Not supported.'),
  nullable: Flag('Rows may lack it.'),
  defaultValue: Type.Optional(Type.Unsafe<JsonInput>({ description: 'What a row gets that lacks it.' })),
  elementTypeParams: SomeObject('dim, max_length, max_capacity, enable_analyzer, analyzer_params, enable_match, mmap_enabled.'),
});

const FUNCTION = Type.Object({
  name: Name('The name of the function.'),
  type: Name('BM25.'),
  description: Text('Of the function.'),
  inputFieldNames: Type.Array(Type.String()),
  outputFieldNames: Type.Array(Type.String()),
  params: SomeObject('Taken; BM25 has none.'),
});

export const SCHEMA = Type.Object({
  fields: Type.Array(FIELD),
  functions: Type.Optional(Type.Array(FUNCTION)),
  structFields: Type.Optional(AnyArray('Not supported.')),
  autoID: Flag('Keys are generated.'),
  autoId: Flag('As autoID.'),
  enableDynamicField: Flag('Rows may carry keys that no field names.'),
  enabledDynamicField: Flag('As enableDynamicField.'),
  description: Text('Of the collection.'),
});

export interface CreateBody {
  readonly collectionName: string;
  readonly dimension?: number;
  readonly metricType?: string;
  readonly idType?: string;
  readonly autoID?: boolean;
  readonly autoId?: boolean;
  readonly primaryFieldName?: string;
  readonly vectorFieldName?: string;
  readonly description?: string;
  readonly schema?: Static<typeof SCHEMA>;
  readonly indexParams?: readonly Static<typeof INDEX_PARAM>[];
  readonly params?: JsonObject;
}

export interface Asked {
  readonly definition: CollectionDefinition;
  /** As in Milvus only what has an index is loaded. */
  readonly loaded: boolean;
}

export function definitionFrom(body: CreateBody): Asked {
  const { schema, params = {}, indexParams = [] } = body;
  refuseUnsupported(params, ['partitionKeyIsolation']);
  const indexes = indexParams.map(indexRequest);
  const base = schema === undefined || schema.fields.length === 0 ? quickForm(body, params) : fullForm(schema, indexes);
  for (const { fieldName } of indexes) {
    if (!base.fields.some(({ name }) => name === fieldName)) throw missing(`indexParams: "${fieldName}" is no field of the schema`);
  }
  const definition = {
    name: body.collectionName,
    ...base,
    indexParams: indexes,
    ...present('description', textIn(body, 'description') ?? schema?.description),
    ...present('numPartitions', numberIn(params, 'partitionsNum')),
    ...present('consistencyLevel', levelOf(params)),
    ...present('properties', ttlOf(params)),
  };
  return { definition: definition as unknown as CollectionDefinition, loaded: schema === undefined || indexes.length > 0 };
}

/** Where no type is checked yet. */
type UncheckedField = Omit<Field, 'type' | 'metric' | 'elementType' | 'defaultValue'> & { readonly type: string; readonly metric?: string; readonly elementType?: string; readonly defaultValue?: JsonInput };

interface Form {
  readonly fields: readonly UncheckedField[];
  readonly functions?: readonly object[];
  readonly enableDynamicField: boolean;
}

function quickForm({ schema, dimension, idType = '', metricType = '', primaryFieldName = '', vectorFieldName = '', autoID, autoId }: CreateBody, params: JsonObject): Form {
  if (schema !== undefined) throw new RefusedRequest(STATUS.invalidParameter, 'schema.fields: expected a non-empty array');
  if (dimension === undefined || dimension === 0) throw missing('dimension or schema');
  const type = idType === '' ? 'Int64' : idType.toLowerCase() === 'varchar' ? 'VarChar' : idType.toLowerCase() === 'int64' ? 'Int64' : idType;
  const key: UncheckedField = { name: primaryFieldName === '' ? 'id' : primaryFieldName, type, primaryKey: true, autoId: autoID ?? autoId ?? false, ...present('maxLength', numberIn(params, 'max_length')) };
  const vector: UncheckedField = { name: vectorFieldName === '' ? 'vector' : vectorFieldName, type: 'FloatVector', dim: dimension, metric: metricType === '' ? 'COSINE' : metricType };
  return { fields: [key, vector], enableDynamicField: truthIn(params, 'enableDynamicField') ?? true };
}

function fullForm(schema: Static<typeof SCHEMA>, indexes: readonly { readonly fieldName: string; readonly metricType?: string }[]): Form {
  refuseUnsupported(schema, ['structFields']);
  const autoId = schema.autoID ?? schema.autoId ?? false;
  const outputs = new Set((schema.functions ?? []).flatMap(({ outputFieldNames }) => outputFieldNames));
  const metrics = new Map(indexes.map(({ fieldName, metricType }) => [fieldName, metricType]));
  const fields = schema.fields.map((field) => ({ ...uncheckedField(field, autoId), ...(outputs.has(field.fieldName) ? {} : present('metric', metrics.get(field.fieldName))) }));
  const functions = schema.functions?.map(({ params: _, ...rest }) => rest);
  return { fields, ...present('functions', functions), enableDynamicField: schema.enableDynamicField ?? schema.enabledDynamicField ?? false };
}

/** A field for `addField`, which checks it. */
export function fieldFrom(given: Static<typeof FIELD>, autoId: boolean): Field {
  return uncheckedField(given, autoId) as Field;
}

function uncheckedField(given: Static<typeof FIELD>, autoId: boolean): UncheckedField {
  refuseUnsupported(given, ['isClusteringKey']);
  const { fieldName, dataType, description, isPrimary = false, isPartitionKey, nullable, defaultValue, elementTypeParams: params = {} } = given;
  return {
    name: fieldName,
    type: dataType,
    primaryKey: isPrimary,
    autoId: isPrimary && autoId,
    ...present('description', description),
    ...present('partitionKey', isPartitionKey),
    ...present('elementType', textIn(given, 'elementDataType')),
    ...present('nullable', nullable),
    ...present('defaultValue', typeof defaultValue === 'bigint' ? defaultValue.toString() : defaultValue),
    ...present('dim', numberIn(params, 'dim')),
    ...present('maxLength', numberIn(params, 'max_length')),
    ...present('maxCapacity', numberIn(params, 'max_capacity')),
    ...present('enableAnalyzer', truthIn(params, 'enable_analyzer')),
    ...present('enableMatch', truthIn(params, 'enable_match')),
    ...present('analyzerParams', params['analyzer_params'] as Field['analyzerParams']),
    ...present('mmapEnabled', truthIn(params, 'mmap_enabled') ?? truthIn(params, 'mmap.enabled')),
  };
}

function levelOf(params: JsonObject): string | undefined {
  const level = textIn(params, 'consistencyLevel');
  return level === 'Customized' ? 'Bounded' : level;
}

function ttlOf(params: JsonObject): Readonly<Record<string, string>> | undefined {
  const seconds = params['ttlSeconds'] ?? undefined;
  return seconds === undefined ? undefined : { 'collection.ttl.seconds': String(seconds) };
}

/** What `collections/describe` answers. */
export function describedCollection({ name, id, schema, indexes, aliases, properties, consistencyLevel, numPartitions }: CollectionDescription, load: LoadState): object {
  return {
    collectionName: name,
    collectionID: BigInt(collectionId(id)),
    description: schema.description ?? '',
    autoId: primaryField(schema).autoId ?? false,
    enableDynamicField: schema.enableDynamicField,
    fields: schema.fields.map((field, i) => describedField(schema, field, i)),
    functions: (schema.functions ?? []).map(describedFunction),
    indexes: indexes.map(({ fieldName, indexName, metricType }) => ({ fieldName, indexName, metricType: metricType ?? '' })),
    load,
    consistencyLevel,
    partitionsNum: numPartitions,
    shardsNum: 1,
    aliases,
    properties: keyValuesOf(properties),
  };
}

function describedFunction({ name, type, description = '', inputFieldNames, outputFieldNames }: SchemaFunction, position: number): object {
  return { name, id: FIELD_ID_FIRST + position, type: FUNCTION_NUMBERS[type], description, inputFieldNames, outputFieldNames, params: [] };
}

function describedField(schema: Schema, field: Field, position: number): object {
  const params = typeParams(field);
  return {
    name: field.name,
    id: FIELD_ID_FIRST + position,
    type: field.type,
    description: field.description ?? '',
    primaryKey: field.primaryKey ?? false,
    autoId: field.autoId ?? false,
    partitionKey: field.partitionKey ?? false,
    clusteringKey: false,
    nullable: field.nullable ?? false,
    ...(functionOf(schema, field.name) === undefined ? {} : { isFunctionOutput: true }),
    ...present<'defaultValue', DefaultValue>('defaultValue', field.defaultValue),
    ...present('elementType', field.elementType),
    ...(params.length === 0 ? {} : { params }),
  };
}

function typeParams({ dim, maxLength, maxCapacity, enableAnalyzer, enableMatch, analyzerParams, mmapEnabled }: Field): readonly object[] {
  const values = { dim, max_length: maxLength, max_capacity: maxCapacity, enable_analyzer: enableAnalyzer, enable_match: enableMatch, analyzer_params: analyzerParams === undefined ? undefined : JSON.stringify(analyzerParams), mmap_enabled: mmapEnabled };
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: String(value) }]));
}

/** As the engine has them, for the check of those that requests name. */
export const LEVELS = [...CONSISTENCY_LEVELS, 'Customized'] as const;
