// Schema: the checked description of a collection's rows. Built by `checkSchema` only, so that who holds a
// Schema need not check it again: one primary key, one FloatVector, unique valid names, all limits kept.

import { ElanusError, require } from './errors.js';
import { DATA_TYPES, DYNAMIC_FIELD, type DataType, type Field } from './field.js';
import { LIMITS } from './limits.js';
import { METRICS, type Metric } from './metric.js';

export interface Schema {
  readonly fields: readonly Field[];
  /** Rows may carry keys that no field names. */
  readonly enableDynamicField: boolean;
  readonly description?: string;
}

export interface VectorField extends Field {
  readonly type: 'FloatVector';
  readonly dim: number;
  readonly metric: Metric;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Throws `InvalidArgument` unless `name` is an identifier of at most 255 characters. */
export function checkName(what: string, name: unknown): asserts name is string {
  require(typeof name === 'string', () => `${what}: expected a name, found ${typeof name}`);
  require(
    name.length <= LIMITS.nameLengthMax && NAME.test(name),
    () => `${what}: expected letters, digits and _ (not first a digit), at most ${LIMITS.nameLengthMax}, found ${JSON.stringify(name)}`,
  );
}

/** Checks a schema from outside and fills in defaults (metric COSINE, maxLength 65,535). Errors: `InvalidArgument`. */
export function checkSchema(given: unknown): Schema {
  require(typeof given === 'object' && given !== null, () => 'schema: expected an object');
  const { fields, enableDynamicField = false, description } = given as Partial<Schema>;
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
  const vectors = checked.filter((field) => field.type === 'FloatVector');
  require(vectors.length === 1, () => `schema.fields: expected one FloatVector, found ${vectors.length}`);
  return { fields: checked, enableDynamicField, ...(description === undefined ? {} : { description }) };
}

function checkField(given: unknown): Field {
  require(typeof given === 'object' && given !== null, () => 'schema.fields: expected an object');
  const { name, type, description, primaryKey = false, autoId = false, dim, metric, maxLength } = given as Partial<Field>;
  checkName('schema.fields.name', name);
  const where = `field "${name}"`;
  require(typeof type === 'string' && Object.hasOwn(DATA_TYPES, type), () => `${where}: unknown type ${JSON.stringify(type)}, expected one of ${Object.keys(DATA_TYPES).join(', ')}`);
  require(description === undefined || typeof description === 'string', () => `${where}.description: expected a string`);
  require(typeof primaryKey === 'boolean', () => `${where}.primaryKey: expected true or false`);
  require(typeof autoId === 'boolean', () => `${where}.autoId: expected true or false`);
  require(!primaryKey || type === 'Int64' || type === 'VarChar', () => `${where}: a primary key is Int64 or VarChar, found ${type}`);
  require(!autoId || primaryKey, () => `${where}.autoId: only a primary key can be generated`);
  return {
    name,
    type,
    ...(description === undefined ? {} : { description }),
    ...(primaryKey ? { primaryKey } : {}),
    ...(autoId ? { autoId } : {}),
    ...typeParameters(where, type, dim, metric, maxLength),
  };
}

function typeParameters(where: string, type: DataType, dim: unknown, metric: unknown, maxLength: unknown): Partial<Field> {
  require(type === 'FloatVector' || (dim === undefined && metric === undefined), () => `${where}: dim and metric belong to vectors, found ${type}`);
  require(type === 'VarChar' || maxLength === undefined, () => `${where}: maxLength belongs to VarChar, found ${type}`);
  if (type === 'FloatVector') {
    const known = metric === undefined ? 'COSINE' : METRICS.find((name) => name === metric);
    require(Number.isInteger(dim) && (dim as number) >= 2 && (dim as number) <= LIMITS.dimensionMax, () => `${where}.dim: expected 2 to ${LIMITS.dimensionMax}, found ${String(dim)}`);
    require(known !== undefined, () => `${where}.metric: expected one of ${METRICS.join(', ')}, found ${String(metric)}`);
    return { dim: dim as number, metric: known };
  }
  if (type === 'VarChar') {
    const length = maxLength ?? LIMITS.varCharBytesMax;
    require(Number.isInteger(length) && (length as number) >= 1 && (length as number) <= LIMITS.varCharBytesMax, () => `${where}.maxLength: expected 1 to ${LIMITS.varCharBytesMax}, found ${String(length)}`);
    return { maxLength: length as number };
  }
  return {};
}

export function primaryField(schema: Schema): Field {
  return schema.fields.find((field) => field.primaryKey === true) as Field;
}

export function vectorField(schema: Schema): VectorField {
  return schema.fields.find((field) => field.type === 'FloatVector') as VectorField;
}

/** Every stored column: the fields in order, then the dynamic field if there is one. */
export function storedFields(schema: Schema): readonly Field[] {
  return schema.enableDynamicField ? [...schema.fields, { name: DYNAMIC_FIELD, type: 'JSON' }] : schema.fields;
}

/** The field of that name. Errors: `InvalidArgument` if there is none. */
export function fieldNamed(schema: Schema, name: string): Field {
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `unknown field "${name}", expected one of ${schema.fields.map((f) => f.name).join(', ')}`);
  return field;
}
