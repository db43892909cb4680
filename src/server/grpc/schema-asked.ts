// Schema asked: a collection or a field as a request of Milvus' protocol describes it. Names and types are only translated
// here; whether they make a schema is the engine's to check.

import type { CollectionDefinition } from '../../engine/api.js';
import type { DefaultValue, Field } from '../../model/field.js';
import { timestampText } from '../../model/timestamp.js';
import { flagOf, integerOf, textOf, unsupported, type KeyValues } from '../milvus/key-values.js';
import { RefusedRequest, STATUS } from '../status.js';
import type { AskedSchema, FieldMessage, FunctionMessage, ValueMessage } from './messages.js';

/** What Milvus calls a text in older and in newer types. */
const TEXTS: ReadonlySet<string> = new Set(['String', 'VarChar', 'Text']);

/** What of a definition is in the schema. */
export function definitionOf(schema: AskedSchema): CollectionDefinition {
  if (schema.struct_array_fields.length > 0) throw unsupported('fields of structs');
  if (schema.external_source !== '') throw unsupported('collections over files of others');
  if (schema.enable_namespace) throw unsupported('namespaces');
  // Older clients name the dynamic field themselves.
  const given = schema.fields.filter(({ is_dynamic }) => !is_dynamic);
  return {
    name: schema.name,
    fields: given.map((field) => fieldOf(field, schema.autoID)),
    enableDynamicField: schema.enable_dynamic_field || given.length < schema.fields.length,
    ...(schema.description === '' ? {} : { description: schema.description }),
    ...(schema.functions.length === 0 ? {} : { functions: schema.functions.map(functionOf) }),
  };
}

/** `autoIds`: of the whole schema, as older clients say it. */
export function fieldOf(message: FieldMessage, autoIds = false): Field {
  const { name, description, data_type, element_type, is_primary_key, autoID, is_partition_key, is_clustering_key, nullable, default_value } = message;
  if (is_clustering_key) throw unsupported(`clustering key "${name}"`);
  const params: KeyValues = new Map(message.type_params.map(({ key, value }) => [key, value]));
  const type = TEXTS.has(data_type) ? 'VarChar' : data_type;
  const elementType = type === 'Array' ? { elementType: TEXTS.has(element_type) ? 'VarChar' : element_type } : {};
  requireLength(name, data_type, elementType.elementType, params);
  return {
    name,
    type,
    ...(description === '' ? {} : { description }),
    ...(is_primary_key ? { primaryKey: true, autoId: autoID || autoIds } : {}),
    ...(is_partition_key ? { partitionKey: true } : {}),
    ...(nullable ? { nullable } : {}),
    ...elementType,
    ...paramsOf(params),
    ...(default_value === null ? {} : { defaultValue: defaultOf(name, default_value) }),
  } as Field;
}

/** What may change of a field, by the names of its parameters. */
export function paramsOf(params: KeyValues): Partial<Field> {
  const mmap = flagOf(params, 'mmap.enabled') ?? flagOf(params, 'mmap_enabled');
  const [dim, maxLength, maxCapacity] = [integerOf(params, 'dim'), integerOf(params, 'max_length'), integerOf(params, 'max_capacity')];
  const [enableAnalyzer, enableMatch, analyzer] = [flagOf(params, 'enable_analyzer'), flagOf(params, 'enable_match'), textOf(params, 'analyzer_params')];
  if (textOf(params, 'multi_analyzer_params') !== undefined) throw unsupported('multi_analyzer_params');
  return {
    ...(dim === undefined ? {} : { dim }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(maxCapacity === undefined ? {} : { maxCapacity }),
    ...(mmap === undefined ? {} : { mmapEnabled: mmap }),
    ...(enableAnalyzer === undefined ? {} : { enableAnalyzer }),
    ...(enableMatch === undefined ? {} : { enableMatch }),
    ...(analyzer === undefined ? {} : { analyzerParams: jsonOf(analyzer) }),
  };
}

/** Errors: 1100 if it is no JSON object. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new RefusedRequest(STATUS.invalidParameter, `analyzer_params: expected a JSON object, found ${text.slice(0, 128)}`);
}

function requireLength(name: string, dataType: string, elementType: string | undefined, params: KeyValues): void {
  const needs = dataType === 'VarChar' || dataType === 'String' || elementType === 'VarChar';
  if (needs && integerOf(params, 'max_length') === undefined) throw new RefusedRequest(STATUS.invalidParameter, `type param(max_length) should be specified for the field(${name}) of type ${dataType}`);
}

function functionOf({ name, description, type, input_field_names, output_field_names }: FunctionMessage) {
  if (type !== 'BM25') throw unsupported(`function "${name}" of type ${type}`);
  return { name, type, ...(description === '' ? {} : { description }), inputFieldNames: input_field_names as readonly [string], outputFieldNames: output_field_names as readonly [string] } as const;
}

function defaultOf(name: string, value: ValueMessage): DefaultValue {
  const { bool_data, int_data, long_data, float_data, double_data, string_data, timestamptz_data } = value;
  const plain = bool_data ?? int_data ?? float_data ?? double_data ?? string_data;
  if (plain !== undefined) return plain;
  if (long_data !== undefined) return Number.isSafeInteger(Number(long_data)) ? Number(long_data) : long_data;
  if (timestamptz_data !== undefined) return timestampText(BigInt(timestamptz_data));
  throw new RefusedRequest(STATUS.invalidParameter, `field "${name}": its default value is of no type that a field can have here`);
}
