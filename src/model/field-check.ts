// Field check: a field from outside, checked by itself, with defaults filled in. Limits are Milvus'.

import { require } from './errors.js';
import { DATA_TYPES, ELEMENT_TYPES, isVector, type DataType, type DefaultValue, type ElementType, type Field, type VectorType } from './field.js';
import { LIMITS } from './limits.js';
import { BINARY_METRICS, METRICS, SPARSE_METRICS } from './metric.js';
import { checkName } from './name.js';
import { scalarValue, type StoredScalar } from './scalar-value.js';
import { checkTextOptions } from './text-options.js';
import { timestampText } from './timestamp.js';
import { checkVectorModel } from './vector-model.js';

/** Fills in metric, maxLength and maxCapacity; `defaultValue` gets one form. Errors: `InvalidArgument`. */
export function checkField(given: unknown): Field {
  require(typeof given === 'object' && given !== null, () => 'schema.fields: expected an object');
  const { name, type, description, primaryKey = false, autoId = false, nullable = false, partitionKey = false, mmapEnabled, defaultValue } = given as Partial<Field>;
  checkName('schema.fields.name', name);
  const where = `field "${name}"`;
  require(typeof type === 'string' && Object.hasOwn(DATA_TYPES, type), () => `${where}: unknown type ${JSON.stringify(type)}, expected one of ${Object.keys(DATA_TYPES).join(', ')}`);
  require(description === undefined || typeof description === 'string', () => `${where}.description: expected a string`);
  for (const [member, value] of Object.entries({ primaryKey, autoId, nullable, partitionKey })) require(typeof value === 'boolean', () => `${where}.${member}: expected true or false`);
  require(!partitionKey || ((type === 'Int64' || type === 'VarChar') && !primaryKey && !nullable), () => `${where}: a partition key is Int64 or VarChar, never null and not the primary key`);
  require(mmapEnabled === undefined || typeof mmapEnabled === 'boolean', () => `${where}.mmapEnabled: expected true or false`);
  require(!primaryKey || type === 'Int64' || type === 'VarChar', () => `${where}: a primary key is Int64 or VarChar, found ${type}`);
  require(!autoId || primaryKey, () => `${where}.autoId: only a primary key can be generated`);
  require(!primaryKey || (!nullable && defaultValue === undefined), () => `${where}: a primary key is never null and has no default value`);
  const field: Field = {
    name,
    type,
    ...(description === undefined ? {} : { description }),
    ...(primaryKey ? { primaryKey } : {}),
    ...(autoId ? { autoId } : {}),
    ...(nullable ? { nullable } : {}),
    ...(partitionKey ? { partitionKey } : {}),
    ...(mmapEnabled === undefined ? {} : { mmapEnabled }),
    ...typeParameters(where, type, given as Partial<Field>),
    ...checkTextOptions(where, type, given as Partial<Field>),
  };
  return defaultValue === undefined ? field : { ...field, defaultValue: checkDefault(field, defaultValue, `${where}.defaultValue`) };
}

function typeParameters(where: string, type: DataType, { dim, metric, model, maxLength, elementType, maxCapacity }: Partial<Field>): Partial<Field> {
  require(isVector(type) || metric === undefined, () => `${where}: metric belongs to vectors, found ${type}`);
  require((isVector(type) && type !== 'SparseFloatVector') || dim === undefined, () => `${where}: dim belongs to vectors of as many components in every row, found ${type}`);
  require((isVector(type) && type !== 'SparseFloatVector') || model === undefined, () => `${where}: model belongs to dense vectors, found ${type}`);
  require(type === 'Array' || (elementType === undefined && maxCapacity === undefined), () => `${where}: elementType and maxCapacity belong to Array, found ${type}`);
  const holdsTexts = type === 'VarChar' || elementType === 'VarChar';
  require(holdsTexts || maxLength === undefined, () => `${where}: maxLength belongs to VarChar, found ${type}`);
  if (isVector(type)) return { ...(type === 'SparseFloatVector' ? {} : { dim: checkDim(where, type, dim) }), metric: checkMetric(where, type, metric), ...(model === undefined ? {} : { model: checkVectorModel(`${where}.model`, model) }) };
  if (type === 'Array') require(ELEMENT_TYPES.some((known) => known === elementType), () => `${where}.elementType: expected one of ${ELEMENT_TYPES.join(', ')}, found ${String(elementType)}`);
  return {
    ...(type === 'Array' ? { elementType: elementType as ElementType, maxCapacity: checkInteger(`${where}.maxCapacity`, maxCapacity ?? LIMITS.arrayCapacityMax, 1, LIMITS.arrayCapacityMax) } : {}),
    ...(holdsTexts ? { maxLength: checkInteger(`${where}.maxLength`, maxLength ?? LIMITS.varCharBytesMax, 1, LIMITS.varCharBytesMax) } : {}),
  };
}

function checkInteger(where: string, value: unknown, min: number, max: number): number {
  require(Number.isInteger(value) && (value as number) >= min && (value as number) <= max, () => `${where}: expected ${min} to ${max}, found ${String(value)}`);
  return value as number;
}

function checkDim(where: string, type: VectorType, dim: unknown): number {
  if (type !== 'BinaryVector') return checkInteger(`${where}.dim`, dim, 2, LIMITS.dimensionMax);
  const bits = checkInteger(`${where}.dim`, dim, 8, LIMITS.binaryDimensionMax);
  require(bits % 8 === 0, () => `${where}.dim: expected a multiple of 8, found ${bits}`);
  return bits;
}

function checkMetric(where: string, type: VectorType, metric: unknown): NonNullable<Field['metric']> {
  const known = type === 'BinaryVector' ? BINARY_METRICS : type === 'SparseFloatVector' ? SPARSE_METRICS : METRICS;
  const preset = type === 'BinaryVector' ? 'HAMMING' : type === 'SparseFloatVector' ? 'IP' : 'COSINE';
  const found = metric === undefined ? preset : known.find((name) => name === metric);
  require(found !== undefined, () => `${where}.metric: expected one of ${known.join(', ')}, found ${String(metric)}`);
  return found;
}

function checkDefault(field: Field, given: unknown, where: string): DefaultValue {
  const { type, elementType, maxCapacity = 0, maxLength } = field;
  require(!isVector(type) && type !== 'JSON', () => `${where}: not of ${type}`);
  if (type !== 'Array') return defaultOf(type, scalarValue(field, fromText(type, given), () => where));
  require(Array.isArray(given) && given.length <= maxCapacity, () => `${where}: expected an array of at most ${maxCapacity} elements`);
  const element = { type: elementType as ElementType, maxLength };
  return given.map((value, i) => defaultOf(element.type, scalarValue(element, fromText(element.type, value), () => `${where}[${i}]`)) as boolean | number | string);
}

/** The value that a checked default stands for, as scalarValue takes it. */
export function fromText(type: DataType, value: unknown): unknown {
  return type === 'Int64' && typeof value === 'string' && /^-?(?:0|[1-9]\d{0,18})$/.test(value) ? BigInt(value) : value;
}

function defaultOf(type: DataType, stored: StoredScalar): boolean | number | string {
  if (type === 'Bool') return stored === 1;
  if (type === 'Timestamptz') return timestampText(stored as bigint);
  if (typeof stored === 'bigint') return Number.isSafeInteger(Number(stored)) ? Number(stored) : stored.toString();
  // As JSON has it, which knows no -0.
  return stored === 0 ? 0 : stored;
}
