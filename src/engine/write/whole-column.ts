// WholeColumn: values in typed arrays, none of them null, checked and taken as they lie in memory. What is refused is
// refused in the words in which a row is: the value at fault is read once more as a row's would be.

import { elementField, NUMBER_ARRAYS, numberColumn, valuesPerRow, type ArrayColumn, type Column, type NumberColumn, type TextColumn } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { isDenseVector, type Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import { refuseValue, scalarReader } from '../../model/scalar-value.js';
import type { DenseField } from '../../model/schema.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../model/timestamp.js';
import { freshArray, type MakeArray } from './batch-room.js';
import { perRow, type GivenColumn, type NumberView } from './given-column.js';
import { scalarColumn, type WhereOf } from './row-batch.js';
import { sparseTerms } from './sparse-vector.js';
import { vectorWriter } from './vector.js';

// Of the bits of an f32, an f16 and a bf16.
const EXPONENT = 0x7f80_0000;
const EXPONENT_ONE = 0x0080_0000;
const NOT_SIGN = 0x7fff_ffff;
const HALF_NOT_SIGN = 0x7fff;
const HALF_INFINITY = { Float16Vector: 0x7c00, BFloat16Vector: 0x7f80 } as const;

/** REQUIRES: no nulls; values in a typed array, or in pieces by offsets. Errors: `InvalidArgument`. */
export function wholeColumn({ field, values, offsets, indices }: GivenColumn, whereOf: WhereOf, make: MakeArray = freshArray): Column {
  if (offsets !== undefined) return indices === undefined ? wholeArrays(field, values, offsets, whereOf) : sparseTerms(offsets, indices, values, whereOf);
  if (isDenseVector(field.type)) return wholeVectors(field as DenseField, values as NumberView, whereOf, make);
  return wholeNumbers(field, values as NumberView, whereOf);
}

function wholeArrays(field: Field, values: GivenColumn['values'], offsets: Uint32Array, whereOf: WhereOf): ArrayColumn {
  const { maxCapacity = LIMITS.arrayCapacityMax } = field;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const elements = (offsets[row + 1] as number) - (offsets[row] as number);
    if (elements > maxCapacity) throw new ElanusError('InvalidArgument', `${whereOf(row)}: expected an array of at most ${maxCapacity} elements, found ${elements}`);
  }
  const whereOfElement = (element: number): string => {
    const row = offsets.findLastIndex((offset) => offset <= element);
    return `${whereOf(row)}[${element - (offsets[row] as number)}]`;
  };
  const of = elementField(field);
  return { type: 'Array', offsets, values: ArrayBuffer.isView(values) ? wholeNumbers(of, values as NumberView, whereOfElement) : scalarColumn(of, values, whereOfElement) };
}

/** REQUIRES: a field of numbers, one a row. */
function wholeNumbers(field: Field, view: NumberView, whereOf: WhereOf): NumberColumn | TextColumn {
  const type = field.type as NumberColumn['type'];
  if (type === 'Bool' && !(view instanceof Uint8Array)) refuseValue(() => `field "${field.name}"`, 'a Uint8Array of 0 and 1', view);
  if (type === 'Timestamptz' && !(view instanceof BigInt64Array)) refuseValue(() => `field "${field.name}"`, 'a BigInt64Array of microseconds since 1970', view);
  if (!(view instanceof NUMBER_ARRAYS[type])) return scalarColumn(field, view as unknown as readonly unknown[], whereOf);
  const values = view.slice();
  const at = defectOf(type, values);
  if (at >= 0) refuseNumber(field, values[at], () => whereOf(at));
  return numberColumn({ type }, values);
}

/** Where the first value is that its type does not have, as the array's own type does not say it; -1 if there is none. */
function defectOf(type: NumberColumn['type'], values: NumberView): number {
  if (type === 'Bool') return values.findIndex((bit) => bit > 1);
  if (type === 'Float' || type === 'Double') return values.findIndex((number) => !Number.isFinite(number));
  if (type !== 'Timestamptz') return -1;
  return (values as unknown as BigInt64Array).findIndex((micros) => micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX);
}

function refuseNumber(field: Field, value: unknown, where: () => string): never {
  if (field.type === 'Timestamptz') refuseValue(where, 'microseconds of the years 0000 to 9999', value);
  scalarReader(field)(value, where);
  throw new Error(`${where()}: ${String(value)} was refused for no reason`);
}

function wholeVectors(field: DenseField, view: NumberView, whereOf: WhereOf, make: MakeArray): NumberColumn {
  const width = perRow(field, view);
  const rows = view.length / width;
  const values = make<ArrayBufferView>(NUMBER_ARRAYS[field.type], rows * valuesPerRow(field)) as NumberColumn['values'];
  const write = vectorWriter(field, values);
  const firstBad = copied(field, view, values, rows);
  // Those of another type are written one after the other, as rows are.
  for (let row = firstBad ?? 0; row < rows; row++) write(view.subarray(row * width, (row + 1) * width), row, () => whereOf(row));
  return numberColumn(field, values);
}

/** The first row that cannot be as it is, or `rows`; undefined where `view` is not of what is stored, and nothing was copied. */
function copied(field: DenseField, view: ArrayBufferView, values: NumberColumn['values'], rows: number): number | undefined {
  const { type, dim, metric } = field;
  const isCosine = metric === 'COSINE';
  if (type === 'FloatVector' && view instanceof Float32Array) {
    (values as Float32Array).set(view);
    return badFloats(new Int32Array(values.buffer, values.byteOffset, values.length), rows, dim, isCosine);
  }
  if (type === 'BinaryVector' && view instanceof Uint8Array) {
    (values as Uint8Array).set(view);
    return rows;
  }
  if (type === 'Int8Vector' && view instanceof Int8Array) {
    (values as Int8Array).set(view);
    return isCosine ? badBytes(values as Int8Array, rows, dim) : rows;
  }
  if ((type !== 'Float16Vector' && type !== 'BFloat16Vector') || (!(view instanceof Uint16Array) && !(view instanceof Uint8Array))) return undefined;
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return badHalves(values as Uint16Array, rows, dim, HALF_INFINITY[type], isCosine ? HALF_NOT_SIGN : 0);
}

/** The first row that is not finite, or is all zero where that is no direction; `rows` if there is none. */
function badFloats(words: Int32Array, rows: number, dim: number, isCosine: boolean): number {
  for (let row = 0, at = 0; row < rows; row++) {
    // By the bits: one more in an exponent that is all ones carries into the sign.
    let defect = 0;
    let magnitude = 0;
    for (const end = at + dim; at < end; at++) {
      const word = words[at] as number;
      defect |= (word & EXPONENT) + EXPONENT_ONE;
      magnitude |= word & NOT_SIGN;
    }
    if (defect < 0 || (isCosine && magnitude === 0)) return row;
  }
  return rows;
}

/** The first row that is all zero. */
function badBytes(values: Int8Array, rows: number, dim: number): number {
  for (let row = 0; row < rows; row++) if (values.subarray(row * dim, (row + 1) * dim).every((byte) => byte === 0)) return row;
  return rows;
}

/** As badFloats, of what has all bits of `infinity` if it is not finite; `direction`: bits of which one must be set in a row, 0 if none must. */
function badHalves(values: Uint16Array, rows: number, dim: number, infinity: number, direction: number): number {
  for (let row = 0, at = 0; row < rows; row++) {
    let isBad = false;
    let magnitude = 0;
    for (const end = at + dim; at < end; at++) {
      const bits = values[at] as number;
      if ((bits & infinity) === infinity) isBad = true;
      magnitude |= bits & direction;
    }
    if (isBad || (direction !== 0 && magnitude === 0)) return row;
  }
  return rows;
}
