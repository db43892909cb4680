// Random rows of every type, and the same rows as columns, each column in any of the forms that it may be given in.

import type { ColumnInput, ColumnsInput } from '../../src/model/column-input.js';
import { isDenseVector, type Field } from '../../src/model/field.js';
import { bfloatBits, halfBits } from '../../src/model/half.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';
import { timestampOf } from '../../src/model/timestamp.js';
import { randomInteger } from '../support/random.js';

type Next = () => number;
type GivenRow = Readonly<Record<string, unknown>>;

const ELEMENTS = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar'] as const;
const SCALARS = [...ELEMENTS, 'JSON', 'Geometry', 'Timestamptz'] as const;
const DENSE = ['FloatVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector', 'BinaryVector'] as const;

/** Fields of every type, some nullable, some with a default. */
export const EVERY_TYPE: Schema = checkSchema({
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    ...SCALARS.flatMap((type): Field[] => [{ name: `s${type}`, type }, { name: `n${type}`, type, nullable: true }]),
    ...ELEMENTS.map((elementType): Field => ({ name: `a${elementType}`, type: 'Array', elementType, maxCapacity: 5, nullable: elementType !== 'Bool' })),
    { name: 'stars', type: 'Int8', nullable: true, defaultValue: 3 },
    { name: 'since', type: 'Timestamptz', defaultValue: '2026-01-01T00:00:00Z' },
    { name: 'labels', type: 'Array', elementType: 'VarChar', maxCapacity: 5, defaultValue: ['new', ''] },
    ...DENSE.map((type): Field => ({ name: `v${type}`, type, dim: 8, metric: type === 'BinaryVector' ? 'HAMMING' : 'L2' })),
    { name: 'vNullable', type: 'FloatVector', dim: 3, nullable: true, metric: 'COSINE' },
    { name: 'hNullable', type: 'Float16Vector', dim: 3, nullable: true, metric: 'COSINE' },
    { name: 'sparse', type: 'SparseFloatVector', nullable: true },
  ],
});

/** Rows, and columns that stand for the same rows. */
export function randomColumns({ fields }: Schema, rows: number, next: Next): { readonly rows: readonly GivenRow[]; readonly columns: ColumnsInput } {
  const given = Array.from({ length: rows }, (): Record<string, unknown> => ({}));
  const columns: Record<string, ColumnInput> = {};
  for (const field of fields) {
    const { name, nullable, defaultValue } = field;
    const mayLack = nullable === true || defaultValue !== undefined;
    if (mayLack && next() < 0.1) continue;
    const lacking = mayLack && next() < 0.6 ? next() : 0;
    const values = given.map((_, row) => (next() < lacking ? null : valueOf(field, row, next)));
    columns[name] = formOf(field, values, next) as ColumnInput;
    values.forEach((value, row) => {
      if (value !== null) (given[row] as Record<string, unknown>)[name] = value;
      else if (next() < 0.5) (given[row] as Record<string, unknown>)[name] = null;
    });
  }
  addDynamic(given, columns, next);
  return { rows: given, columns: { columns } };
}

function addDynamic(given: readonly Record<string, unknown>[], columns: Record<string, ColumnInput>, next: Next): void {
  if (next() < 0.3) return;
  const first = given.map((): unknown => (next() < 0.3 ? undefined : [next(), 'é', { deep: [1] }, null][randomInteger(next, 4)]));
  const second = given.map(() => randomInteger(next, 100));
  given.forEach((row, at) => {
    if (first[at] !== undefined) row['first'] = first[at];
    row['second'] = second[at];
  });
  const form = randomInteger(next, 4);
  const object = (at: number): object => ({ ...(first[at] === undefined ? {} : { first: first[at] }), ...(form < 2 ? { second: second[at] } : {}) });
  const objects = given.map((_, at) => object(at));
  if (form === 3) columns['first'] = first as ColumnInput;
  else columns['$meta'] = (form === 1 ? { texts: objects.map(textOf) } : form === 2 ? objects.map(textOf) : objects) as ColumnInput;
  if (form >= 2) columns['second'] = next() < 0.5 ? Float64Array.from(second) : second;
}

const textOf = (value: unknown): string => JSON.stringify(value, null, 1);

/** Of a row; never null. */
function valueOf(field: Field, row: number, next: Next): unknown {
  const { type, dim = 0, elementType = 'Bool' } = field;
  if (field.primaryKey === true) return BigInt(row) - 3n;
  if (type === 'Array') return Array.from({ length: randomInteger(next, 6) }, () => scalarOf(elementType, next));
  if (type === 'SparseFloatVector') return Object.fromEntries(Array.from({ length: randomInteger(next, 6) }, () => [randomInteger(next, 2 ** 32 - 1), Math.fround(next())]));
  if (type === 'BinaryVector') return Uint8Array.from({ length: dim / 8 }, () => randomInteger(next, 256));
  if (type === 'Int8Vector') return Int8Array.from({ length: dim }, () => randomInteger(next, 256) - 128);
  if (isDenseVector(type)) return Float32Array.from({ length: dim }, () => next() - 0.5);
  return scalarOf(type as (typeof SCALARS)[number], next);
}

function scalarOf(type: (typeof SCALARS)[number], next: Next): unknown {
  switch (type) {
    case 'Bool':
      return next() < 0.5;
    case 'Int64':
      return BigInt.asIntN(64, BigInt(randomInteger(next, 2 ** 53)) * 4099n);
    case 'Float':
      return Math.fround(next() * 100);
    case 'Double':
      return next() * 100;
    case 'VarChar':
      return ['', 'é', 'null', '😀'][randomInteger(next, 4)];
    case 'JSON':
      return [{}, [1, null], 'x', { a: 'é', ['__proto__']: 1 }, 2 ** 70, 0.1][randomInteger(next, 6)];
    case 'Geometry':
      return `POINT (${randomInteger(next, 180)} 5)`;
    case 'Timestamptz':
      return new Date(randomInteger(next, 2 ** 32) * 1000);
    default:
      return randomInteger(next, 256) - 128;
  }
}

/** The column of these values in a form that is chosen at random. */
function formOf(field: Field, values: readonly unknown[], next: Next): unknown {
  const { type } = field;
  const hasNulls = values.includes(null);
  const isCompact = next() < 0.5;
  const listed = isCompact ? values.filter((value) => value !== null) : values;
  const flags = values.map((value) => value !== null);
  const valid = hasNulls || next() < 0.2 ? { valid: next() < 0.5 ? flags : Uint8Array.from(flags, Number) } : {};
  if (type === 'JSON' && next() < 0.5) return next() < 0.5 ? { texts: values.map((value) => (value === null ? null : textOf(value))) } : { texts: listed.map((value) => (value === null ? null : textOf(value))), ...valid };
  if (next() < 0.25) return values;
  const parts = piecesOf(field, listed, next);
  if (parts === undefined) return { values: listed, ...valid };
  return 'valid' in valid || 'offsets' in parts ? { ...parts, ...valid } : parts.values;
}

/** In typed arrays, as far as there are any; undefined where a list is all there is. What is null is anything. */
function piecesOf({ type, dim = 0, elementType = 'Bool' }: Field, values: readonly unknown[], next: Next): { readonly values: unknown } | undefined {
  if (type === 'Array') {
    const lists = values.map((value) => (value ?? []) as readonly unknown[]);
    const elements = lists.flat();
    return { offsets: endsOf(lists), values: next() < 0.5 ? elements : (numbersOf(elementType, elements, next) ?? elements) } as { readonly values: unknown };
  }
  if (type === 'SparseFloatVector') {
    const lists = values.map((value) => Object.entries((value ?? {}) as Record<string, number>));
    const terms = lists.flat();
    return { offsets: Array.from(endsOf(lists)), indices: Uint32Array.from(terms, ([index]) => Number(index)), values: Float32Array.from(terms, ([, value]) => value) } as { readonly values: unknown };
  }
  if (isDenseVector(type)) return { values: componentsOf(type, dim, values, next) };
  const numbers = numbersOf(type as (typeof SCALARS)[number], values, next);
  return numbers === undefined ? undefined : { values: numbers };
}

function endsOf(lists: readonly (readonly unknown[])[]): Uint32Array {
  const ends = new Uint32Array(lists.length + 1);
  lists.forEach((list, at) => (ends[at + 1] = (ends[at] as number) + list.length));
  return ends;
}

function numbersOf(type: (typeof SCALARS)[number], values: readonly unknown[], next: Next): ArrayBufferView | undefined {
  const numbers = values.map((value) => (typeof value === 'number' ? value : 0));
  const forms: Partial<Record<typeof type, (() => ArrayBufferView)[]>> = {
    Bool: [() => Uint8Array.from(values, Number)],
    Int8: [() => Int8Array.from(numbers), () => Int32Array.from(numbers), () => Float64Array.from(numbers)],
    Int16: [() => Int16Array.from(numbers), () => Int32Array.from(numbers)],
    Int32: [() => Int32Array.from(numbers), () => BigInt64Array.from(numbers, BigInt)],
    Int64: [() => BigInt64Array.from(values, (value) => (value as bigint | null) ?? 0n)],
    Float: [() => Float32Array.from(values, (value) => (value as number | null) ?? Number.NaN), () => Float64Array.from(numbers)],
    Double: [() => Float64Array.from(values, (value) => (value as number | null) ?? Number.NaN)],
    Timestamptz: [() => BigInt64Array.from(values, (value) => (value === null ? 2n ** 62n : (timestampOf((value as Date).toISOString()) as bigint)))],
  };
  const made = forms[type];
  return made?.[randomInteger(next, made.length)]?.();
}

function componentsOf(type: (typeof DENSE)[number] | string, dim: number, values: readonly unknown[], next: Next): ArrayBufferView {
  const width = type === 'BinaryVector' ? dim / 8 : dim;
  const numbers = values.flatMap((value) => (value === null ? new Array<number>(width).fill(0) : Array.from(value as Float32Array)));
  if (type === 'BinaryVector') return Uint8Array.from(numbers);
  if (type === 'Int8Vector') return next() < 0.5 ? Int8Array.from(numbers) : Float32Array.from(numbers);
  if (type === 'FloatVector' || next() < 0.4) return next() < 0.7 ? Float32Array.from(numbers) : Float64Array.from(numbers);
  const bits = Uint16Array.from(numbers, type === 'Float16Vector' ? halfBits : bfloatBits);
  return next() < 0.5 ? bits : new Uint8Array(bits.buffer);
}
