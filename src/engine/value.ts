// Value: one scalar from a caller, checked and in its stored form. Every function throws `InvalidArgument` with
// `where` in front, and never rounds, wraps or cuts silently.

import { ElanusError } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey } from '../model/row.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

function refuse(where: string, expected: string, value: unknown): never {
  const found = typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  throw new ElanusError('InvalidArgument', `${where}: expected ${expected}, found ${found}`);
}

export function boolValue(value: unknown, where: string): number {
  if (typeof value !== 'boolean') refuse(where, 'true or false', value);
  return value ? 1 : 0;
}

/** A signed integer of that many bits. */
export function integerValue(value: unknown, bits: 8 | 16 | 32, where: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  const limit = 2 ** (bits - 1);
  if (typeof number !== 'number' || !Number.isInteger(number) || number < -limit || number >= limit) refuse(where, `an integer of ${bits} bits`, value);
  return number;
}

/** An Int64 from bigint or safe integer, or a VarChar that keeps its maximum length. */
export function keyValue(field: Field, value: unknown, where: string): PrimaryKey {
  if (field.type === 'VarChar') return textValue(value, field.maxLength ?? LIMITS.varCharBytesMax, where);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX) return value;
  if (value === undefined) throw new ElanusError('InvalidArgument', `${where}: missing primary key`);
  return refuse(where, 'a bigint of 64 bits or a safe integer', value);
}

/** A finite number; `single` if it must stay finite as f32. */
export function floatValue(value: unknown, single: boolean, where: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(single ? Math.fround(number) : number)) refuse(where, 'a finite number', value);
  return number;
}

/** A well-formed string of at most `bytesMax` bytes of UTF-8. */
export function textValue(value: unknown, bytesMax: number, where: string): string {
  if (value === undefined) throw new ElanusError('InvalidArgument', `${where}: missing`);
  if (typeof value !== 'string') refuse(where, 'a string', value);
  if (LONE_SURROGATE.test(value)) refuse(where, 'well-formed Unicode', value);
  if (value.length * 3 > bytesMax && encoder.encode(value).length > bytesMax) refuse(where, `at most ${bytesMax} bytes of UTF-8`, value);
  return value;
}

/** The text of a JSON value of at most 64 KiB and 64 levels. */
export function jsonText(value: unknown, where: string): string {
  checkJson(value, where, 0);
  const text = JSON.stringify(value);
  return textValue(text, LIMITS.jsonBytesMax, where);
}

function checkJson(value: unknown, where: string, depth: number): void {
  if (depth > LIMITS.jsonDepthMax) refuse(where, `JSON of at most ${LIMITS.jsonDepthMax} levels`, value);
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') return void textValue(value, LIMITS.jsonBytesMax, where);
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) return value.forEach((item) => checkJson(item, where, depth + 1));
  const plain = typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
  if (!plain) refuse(where, 'a JSON value (no bigint, Date, NaN or class)', value);
  for (const [name, item] of Object.entries(value)) {
    textValue(name, LIMITS.jsonBytesMax, where);
    checkJson(item, where, depth + 1);
  }
}
