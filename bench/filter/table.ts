// The rows that `filter` asks about: made up from a fixed seed, one column of each kind that filters meet. Values are
// spread evenly, so that a predicate's share of the rows is known from its bounds.

import type { Column, Columns } from '../../src/model/columns.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';

export interface FilterTable {
  readonly rows: number;
  readonly age: Int32Array;
  readonly kind: Int32Array;
  readonly year: Int16Array;
  readonly price: Float32Array;
  readonly serial: BigInt64Array;
  readonly city: readonly string[];
  readonly title: readonly string[];
  readonly doc: readonly string[];
}

const CITIES = 500;
const WORDS = ['kite', 'bird', 'wing', 'hover', 'field', 'river', 'stone', 'cloud', 'night', 'lamp', 'glass', 'paper', 'sound', 'green', 'north', 'amber'] as const;
const COLOURS = ['red', 'green', 'blue', 'white', 'black'] as const;

export const FILTER_SCHEMA: Schema = checkSchema({
  fields: [
    { name: 'serial', type: 'Int64', primaryKey: true },
    { name: 'age', type: 'Int32' },
    { name: 'kind', type: 'Int32' },
    { name: 'year', type: 'Int16' },
    { name: 'price', type: 'Float' },
    { name: 'city', type: 'VarChar', maxLength: 32 },
    { name: 'title', type: 'VarChar', maxLength: 64 },
    { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
  ],
  enableDynamicField: true,
});

export function makeTable(rows: number, next: () => number): FilterTable {
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const fill = <T>(make: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => make(row));
  return {
    rows,
    age: Int32Array.from({ length: rows }, () => below(1000)),
    kind: Int32Array.from({ length: rows }, () => below(10)),
    year: Int16Array.from({ length: rows }, () => 1900 + below(125)),
    price: Float32Array.from({ length: rows }, () => next() * 1000),
    serial: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)),
    city: fill(() => `city ${below(CITIES)}`),
    title: fill((row) => `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} ${row.toString(36)}`),
    doc: fill(() => JSON.stringify({ colour: pick(COLOURS), size: below(1000) })),
  };
}

/** As a segment that is in memory has them. */
export function columnsOf(table: FilterTable): Columns {
  const byName = new Map<string, Column>([
    ['serial', { type: 'Int64', values: table.serial }],
    ['age', { type: 'Int32', values: table.age }],
    ['kind', { type: 'Int32', values: table.kind }],
    ['year', { type: 'Int16', values: table.year }],
    ['price', { type: 'Float', values: table.price }],
    ['city', { type: 'VarChar', values: table.city }],
    ['title', { type: 'VarChar', values: table.title }],
    ['$meta', { type: 'JSON', values: table.doc }],
  ]);
  return { rows: table.rows, byName };
}
