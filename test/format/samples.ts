// Samples: seeded data of every field type. The same seed gives the same data for ever: the golden files
// are made of it.

import { bitsetOf, countBits, setBit } from '../../src/model/bitset.js';
import { spreadColumn } from '../../src/model/column-rows.js';
import { elementField, numberColumn, valuesPerRow, type Column, type Columns, type NumberColumn, type TextColumn } from '../../src/model/columns.js';
import { DATA_TYPES, ELEMENT_TYPES, isDenseVector, isVector, type DataType, type ElementType, type Field } from '../../src/model/field.js';
import { checkSchema, storedFields, type Schema } from '../../src/model/schema.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../src/model/timestamp.js';

export const SCHEMA = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'flag', type: 'Bool' },
    { name: 'tiny', type: 'Int8' },
    { name: 'small', type: 'Int16' },
    { name: 'medium', type: 'Int32' },
    { name: 'large', type: 'Int64' },
    { name: 'single', type: 'Float' },
    { name: 'double', type: 'Double' },
    { name: 'title', type: 'VarChar', maxLength: 100, description: 'Žlutý "kůň"' },
    { name: 'extra', type: 'JSON' },
    { name: 'vector', type: 'FloatVector', dim: 3, metric: 'L2' },
  ],
  enableDynamicField: true,
  description: 'every type',
});

export const SMALL_SCHEMA = checkSchema({
  fields: [
    { name: 'key', type: 'VarChar', primaryKey: true, maxLength: 8 },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});

/** Every type, as an array and as a vector too, with nulls where there can be any. */
export const FULL_SCHEMA = checkSchema({
  fields: [
    { name: 'key', type: 'VarChar', primaryKey: true },
    ...(['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'JSON', 'Geometry', 'Timestamptz'] as const).map((type) => ({ name: `n${type}`, type, nullable: true })),
    { name: 'geometry', type: 'Geometry' },
    { name: 'moment', type: 'Timestamptz', defaultValue: '2026-01-02T03:04:05.5+01:00' },
    ...ELEMENT_TYPES.map((elementType, i) => ({ name: `a${elementType}`, type: 'Array', elementType, maxCapacity: 20, ...(i % 2 === 0 ? { nullable: true } : {}) })),
    ...(['FloatVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector', 'BinaryVector'] as const).map((type) => ({ name: `v${type}`, type, dim: 8 })),
    ...(['FloatVector', 'Float16Vector', 'Int8Vector', 'BinaryVector'] as const).map((type) => ({ name: `nv${type}`, type, dim: 24, nullable: true })),
    { name: 'nvSparseFloatVector', type: 'SparseFloatVector', nullable: true },
  ],
});

/** One field of each shape, with nulls. */
export const NULL_SCHEMA = checkSchema({
  fields: [
    { name: 'key', type: 'Int64', primaryKey: true },
    { name: 'flag', type: 'Bool', nullable: true },
    { name: 'text', type: 'VarChar', nullable: true },
    { name: 'tags', type: 'Array', elementType: 'VarChar', nullable: true },
    { name: 'counts', type: 'Array', elementType: 'Int8' },
    { name: 'when', type: 'Timestamptz', nullable: true },
    { name: 'v', type: 'FloatVector', dim: 3, nullable: true },
    { name: 'bits', type: 'BinaryVector', dim: 16, nullable: true },
    { name: 'terms', type: 'SparseFloatVector', nullable: true },
  ],
});

const TEXTS = ['', 'a', 'naïve café', '日本語', '😀 🪁', '\u0000\u0001', '\ufeffbom', 'x'.repeat(90)];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random columns of all stored fields; the first rows hold the extremes of their types, a third of the nullable are null. */
export function columnsOf(schema: Schema, rows: number, seed: number): Columns {
  const random = randomOf(seed);
  return { rows, byName: new Map(storedFields(schema).map((field) => [field.name, columnOf(field, rows, random)])) };
}

/** Fields of any types, many of them nullable; one to three vectors. */
export function randomSchema(seed: number): Schema {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const fieldOf = (type: DataType, i: number): Partial<Field> => ({
    name: `f${i}`,
    type,
    ...(random() < 0.5 ? { nullable: true } : {}),
    ...(isDenseVector(type) ? { dim: type === 'BinaryVector' ? 8 * (1 + below(9)) : 2 + below(20) } : {}),
    ...(type === 'Array' ? { elementType: ELEMENT_TYPES[below(ELEMENT_TYPES.length)] as ElementType, maxCapacity: 1 + below(50) } : {}),
  });
  const types = Object.keys(DATA_TYPES) as DataType[];
  const vectors = types.filter(isVector);
  const chosen = [...Array.from({ length: below(8) }, () => types.filter((type) => !isVector(type))[below(types.length - vectors.length)] as DataType), ...Array.from({ length: 1 + below(3) }, () => vectors[below(vectors.length)] as DataType)];
  const key = { name: 'key', type: random() < 0.5 ? 'Int64' : 'VarChar', primaryKey: true };
  return checkSchema({ fields: [key, ...chosen.map(fieldOf)].sort(() => random() - 0.5), enableDynamicField: random() < 0.5 });
}

function columnOf(field: Field, rows: number, random: () => number): Column {
  const { type } = field;
  if (field.nullable === true && rows > 0 && random() < 0.8) {
    const valid = bitsetOf(rows, false);
    for (let row = 0; row < rows; row++) if (random() < 0.66) setBit(valid, row);
    return spreadColumn(columnOf({ ...field, nullable: false }, countBits(valid), random), valid, rows);
  }
  if (type === 'Array' || type === 'SparseFloatVector') {
    const most = type === 'Array' ? Math.min(field.maxCapacity as number, 12) : 12;
    const offsets = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) offsets[row + 1] = (offsets[row] as number) + (random() < 0.3 ? 0 : Math.floor(random() * (most + 1)));
    const count = offsets[rows] as number;
    if (type === 'Array') return { type, offsets, values: scalarsOf(elementField(field), count, random) };
    const indices = Uint32Array.from({ length: count }, () => random() * 2 ** 32);
    for (let row = 0; row < rows; row++) indices.subarray(offsets[row], offsets[row + 1]).sort().forEach((_, i, own) => (own[i] = Math.floor((own[i] as number) / 16) * 16 + i));
    return { type, offsets, indices, values: Float32Array.from({ length: count }, () => random() * 10 - 5) };
  }
  return scalarsOf(field, rows, random);
}

function scalarsOf(field: Field, rows: number, random: () => number): NumberColumn | TextColumn {
  const { type } = field;
  const integer = (bits: number) => (_: unknown, i: number): number => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1][i] ?? Math.floor((random() - 0.5) * 2 ** bits);
  const float = (_: unknown, i: number): number => [-0, 1e-40, -3.5][i] ?? random() * 200 - 100;
  const long = (_: unknown, i: number): bigint => [-(1n << 63n), (1n << 63n) - 1n][i] ?? BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 32)) * 4_294_967_311n);
  const moment = (_: unknown, i: number): bigint => [TIMESTAMP_MIN, TIMESTAMP_MAX, -1n][i] ?? BigInt(Math.floor((random() - 0.5) * 2 ** 52));
  const text = (): string => TEXTS[Math.floor(random() * TEXTS.length)] as string;
  const list = { length: rows };
  const components = { length: rows * valuesPerRow(field) };
  switch (type) {
    case 'Bool':
      return { type, values: Uint8Array.from(list, () => Math.round(random())) };
    case 'Int8':
      return { type, values: Int8Array.from(list, integer(8)) };
    case 'Int16':
      return { type, values: Int16Array.from(list, integer(16)) };
    case 'Int32':
      return { type, values: Int32Array.from(list, integer(32)) };
    case 'Int64':
      return { type, values: BigInt64Array.from(Array.from(list, long)) };
    case 'Timestamptz':
      return { type, values: BigInt64Array.from(Array.from(list, moment)) };
    case 'Float':
      return { type, values: Float32Array.from(list, float) };
    case 'Double':
      return { type, values: Float64Array.from(list, float) };
    case 'VarChar':
      return { type, values: Array.from(list, text) };
    case 'JSON':
      return { type, values: Array.from(list, (_, i) => JSON.stringify({ i, text: text() })) };
    case 'Geometry':
      return { type, values: Array.from(list, () => `POINT (${random()} ${random() * 90})`) };
    case 'FloatVector':
      return numberColumn(field, Float32Array.from(components, float));
    case 'Float16Vector':
    case 'BFloat16Vector':
      // Below the exponent of all ones: no NaN, whose bits other readers need not keep.
      return numberColumn(field, Uint16Array.from(components, () => random() * 0x7c00));
    case 'Int8Vector':
      return numberColumn(field, Int8Array.from(components, integer(8)));
    case 'BinaryVector':
      return numberColumn(field, Uint8Array.from(components, () => random() * 256));
    default:
      throw new Error(`no samples of ${type}`);
  }
}
