// Scalar value: one value from a caller, checked and in its stored form. Every function throws `InvalidArgument`
// with what `where` says in front, and never rounds, wraps or cuts silently.

import { ElanusError } from './errors.js';
import type { DataType, Field } from './field.js';
import { LIMITS } from './limits.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN, timestampOf } from './timestamp.js';
import { wktDefect } from './wkt.js';

export type StoredScalar = number | bigint | string;

/** Says where a value stands, once it is refused. */
export type Where = () => string;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

/** Errors: `InvalidArgument`, always. */
export function refuseValue(where: Where, expected: string, value: unknown): never {
  const found = typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  throw new ElanusError('InvalidArgument', `${where()}: expected ${expected}, found ${found}`);
}

type Reader = (value: unknown, where: Where) => StoredScalar;

/** Reads values of any type but Array, JSON and vectors: Bool as 0 or 1, Timestamptz as microseconds. */
export function scalarReader({ type, maxLength = LIMITS.varCharBytesMax }: { readonly type: DataType; readonly maxLength?: Field['maxLength'] | undefined }): Reader {
  switch (type) {
    case 'Bool':
      return boolValue;
    case 'Int8':
      return (value, where) => integerValue(value, 8, where);
    case 'Int16':
      return (value, where) => integerValue(value, 16, where);
    case 'Int32':
      return (value, where) => integerValue(value, 32, where);
    case 'Int64':
      return int64Value;
    case 'Float':
      return (value, where) => floatValue(value, true, where);
    case 'Double':
      return (value, where) => floatValue(value, false, where);
    case 'VarChar':
      return (value, where) => textValue(value, maxLength, where);
    case 'Geometry':
      return geometryValue;
    case 'Timestamptz':
      return timestampValue;
    default:
      throw new TypeError(`${type} is no scalar`);
  }
}

/** One value, as scalarReader reads it. */
export function scalarValue(field: Parameters<typeof scalarReader>[0], value: unknown, where: Where): StoredScalar {
  return scalarReader(field)(value, where);
}

function boolValue(value: unknown, where: Where): number {
  if (typeof value !== 'boolean') refuseValue(where, 'true or false', value);
  return value ? 1 : 0;
}

/** A signed integer of that many bits. */
function integerValue(value: unknown, bits: 8 | 16 | 32, where: Where): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  const limit = 2 ** (bits - 1);
  if (typeof number !== 'number' || !Number.isInteger(number) || number < -limit || number >= limit) refuseValue(where, `an integer of ${bits} bits`, value);
  return number;
}

/** From a bigint or a safe integer. */
export function int64Value(value: unknown, where: Where): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX) return value;
  return refuseValue(where, 'a bigint of 64 bits or a safe integer', value);
}

/** A finite number; `single` if it must stay finite as f32. */
function floatValue(value: unknown, single: boolean, where: Where): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(single ? Math.fround(number) : number)) refuseValue(where, 'a finite number', value);
  return number;
}

/** A well-formed string of at most `bytesMax` bytes of UTF-8. */
export function textValue(value: unknown, bytesMax: number, where: Where): string {
  if (value === undefined) throw new ElanusError('InvalidArgument', `${where()}: missing`);
  if (typeof value !== 'string') refuseValue(where, 'a string', value);
  if (LONE_SURROGATE.test(value)) refuseValue(where, 'well-formed Unicode', value);
  if (value.length * 3 > bytesMax && encoder.encode(value).length > bytesMax) refuseValue(where, `at most ${bytesMax} bytes of UTF-8`, value);
  return value;
}

function geometryValue(value: unknown, where: Where): string {
  const text = textValue(value, LIMITS.geometryBytesMax, where);
  const defect = wktDefect(text);
  if (defect !== undefined) refuseValue(where, `a geometry as WKT (${defect})`, value);
  return text;
}

/** From RFC 3339 text or a Date. */
function timestampValue(value: unknown, where: Where): bigint {
  const micros = value instanceof Date && !Number.isNaN(value.getTime()) ? BigInt(value.getTime()) * 1000n : typeof value === 'string' ? timestampOf(value) : undefined;
  if (micros === undefined || micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX) {
    refuseValue(where, 'a Date or RFC 3339 text with a time zone, of microseconds and years 0000 to 9999', value instanceof Date ? String(value) : value);
  }
  return micros;
}
