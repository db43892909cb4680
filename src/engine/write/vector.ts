// Vector: one dense vector from a caller, checked against its field and written where it belongs.

import { ElanusError } from '../../model/errors.js';
import { bfloatBits, bfloatValue, halfBits, halfValue } from '../../model/half.js';
import { NUMBER_ARRAYS, numberColumn, valuesPerRow, type NumberColumn } from '../../model/columns.js';
import type { DenseField } from '../../model/schema.js';
import { freshArray, type MakeArray } from './batch-room.js';

/** Where a vector goes: the components of a field, from `from` on. Of numbers, `bits` are theirs, in the same memory. */
interface Place<V> {
  readonly values: V;
  readonly from: number;
  readonly bits?: Int32Array | undefined;
}
type Where = () => string;

// Of the bits of an f32.
const EXPONENT = 0x7f80_0000;
const EXPONENT_ONE = 0x0080_0000;
const NOT_SIGN = 0x7fff_ffff;

/**
 * Vectors as a column of the field. Numbers (number[], Float32Array, Float64Array, Float16Array, Int8Array) are rounded to the
 * type; what is stored of f16 and bf16 may be given as it is: a Uint16Array, or their bytes. Bits are bytes, 8 bits each.
 * Errors: `InvalidArgument` for a wrong dimension, NaN, Infinity (also beyond the type), an Int8 that is none, or a zero
 * vector under COSINE; `whereOf` says where vector `at` stands.
 */
export function vectorColumn(field: DenseField, given: readonly unknown[], whereOf: (at: number) => string, make: MakeArray = freshArray): NumberColumn {
  const perRow = valuesPerRow(field);
  const values = make<ArrayBufferView>(NUMBER_ARRAYS[field.type], given.length * perRow) as NumberColumn['values'];
  const write = vectorWriter(field, values);
  let at = 0;
  const where = (): string => whereOf(at);
  for (; at < given.length; at++) write(given[at], at, where);
  return numberColumn(field, values);
}

/** Writes one vector after the other into `values`. Errors as vectorColumn. */
export function vectorWriter(field: DenseField, values: NumberColumn['values']): (given: unknown, row: number, where: Where) => void {
  const perRow = valuesPerRow(field);
  const bits = bitsOf(values);
  const write = writerOf(field);
  return (given, row, where) => write(given, { values, from: row * perRow, bits } as never, where);
}

/** Vectors as queries of the field: bits, or f32, to which f16 and bf16 are not rounded. Errors as vectorColumn. */
export function vectorQueries(field: DenseField, given: readonly unknown[], whereOf: (at: number) => string): Float32Array | Uint8Array {
  if (field.type === 'BinaryVector') return vectorColumn(field, given, whereOf).values as Uint8Array;
  const values = new Float32Array(given.length * field.dim);
  const bits = bitsOf(values);
  let at = 0;
  const where = (): string => whereOf(at);
  for (; at < given.length; at++) writeNumbers(given[at], { values, from: at * field.dim, bits }, field, where);
  return values;
}

function writerOf(field: DenseField): (given: unknown, place: Place<never>, where: Where) => void {
  if (field.type === 'FloatVector') return (given, place: Place<Float32Array>, where) => writeNumbers(given, place, field, where);
  if (field.type === 'BinaryVector') return (given, place: Place<Uint8Array>, where) => writeBits(given, place, field, where);
  const values = new Float32Array(field.dim);
  const numbers = { values, from: 0, bits: bitsOf(values) };
  if (field.type === 'Int8Vector') {
    return (given, { values, from }: Place<Int8Array>, where) => {
      writeNumbers(given, numbers, field, where);
      values.set(numbers.values, from);
    };
  }
  return (given, place: Place<Uint16Array>, where) => {
    writeNumbers(given, numbers, field, where);
    writeRounded(numbers.values, place, field, where);
  };
}

/** Undefined of an odd number of small components, which are no numbers of 32 bits. */
function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Int32Array | undefined {
  return byteLength % 4 === 0 ? new Int32Array(buffer, byteOffset, byteLength / 4) : undefined;
}

function writeNumbers(given: unknown, { values, from, bits }: Place<Float32Array>, field: DenseField, where: Where): void {
  const { dim, metric } = field;
  const numbers = numbersOf(given, field, where);
  if (numbers.length !== dim) refuse(where, `dimension ${dim}, found ${numbers.length}`);
  if (Array.isArray(numbers)) checkNumbers(numbers, where);
  values.set(numbers, from);
  // By the bits, which costs a third of what sums of floats take: one more in an exponent that is all ones carries into the sign.
  const words = bits ?? new Int32Array(values.buffer, values.byteOffset, values.length);
  let defect = 0;
  let magnitude = 0;
  for (let i = from; i < from + dim; i++) {
    const word = words[i] as number;
    defect |= (word & EXPONENT) + EXPONENT_ONE;
    magnitude |= word & NOT_SIGN;
  }
  if (defect < 0) refuse(where, `finite f32 components, found ${firstWhere(values.subarray(from, from + dim), (x) => !Number.isFinite(x))}`);
  if (magnitude === 0 && metric === 'COSINE') refuseZero(where);
  if (field.type === 'Int8Vector') checkInt8(values.subarray(from, from + dim), where);
}

function numbersOf(given: unknown, { type, dim }: DenseField, where: Where): ArrayLike<number> {
  if (given instanceof Float32Array || given instanceof Float64Array || Array.isArray(given)) return given as ArrayLike<number>;
  if (Object.prototype.toString.call(given) === '[object Float16Array]') return given as ArrayLike<number>;
  if (type === 'Int8Vector' && given instanceof Int8Array) return given;
  if (type === 'Float16Vector' || type === 'BFloat16Vector') {
    const valueOf = type === 'Float16Vector' ? halfValue : bfloatValue;
    if (given instanceof Uint16Array) return Float32Array.from(given, valueOf);
    if (given instanceof Uint8Array && given.length === dim * 2) {
      const view = new DataView(given.buffer, given.byteOffset, given.byteLength);
      return Float32Array.from({ length: dim }, (_, i) => valueOf(view.getUint16(i * 2, true)));
    }
  }
  return refuse(where, `a vector of ${dim} numbers, found ${kindOf(given)}`);
}

function kindOf(given: unknown): string {
  if (given === null) return 'null';
  return ArrayBuffer.isView(given) ? Object.prototype.toString.call(given).slice(8, -1) : typeof given;
}

function checkNumbers(given: readonly unknown[], where: Where): void {
  for (let at = 0; at < given.length; at++) {
    if (typeof given[at] !== 'number') refuse(where, `numbers, found ${typeof given[at]} at component ${at}`);
  }
}

function checkInt8(vector: Float32Array, where: Where): void {
  const isNone = (x: number): boolean => !Number.isInteger(x) || x < -128 || x > 127;
  if (vector.some(isNone)) refuse(where, `integers of -128 to 127, found ${firstWhere(vector, isNone)}`);
}

function writeRounded(numbers: Float32Array, { values, from }: Place<Uint16Array>, { type, metric }: DenseField, where: Where): void {
  const [bitsOf, infinity] = type === 'Float16Vector' ? [halfBits, 0x7c00] : [bfloatBits, 0x7f80];
  let magnitude = 0;
  for (let i = 0; i < numbers.length; i++) {
    const bits = bitsOf(numbers[i] as number);
    values[from + i] = bits;
    magnitude |= bits & 0x7fff;
    if ((bits & infinity) === infinity) refuse(where, `components within ${type === 'Float16Vector' ? 'f16, up to 65,504' : 'bf16'}, found ${numbers[i]} at component ${i}`);
  }
  if (magnitude === 0 && metric === 'COSINE') refuseZero(where);
}

function writeBits(given: unknown, { values, from }: Place<Uint8Array>, { dim }: DenseField, where: Where): void {
  const bytes = dim / 8;
  if (!(given instanceof Uint8Array) && !Array.isArray(given)) refuse(where, `${dim} bits as ${bytes} bytes, found ${kindOf(given)}`);
  if (given.length !== bytes) refuse(where, `${dim} bits as ${bytes} bytes, found ${given.length}`);
  if (Array.isArray(given)) {
    const at = given.findIndex((byte) => !Number.isInteger(byte) || (byte as number) < 0 || (byte as number) > 255);
    if (at >= 0) refuse(where, `bytes of 0 to 255, found ${String(given[at])} at byte ${at}`);
  }
  values.set(given as ArrayLike<number>, from);
}

function firstWhere(vector: Float32Array, is: (x: number) => boolean): string {
  const at = vector.findIndex(is);
  return `${String(vector[at])} at component ${at}`;
}

function refuseZero(where: Where): never {
  refuse(where, 'a vector that is not all zero, as COSINE has no angle for it');
}

function refuse(where: Where, expected: string): never {
  throw new ElanusError('InvalidArgument', `${where()}: expected ${expected}`);
}
