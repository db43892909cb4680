// Shapes: the collections of the simulated histories. A row is a function of its number and version, so that the model of
// a collection is a map of numbers, and a row that is not wholly of one version is told apart.

import type { CollectionDefinition } from '../../src/engine/api.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../../src/model/row.js';
import { random } from '../support/random.js';

export interface Shape {
  readonly definition: (name: string) => CollectionDefinition;
  readonly metric: 'L2' | 'IP' | 'COSINE';
  readonly dim: number;
  readonly keyOf: (row: number) => PrimaryKey;
  readonly numberOf: (key: PrimaryKey) => number;
  /** All of a row but its vector. */
  readonly fieldsOf: (row: number, version: number) => RowInput;
  /** Searches of other fields that find every row for which `has`, and no other. */
  readonly others?: readonly { readonly field: string; readonly data: Vector; readonly has: (row: number, version: number) => boolean }[];
}

/** Components in [-1, 1). */
export function vectorOf({ dim }: Shape, row: number, version: number): Float32Array {
  const next = random(row * 65_537 + version);
  return Float32Array.from({ length: dim }, () => next() * 2 - 1);
}

export function rowOf(shape: Shape, row: number, version: number): RowInput {
  return { ...shape.fieldsOf(row, version), vector: vectorOf(shape, row, version) };
}

/** Fields that are added later, and what rows have of these. */
export const ADDED_PREFIX = 'added';
export const ADDED_VALUE = 1234;

/** The version of a row that was found. Undefined if it is not wholly of one. */
export function versionIn(shape: Shape, row: number, found: Row): number | undefined {
  const version = Number(found['version']);
  const expected = rowOf(shape, row, version);
  const own = Object.entries(found).filter(([name, value]) => !(name.startsWith(ADDED_PREFIX) && value === ADDED_VALUE));
  const same = own.length === Object.keys(expected).length && Object.entries(expected).every(([name, value]) => sameValue(value, found[name]));
  return same ? version : undefined;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && a.constructor === b.constructor && (a as Float32Array).join() === (b as Float32Array).join();
  return typeof a === 'object' ? JSON.stringify(a) === JSON.stringify(b) : a === b;
}

/** Numbers as keys, every other field dynamic. */
const numbered: Shape = {
  definition: (name) => ({ name, dimension: 2, metric: 'L2' }),
  metric: 'L2',
  dim: 2,
  keyOf: (row) => BigInt(row),
  numberOf: (key) => Number(key),
  fieldsOf: (row, version) => ({ id: BigInt(row), version, label: `row ${row}, version ${version}` }),
};

/** The same, of a collection that takes pushes. */
const pushed: Shape = { ...numbered, definition: (name) => ({ name, dimension: 2, metric: 'L2', properties: { 'sync.push': true } }) };

/** Texts as keys, a column of each kind. */
const named: Shape = {
  definition: (name) => ({
    name,
    fields: [
      { name: 'id', type: 'VarChar', primaryKey: true, maxLength: 32 },
      { name: 'version', type: 'Int32' },
      { name: 'odd', type: 'Bool' },
      { name: 'big', type: 'Int64' },
      { name: 'half', type: 'Double' },
      { name: 'detail', type: 'JSON' },
      { name: 'vector', type: 'FloatVector', dim: 3, metric: 'IP' },
    ],
  }),
  metric: 'IP',
  dim: 3,
  keyOf: (row) => `k${row}`,
  numberOf: (key) => Number(String(key).slice(1)),
  fieldsOf: (row, version) => ({
    id: `k${row}`,
    version,
    odd: row % 2 === 1,
    big: BigInt(row) * 10_000_000_000n,
    half: row / 2,
    detail: { row, texts: ['a', `b${version}`] },
  }),
};

/** Vectors of several types, some null. */
const mixed: Shape = {
  definition: (name) => ({
    name,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'version', type: 'Int32' },
      { name: 'halves', type: 'Float16Vector', dim: 6, metric: 'IP', nullable: true },
      { name: 'vector', type: 'FloatVector', dim: 4, metric: 'L2' },
      { name: 'bits', type: 'BinaryVector', dim: 16 },
      { name: 'terms', type: 'SparseFloatVector', nullable: true },
    ],
  }),
  metric: 'L2',
  dim: 4,
  keyOf: (row) => BigInt(row),
  numberOf: (key) => Number(key),
  fieldsOf: (row, version) => ({
    id: BigInt(row),
    version,
    halves: hasHalves(row, version) ? Float32Array.from({ length: 6 }, (_, i) => (row + version * i) % 64) : null,
    bits: Uint8Array.of(row & 255, version & 255),
    terms: hasTerms(row, version) ? { 0: 1, [row + 1]: version + 1 } : null,
  }),
  others: [
    { field: 'halves', data: [1, 2, 3, 4, 5, 6], has: hasHalves },
    { field: 'bits', data: [255, 0], has: () => true },
    { field: 'terms', data: { 0: 1 }, has: hasTerms },
  ],
};

function hasHalves(row: number, version: number): boolean {
  return (row + version) % 3 !== 0;
}

function hasTerms(row: number, version: number): boolean {
  return (row * 7 + version) % 4 !== 0;
}

export const SHAPES: Readonly<Record<string, Shape>> = { numbered, pushed, named, mixed };
