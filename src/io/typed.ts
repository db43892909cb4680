// Typed: a value as a file has it, as the type of its field wants it. What does not fit is passed on as it is: the
// collection refuses it, naming the field. Nothing is rounded, wrapped or guessed here.

import { parseJson } from '../format/json-parser.js';
import { elementField } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import { isDenseVector, type DataType, type Field } from '../model/field.js';
import { halfValue } from '../model/half.js';

const INTEGER = /^[+-]?\d{1,19}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const isInteger = (type: DataType): boolean => type === 'Int8' || type === 'Int16' || type === 'Int32' || type === 'Int64';

/** A value that has a type of its own. */
export function typedValue(value: unknown, field: Field): unknown {
  if (isDenseVector(field.type)) return vectorOf(value, field);
  if (field.type === 'SparseFloatVector') return sparseOf(value);
  if (field.type === 'VarChar' && field.primaryKey === true && (typeof value === 'bigint' || typeof value === 'number')) return String(value);
  if (field.type === 'JSON') return plainJson(value);
  if (field.type === 'Array') return listOf(value, elementField(field));
  if (field.type === 'Bool' && (value === 0 || value === 1)) return value === 1;
  return value;
}

/** The value of a text; null as it is, but the empty VarChar where the field is never null. Errors: `InvalidArgument`. */
export function valueOfText(text: string | null, field: Field): unknown {
  const { name, type, nullable = false, defaultValue } = field;
  if (text === null) return type === 'VarChar' && !nullable && defaultValue === undefined ? '' : null;
  if (type === 'VarChar' || type === 'Geometry' || type === 'Timestamptz') return text;
  const word = text.trim();
  if (isInteger(type)) return INTEGER.test(word) ? BigInt(word.replace(/^\+/, '')) : refuse(name, `an integer`, text);
  if (type === 'Float' || type === 'Double') return NUMBER.test(word) ? Number(word) : refuse(name, 'a finite number', text);
  if (type === 'Bool') return /^(?:true|1)$/i.test(word) || (/^(?:false|0)$/i.test(word) ? false : refuse(name, 'true or false', text));
  const value = jsonOfText(word);
  if (value === undefined) refuse(name, type === 'JSON' ? 'JSON' : `${type === 'Array' ? 'an array' : 'a vector'} as a JSON array`, text);
  return typedValue(value, field);
}

/** Undefined if it is not JSON. */
export function jsonOfText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a text reads as a value of that type. */
export function readsAs(text: string, type: 'Int64' | 'Double' | 'Bool'): boolean {
  if (type === 'Int64') return INTEGER.test(text) && BigInt.asIntN(64, BigInt(text.replace(/^\+/, ''))) === BigInt(text.replace(/^\+/, ''));
  return type === 'Double' ? NUMBER.test(text) && Number.isFinite(Number(text)) : /^(?:true|false)$/i.test(text);
}

/**
 * Of a FloatVector, bytes are f32, f16 or int8 components, by how many there are for each of `dim`, little-endian; integers beyond 2^53 are
 * given as the nearest number, as any component would be.
 */
function vectorOf(value: unknown, { type, dim = 0 }: Field): unknown {
  if (value instanceof Float32Array || value instanceof Float64Array) return value;
  if (value instanceof Int32Array || value instanceof BigInt64Array) return Float64Array.from(value as Int32Array, Number);
  if (value instanceof Uint8Array && type === 'FloatVector') return vectorOfBytes(value, dim);
  if (value instanceof Uint8Array && type === 'Int8Vector') return new Int8Array(value.buffer, value.byteOffset, value.length);
  if (value instanceof Uint8Array) return value;
  if (!Array.isArray(value)) return value;
  return value.some((x) => typeof x === 'bigint') ? value.map((x: unknown) => (typeof x === 'bigint' ? Number(x) : x)) : value;
}

/** `dim` components of f32, f16 or int8. Bytes of another length stay as they are. */
function vectorOfBytes(bytes: Uint8Array, dim: number): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === dim * 4) return Float32Array.from({ length: dim }, (_, i) => view.getFloat32(i * 4, true));
  if (bytes.length === dim * 2) return Float32Array.from({ length: dim }, (_, i) => halfValue(view.getUint16(i * 2, true)));
  return bytes.length === dim ? Float32Array.from(bytes, (byte) => (byte << 24) >> 24) : bytes;
}

/** Bytes are entries of 8 each, as rows files have them: an index (u32) and a value (f32), little-endian; numbers may be bigint. */
function sparseOf(value: unknown): unknown {
  if (value instanceof Uint8Array && value.length % 8 === 0) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return Array.from({ length: value.length / 8 }, (_, i) => [view.getUint32(i * 8, true), view.getFloat32(i * 8 + 4, true)]);
  }
  return plainJson(value, Number);
}

/** A list as an array of its elements; anything else as it is. */
function listOf(value: unknown, element: Field): unknown {
  if (Array.isArray(value)) return value.map((item) => typedValue(item, element));
  return ArrayBuffer.isView(value) && !(value instanceof Uint8Array) ? Array.from(value as Float64Array) : value;
}

/** Typed arrays within JSON as arrays, integers as `integerOf` has them. */
function plainJson(value: unknown, integerOf: (integer: bigint) => unknown = (integer) => integer): unknown {
  const plain = (item: unknown): unknown => plainJson(item, integerOf);
  if (typeof value === 'bigint') return integerOf(value);
  if (ArrayBuffer.isView(value) && !(value instanceof Uint8Array)) return Array.from(value as Float64Array, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function refuse(field: string, expected: string, found: string): never {
  throw new ElanusError('InvalidArgument', `field "${field}": expected ${expected}, found ${JSON.stringify(found.slice(0, 40))}`);
}
