// Schema: the checked description of a collection's rows. Built by `checkSchema` only, so that who holds a
// Schema need not check it again: one primary key, one to ten vectors, unique valid names, all limits kept.

import { ElanusError, require } from './errors.js';
import { DYNAMIC_FIELD, isDenseVector, isVector, type DenseVectorType, type Field } from './field.js';
import { checkField } from './field-check.js';
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

/** Every stored column: the fields in order, then the dynamic field if there is one. */
export function storedFields(schema: Schema): readonly Field[] {
  return schema.enableDynamicField ? [...schema.fields, { name: DYNAMIC_FIELD, type: 'JSON' }] : schema.fields;
}

/** The field of that name. Errors: `InvalidArgument` if there is none. */
export function fieldNamed(schema: Schema, name: string): Field {
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `unknown field "${name}", expected one of ${schema.fields.map((f) => f.name).join(', ')}`, { milvusCode: MILVUS.fieldNotFound });
  return field;
}
