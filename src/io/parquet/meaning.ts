// Meaning: a value of a Parquet column as a row has it. 64-bit integers are bigints, dates and times ISO 8601 texts with all
// their digits, decimals the nearest number, texts checked UTF-8. Bytes without a meaning stay bytes.

import { decodeText, dataViewOf } from '../../format/bytes.js';
import { parseJson } from '../../format/json-parser.js';
import type { ImportPlace } from '../place.js';
import { halfValue } from '../../model/half.js';
import { TYPE, type SchemaElement, type SchemaNode } from './schema.js';

/** Turns a number, a bigint or bytes into the row's value. Undefined where it is that already. */
export type Convert = ((value: number | bigint | Uint8Array) => unknown) | undefined;

const DAY_MS = 86_400_000;
const JULIAN_EPOCH = 2_440_588n;
/** What an ISO text can say without a sign. */
const YEAR_MIN = -62_167_219_200_000;
const YEAR_MAX = 253_402_300_799_999;

export function convertOf({ element, meaning }: SchemaNode, place: ImportPlace): Convert {
  const text = (value: unknown): string => decodeText(value as Uint8Array, place.file, place.where);
  if (meaning === 'text') return text;
  if (meaning === 'json') return (value) => jsonOf(text(value), place);
  if (meaning === 'half') return (value) => halfValue(dataViewOf(value as Uint8Array).getUint16(0, true));
  if (meaning === 'uuid') return (value) => uuidText(value as Uint8Array);
  if (meaning === 'decimal') return (value) => Number(`${typeof value === 'object' ? bigEndian(value) : value}e-${element.scale ?? 0}`);
  if (meaning === 'date') return (value) => isoTime(BigInt(value as number) * BigInt(DAY_MS) * 1_000_000n)?.slice(0, 10) ?? null;
  if (meaning === 'unsigned') return (value) => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : unsigned(Number(value), element));
  if (meaning === 'time') return (value) => isoTime(BigInt(value as number) * nanosOf(element))?.slice(11, -1) ?? null;
  if (meaning === 'timestamp') return (value) => zoned(isoTime(typeof value === 'object' ? int96Nanos(value) : BigInt(value) * nanosOf(element)), element);
  return undefined;
}

function jsonOf(text: string, place: ImportPlace): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw place.corrupt(error instanceof Error ? error.message : String(error), error);
  }
}

function unsigned(value: number, { bits = 32 }: SchemaElement): number {
  return bits < 32 ? value & (2 ** bits - 1) : value >>> 0;
}

/** Of converted types: 7 and 9 are milli-, 8 and 10 microseconds. */
function nanosOf({ unit, converted = 0 }: SchemaElement): bigint {
  const digits = unit ?? (converted % 2 === 1 ? 1 : 2);
  return digits === 1 ? 1_000_000n : digits === 2 ? 1000n : 1n;
}

/** Nanoseconds since 1970 in UTC; null beyond the years 0 to 9999. Digits of a second as many as count. */
function isoTime(nanos: bigint): string | null {
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const ms = Number((nanos - rest) / 1_000_000n);
  if (ms < YEAR_MIN || ms > YEAR_MAX) return null;
  const text = new Date(ms).toISOString();
  return rest === 0n ? text : `${text.slice(0, -1)}${rest.toString().padStart(6, '0').replace(/000$/, '')}Z`;
}

/** A time of no known zone has none in its text. */
function zoned(text: string | null, { utc }: SchemaElement): string | null {
  return utc === false && text !== null ? text.slice(0, -1) : text;
}

/** Nanoseconds of the day, then the Julian day. */
function int96Nanos(bytes: Uint8Array): bigint {
  const view = dataViewOf(bytes);
  return (BigInt(view.getUint32(8, true)) - JULIAN_EPOCH) * BigInt(DAY_MS) * 1_000_000n + view.getBigInt64(0, true);
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Bytes of a value, of types that have a size. */
export function widthOf({ type, typeLength = 0 }: SchemaElement): number {
  return type === TYPE.int32 || type === TYPE.float ? 4 : type === TYPE.int64 || type === TYPE.double ? 8 : type === TYPE.int96 ? 12 : typeLength;
}
