// Schema told: a collection's schema as Milvus' protocol tells it. The dynamic field is not among the fields.

import type { Field } from '../../model/field.js';
import { functionOf, primaryField, type Schema, type SchemaFunction } from '../../model/schema.js';
import { timestampOf } from '../../model/timestamp.js';
import { fieldId } from '../milvus/ids.js';
import type { FieldMessage, FunctionMessage, KeyValue, SchemaMessage, ValueMessage } from './messages.js';

const NO_TYPE = 'None';

export function schemaMessage(name: string, schema: Schema): SchemaMessage {
  return {
    name,
    description: schema.description ?? '',
    autoID: primaryField(schema).autoId ?? false,
    fields: schema.fields.map((field, place) => fieldMessage(schema, field, place)),
    enable_dynamic_field: schema.enableDynamicField,
    properties: [],
    functions: (schema.functions ?? []).map((one, at) => functionMessage(schema, one, at)),
  };
}

function fieldMessage(schema: Schema, field: Field, place: number): FieldMessage {
  return {
    fieldID: fieldId(place),
    name: field.name,
    description: field.description ?? '',
    is_primary_key: field.primaryKey ?? false,
    data_type: field.type,
    element_type: field.elementType ?? NO_TYPE,
    type_params: typeParams(field),
    index_params: [],
    autoID: field.autoId ?? false,
    default_value: field.defaultValue === undefined ? null : valueMessage(field),
    is_dynamic: false,
    is_partition_key: field.partitionKey ?? false,
    is_clustering_key: false,
    nullable: field.nullable ?? false,
    is_function_output: functionOf(schema, field.name) !== undefined,
  };
}

function typeParams({ dim, maxLength, maxCapacity, enableAnalyzer, enableMatch, analyzerParams, mmapEnabled }: Field): readonly KeyValue[] {
  const params: readonly (readonly [string, unknown])[] = [
    ['dim', dim],
    ['max_length', maxLength],
    ['max_capacity', maxCapacity],
    ['enable_analyzer', enableAnalyzer],
    ['enable_match', enableMatch],
    ['analyzer_params', analyzerParams === undefined ? undefined : JSON.stringify(analyzerParams)],
    ['mmap.enabled', mmapEnabled],
  ];
  return params.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: String(value) }]));
}

function valueMessage({ type, defaultValue }: Field): ValueMessage | null {
  if (typeof defaultValue === 'boolean') return { bool_data: defaultValue };
  if (type === 'Int64') return { long_data: String(defaultValue) };
  if (type === 'Timestamptz') return { timestamptz_data: String(timestampOf(String(defaultValue)) ?? 0n) };
  if (typeof defaultValue === 'string') return { string_data: defaultValue };
  // Milvus has none of an Array.
  if (typeof defaultValue !== 'number') return null;
  if (type === 'Float') return { float_data: defaultValue };
  return type === 'Double' ? { double_data: defaultValue } : { int_data: defaultValue };
}

function functionMessage(schema: Schema, { name, type, description = '', inputFieldNames, outputFieldNames }: SchemaFunction, at: number): FunctionMessage {
  const ids = (names: readonly string[]): readonly number[] => names.map((one) => fieldId(schema.fields.findIndex((field) => field.name === one)));
  return { name, id: fieldId(at), description, type, input_field_names: inputFieldNames, input_field_ids: ids(inputFieldNames), output_field_names: outputFieldNames, output_field_ids: ids(outputFieldNames), params: [] };
}
