// Schema: the checked description of a collection's rows. Built by `checkSchema` only, so that who holds a
// Schema need not check it again: one primary key, one to ten vectors, unique valid names, all limits kept.

import { ElanusError, require } from './errors.js';
import { DYNAMIC_FIELD, isDenseVector, isVector, type DenseVectorType, type Field } from './field.js';
import { checkField } from './field-check.js';
import { checkHidden } from './hidden-field.js';
import { LIMITS } from './limits.js';
import type { BinaryMetric, Metric, SparseMetric } from './metric.js';
import { MILVUS } from './milvus-code.js';

import { checkFunctions, type SchemaFunction } from './schema-function.js';

export { checkName } from './name.js';
export type { SchemaFunction };

/** Of vectors of as many components in every row. */
export type DenseMetric = Metric | BinaryMetric;

export interface Schema {
  readonly fields: readonly Field[];
  /** Rows may carry keys that no field names. */
  readonly enableDynamicField: boolean;
  readonly description?: string;
  /** Absent if there are none. */
  readonly functions?: readonly SchemaFunction[];
  /** How many times it was changed since the collection was created; absent if never. */
  readonly version?: number;
  /** Columns that the collection keeps for itself; absent if there are none. */
  readonly hidden?: readonly Field[];
}

/** A field of vectors of as many components in every row. */
export interface DenseField extends Field {
  readonly type: DenseVectorType;
  readonly dim: number;
  readonly metric: DenseMetric;
}

/** A field of vectors by their terms. */
export interface SparseField extends Field {
  readonly type: 'SparseFloatVector';
  readonly metric: SparseMetric;
}

/** A field of vectors. */
export type VectorField = DenseField | SparseField;

/** Checks a schema from outside and fills in defaults (metric COSINE, maxLength 65,535). Errors: `InvalidArgument`. */
export function checkSchema(given: unknown): Schema {
  require(typeof given === 'object' && given !== null, () => 'schema: expected an object');
  const { fields, enableDynamicField = false, description, functions } = given as Partial<Schema>;
  require(Array.isArray(fields) && fields.length > 0, () => 'schema.fields: expected a non-empty array');
  require(fields.length <= LIMITS.fieldsMax, () => `schema.fields: at most ${LIMITS.fieldsMax}, found ${fields.length}`);
  require(typeof enableDynamicField === 'boolean', () => 'schema.enableDynamicField: expected true or false');
  require(description === undefined || typeof description === 'string', () => 'schema.description: expected a string');
  const checked = fields.map(checkField);
  const names = new Set<string>();
  for (const { name } of checked) {
    require(!names.has(name), () => `schema.fields: duplicate field "${name}"`);
    names.add(name);
  }
  const keys = checked.filter((field) => field.primaryKey === true);
  require(keys.length === 1, () => `schema.fields: expected one primary key, found ${keys.length}`);
  const partitionKeys = checked.filter((field) => field.partitionKey === true);
  require(partitionKeys.length <= 1, () => `schema.fields: expected at most one partition key, found ${partitionKeys.length}`);
  const vectors = checked.filter(({ type }) => isVector(type));
  require(vectors.length >= 1 && vectors.length <= LIMITS.vectorFieldsMax, () => `schema.fields: expected 1 to ${LIMITS.vectorFieldsMax} vectors, found ${vectors.length}`);
  const made = functions === undefined ? [] : checkFunctions(functions, checked);
  const outputs = new Set(made.flatMap(({ outputFieldNames }) => outputFieldNames));
  return {
    fields: checked.map((field) => withFunctionMetric(field, outputs.has(field.name))),
    enableDynamicField,
    ...(description === undefined ? {} : { description }),
    ...(made.length === 0 ? {} : { functions: made }),
  };
}

/** What a BM25 function makes is compared by BM25, and nothing else is. */
function withFunctionMetric(field: Field, isOutput: boolean): Field {
  if (isOutput) return { ...field, metric: 'BM25' };
  require(field.metric !== 'BM25', () => `field "${field.name}": only a BM25 function's output has the metric BM25`);
  return field;
}

/** The function that makes the field, if one does. */
export function functionOf({ functions = [] }: Schema, field: string): SchemaFunction | undefined {
  return functions.find(({ outputFieldNames }) => outputFieldNames.includes(field));
}

export function primaryField(schema: Schema): Field {
  return schema.fields.find((field) => field.primaryKey === true) as Field;
}

/** Every field of vectors, in order. */
export function vectorFields(schema: Schema): readonly VectorField[] {
  return schema.fields.filter((field): field is VectorField => isVector(field.type));
}

/** Those of as many components in every row. */
export function denseFields(schema: Schema): readonly DenseField[] {
  return schema.fields.filter((field): field is DenseField => isDenseVector(field.type));
}

export function sparseFields(schema: Schema): readonly SparseField[] {
  return schema.fields.filter((field): field is SparseField => field.type === 'SparseFloatVector');
}

/** The vector that is meant where none is named: the first that rows give. */
export function firstVector(schema: Schema): Field {
  const fields = vectorFields(schema);
  return fields.find(({ name }) => functionOf(schema, name) === undefined) ?? (fields[0] as Field);
}

/** A schema as it was stored: `checkSchema`, and what only a collection adds. Errors: `InvalidArgument`. */
export function checkStoredSchema(given: unknown): Schema {
  const schema = checkSchema(given);
  const { version, hidden } = given as Partial<Schema>;
  require(version === undefined || (Number.isSafeInteger(version) && version > 0), () => `schema.version: expected a positive integer, found ${String(version)}`);
  return { ...schema, ...(version === undefined ? {} : { version }), ...(hidden === undefined ? {} : { hidden: checkHidden(hidden) }) };
}

/** As users see it: the same object for the same schema. */
export function shownSchema(schema: Schema): Schema {
  const { version, hidden, ...shown } = schema;
  if (version === undefined && hidden === undefined) return schema;
  const known = SHOWN.get(schema) ?? shown;
  SHOWN.set(schema, known);
  return known;
}

const SHOWN = new WeakMap<Schema, Schema>();

/** 0 of the first. */
export function schemaVersion({ version = 0 }: Schema): number {
  return version;
}

/** Every stored column: the fields in order, then the dynamic field if there is one, then the hidden ones. */
export function storedFields({ fields, enableDynamicField, hidden = [] }: Schema): readonly Field[] {
  if (!enableDynamicField && hidden.length === 0) return fields;
  return [...fields, ...(enableDynamicField ? [{ name: DYNAMIC_FIELD, type: 'JSON' } as const] : []), ...hidden];
}

/** The field of that name. Errors: `InvalidArgument` if there is none. */
export function fieldNamed(schema: Schema, name: string): Field {
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `unknown field "${name}", expected one of ${schema.fields.map((f) => f.name).join(', ')}`, { milvusCode: MILVUS.fieldNotFound });
  return field;
}
