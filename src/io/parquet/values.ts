// Values: those of one page or of a dictionary, in each of Parquet's encodings. Nothing is taken by a count that the bytes do
// not bear out, but for runs of one value, whose counts the caller has checked.

import { dataViewOf } from '../../format/bytes.js';
import { readDeltas, readHybrid, type ByteCursor } from './bits.js';
import { widthOf, type Convert } from './meaning.js';
import { TYPE, type SchemaElement } from './schema.js';

export type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array;

export interface Values {
  readonly length: number;
  get(i: number): unknown;
  /** All of them, where they are plain numbers in memory. */
  readonly numbers?: Numbers;
}

const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, delta: 5, deltaLength: 6, deltaBytes: 7, dictionary: 8, split: 9 } as const;

/** Errors: `Error` that says what is wrong. */
export function readValues(bytes: Uint8Array, encoding: number, count: number, element: SchemaElement, convert: Convert, dictionary: Values | undefined): Values {
  const { type } = element;
  if (encoding === ENCODING.dictionary || (encoding === ENCODING.plainDictionary && dictionary !== undefined)) return fromDictionary(bytes, count, dictionary);
  if (count === 0) return { length: 0, get: () => undefined };
  if (encoding === ENCODING.plain || encoding === ENCODING.plainDictionary) return plainValues(bytes, count, element, convert);
  if (encoding === ENCODING.rle && type === TYPE.boolean) return booleans(count, (out) => readHybrid({ bytes: bytes.subarray(4), at: 0 }, 1, out));
  if (encoding === ENCODING.split) return plainValues(joined(bytes, count, widthOf(element)), count, element, convert);
  const cursor: ByteCursor = { bytes, at: 0 };
  if (encoding === ENCODING.delta && type === TYPE.int64) return numeric(readDeltas(cursor, count), convert);
  if (encoding === ENCODING.delta && type === TYPE.int32) return numeric(Int32Array.from(readDeltas(cursor, count), (value) => Number(BigInt.asIntN(32, value))), convert);
  if (encoding === ENCODING.deltaLength && type === TYPE.bytes) return runs(bytes, lengthsOf(cursor, count), cursor, convert);
  if (encoding === ENCODING.deltaBytes && (type === TYPE.bytes || type === TYPE.fixed)) return fronted(bytes, lengthsOf(cursor, count), lengthsOf(cursor, count), cursor, convert);
  throw new Error(`encoding ${encoding} of type ${type}`);
}

/** The values of a dictionary page, each converted once. */
export function readDictionary(bytes: Uint8Array, count: number, element: SchemaElement, convert: Convert): Values {
  const values = readValues(bytes, ENCODING.plain, count, element, convert, undefined);
  if (values.numbers !== undefined) return values;
  const all = Array.from({ length: count }, (_, i) => values.get(i));
  return { length: count, get: (i) => all[i] };
}

function fromDictionary(bytes: Uint8Array, count: number, dictionary: Values | undefined): Values {
  if (dictionary === undefined) throw new Error('values of a dictionary that is not there');
  const indices = new Uint32Array(count);
  if (count > 0) readHybrid({ bytes, at: 1 }, bytes[0] as number, indices);
  const { length, numbers } = dictionary;
  for (let i = 0; i < count; i++) if ((indices[i] as number) >= length) throw new Error(`value ${indices[i]} of a dictionary of ${length}`);
  if (numbers === undefined) return { length: count, get: (i) => dictionary.get(indices[i] as number) };
  const gathered = new (numbers.constructor as new (length: number) => Numbers)(count);
  for (let i = 0; i < count; i++) gathered[i] = numbers[indices[i] as number] as never;
  return numeric(gathered, undefined);
}

function plainValues(bytes: Uint8Array, count: number, element: SchemaElement, convert: Convert): Values {
  const { type } = element;
  if (type === TYPE.boolean) {
    requireBytes(bytes, Math.ceil(count / 8));
    return booleans(count, (out) => out.forEach((_, i) => (out[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1)));
  }
  if (type === TYPE.bytes) return plainBytes(bytes, count, convert);
  const width = widthOf(element);
  requireBytes(bytes, count * width);
  if (type === TYPE.fixed || type === TYPE.int96) return bytesValues(count, (i) => bytes.subarray(i * width, (i + 1) * width), convert);
  const memory = bytes.slice(0, count * width).buffer;
  return numeric(type === TYPE.float ? new Float32Array(memory) : type === TYPE.double ? new Float64Array(memory) : type === TYPE.int32 ? new Int32Array(memory) : new BigInt64Array(memory), convert);
}

function numeric(numbers: Numbers, convert: Convert): Values {
  if (convert === undefined) return { length: numbers.length, get: (i) => numbers[i], numbers };
  return { length: numbers.length, get: (i) => convert(numbers[i] as number | bigint) };
}

function booleans(count: number, fill: (out: Uint8Array) => void): Values {
  const out = new Uint8Array(count);
  fill(out);
  return { length: count, get: (i) => out[i] === 1 };
}

function bytesValues(length: number, bytesAt: (i: number) => Uint8Array, convert: Convert): Values {
  // A copy, as the page's memory is many times the value's.
  return { length, get: convert === undefined ? (i) => bytesAt(i).slice() : (i) => convert(bytesAt(i)) };
}

/** Each value has its length in front. */
function plainBytes(bytes: Uint8Array, count: number, convert: Convert): Values {
  requireBytes(bytes, count * 4);
  const view = dataViewOf(bytes);
  const starts = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = at + 4 > bytes.length ? bytes.length : view.getUint32(at, true);
    if (length > bytes.length - at - 4) throw new Error(`value ${i} of ${length} bytes, where ${Math.max(0, bytes.length - at - 4)} are left`);
    starts[i] = at + 4;
    at += 4 + length;
  }
  return bytesValues(count, (i) => bytes.subarray(starts[i], (starts[i] as number) + view.getUint32((starts[i] as number) - 4, true)), convert);
}

/** Values of `lengths` one after the other. */
function runs(bytes: Uint8Array, lengths: Uint32Array, cursor: ByteCursor, convert: Convert): Values {
  const starts = new Uint32Array(lengths.length + 1);
  starts[0] = cursor.at;
  lengths.forEach((length, i) => {
    if (length > bytes.length - (starts[i] as number)) throw new Error(`value ${i} of ${length} bytes goes beyond the page`);
    starts[i + 1] = (starts[i] as number) + length;
  });
  return bytesValues(lengths.length, (i) => bytes.subarray(starts[i], starts[i + 1]), convert);
}

/** Each value has a prefix of the one before it. What they take together has the maximum of a page. */
function fronted(bytes: Uint8Array, prefixes: Uint32Array, lengths: Uint32Array, cursor: ByteCursor, convert: Convert): Values {
  const values: Uint8Array[] = [];
  let total = 0;
  let at = cursor.at;
  lengths.forEach((length, i) => {
    const before = values[i - 1] ?? new Uint8Array(0);
    const prefix = prefixes[i] as number;
    total += prefix + length;
    if (prefix > before.length || length > bytes.length - at || total > FRONTED_BYTES_MAX) throw new Error(`value ${i} of ${prefix} and ${length} bytes does not fit`);
    const value = new Uint8Array(prefix + length);
    value.set(before.subarray(0, prefix));
    value.set(bytes.subarray(at, at + length), prefix);
    values.push(value);
    at += length;
  });
  return bytesValues(values.length, (i) => values[i] as Uint8Array, convert);
}

const FRONTED_BYTES_MAX = 256 * 1024 * 1024;

function lengthsOf(cursor: ByteCursor, count: number): Uint32Array {
  return Uint32Array.from(readDeltas(cursor, count), (length) => {
    if (length < 0n || length > 0x7fff_ffffn) throw new Error(`a length of ${length}`);
    return Number(length);
  });
}

/** BYTE_STREAM_SPLIT: first bytes of all values, second bytes, and so on. */
function joined(bytes: Uint8Array, count: number, width: number): Uint8Array {
  requireBytes(bytes, count * width);
  const out = new Uint8Array(count * width);
  for (let b = 0; b < width; b++) for (let i = 0; i < count; i++) out[i * width + b] = bytes[b * count + i] as number;
  return out;
}

function requireBytes(bytes: Uint8Array, wanted: number): void {
  if (wanted > bytes.length) throw new Error(`${bytes.length} bytes of values, expected ${wanted}`);
}
