// Samples: seeded data of every field type. The same seed gives the same data for ever: the golden files
// are made of it.

import type { Column, Columns } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { checkSchema, storedFields, type Schema } from '../../src/model/schema.js';

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

/** Random columns of all stored fields; the first rows hold the extremes of their types. */
export function columnsOf(schema: Schema, rows: number, seed: number): Columns {
  const random = randomOf(seed);
  return { rows, byName: new Map(storedFields(schema).map((field) => [field.name, columnOf(field, rows, random)])) };
}

function columnOf({ type, dim = 1 }: Field, rows: number, random: () => number): Column {
  const integer = (bits: number) => (_: unknown, i: number): number => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1][i] ?? Math.floor((random() - 0.5) * 2 ** bits);
  const float = (_: unknown, i: number): number => [-0, 1e-40, -3.5][i] ?? random() * 200 - 100;
  const long = (_: unknown, i: number): bigint => [-(1n << 63n), (1n << 63n) - 1n][i] ?? BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 32)) * 4_294_967_311n);
  const text = (): string => TEXTS[Math.floor(random() * TEXTS.length)] as string;
  const list = { length: rows };
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
    case 'Float':
      return { type, values: Float32Array.from(list, float) };
    case 'Double':
      return { type, values: Float64Array.from(list, float) };
    case 'VarChar':
      return { type, values: Array.from(list, text) };
    case 'JSON':
      return { type, values: Array.from(list, (_, i) => JSON.stringify({ i, text: text() })) };
    case 'FloatVector':
      return { type, dim, values: Float32Array.from({ length: rows * dim }, float) };
  }
}
