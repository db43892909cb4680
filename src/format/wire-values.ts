// WireValues: values of rows and requests as JSON that keeps what they are: Int64, every bit of a float, kinds of typed arrays. What
// JSON has no word for is an object with the member "$". Format: docs/format.md, "Replication".

import { ElanusError, require } from '../model/errors.js';
import { bytesOf, decodeText, encodeText } from './bytes.js';

type View = Float32Array | Float64Array | Int8Array | Uint8Array | Uint16Array;
type Kind = new (buffer: ArrayBuffer) => View;

const TAG = '$';
const DEPTH_MAX = 140;
const INTEGER = /^-?(?:0|[1-9]\d{0,19})$/;
const NUMBERS: ReadonlyMap<unknown, number> = new Map([['NaN', Number.NaN], ['Infinity', Number.POSITIVE_INFINITY], ['-Infinity', Number.NEGATIVE_INFINITY], ['-0', -0]]);
const VIEWS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([['f32', Float32Array], ['f64', Float64Array], ['i8', Int8Array], ['u8', Uint8Array], ['u16', Uint16Array]]);
const CHUNK = 8192;

/** Members that are undefined are left out. Errors: `InvalidArgument` for what is no plain data. */
export function encodeWire(value: unknown): Uint8Array<ArrayBuffer> {
  return encodeText(JSON.stringify(tagged(value, 0)) ?? 'null');
}

/** Errors: `Corrupt`, naming `where`. */
export function decodeWire(bytes: Uint8Array, where: string): unknown {
  try {
    return untagged(JSON.parse(decodeText(bytes, where, 'JSON')), where, 0);
  } catch (error) {
    if (error instanceof ElanusError) throw error;
    throw new ElanusError('Corrupt', `${where}: expected JSON`, { file: where, cause: error });
  }
}

function tagged(value: unknown, depth: number): unknown {
  require(depth <= DEPTH_MAX, () => `a value is nested deeper than ${DEPTH_MAX}`);
  if (typeof value === 'bigint') return { [TAG]: 'i64', v: value.toString() };
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : { [TAG]: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
  require(typeof value !== 'function' && typeof value !== 'symbol', () => `expected plain data, found a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => tagged(item === undefined ? null : item, depth + 1));
  if (ArrayBuffer.isView(value)) return taggedView(value);
  if (value instanceof Map) return { [TAG]: 'map', v: [...value].map((entry) => tagged(entry, depth + 1)) };
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, tagged(item, depth + 1)] as const);
  const object = Object.fromEntries(entries);
  return Object.hasOwn(object, TAG) ? { [TAG]: 'object', v: object } : object;
}

function taggedView(view: ArrayBufferView): unknown {
  const kind = [...VIEWS].find(([, Kind]) => view instanceof Kind)?.[0];
  require(kind !== undefined, () => `expected an array of floats or bytes, found a ${view.constructor.name}`);
  return { [TAG]: kind, v: base64Of(bytesOf(view)) };
}

function untagged(value: unknown, where: string, depth: number): unknown {
  const refuse = (expected: string): never => {
    throw new ElanusError('Corrupt', `${where}: expected ${expected}`, { file: where });
  };
  if (depth > DEPTH_MAX) refuse(`a value nested at most ${DEPTH_MAX} deep`);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => untagged(item, where, depth + 1));
  const members = (object: object): object => Object.fromEntries(Object.entries(object).map(([key, item]) => [key, untagged(item, where, depth + 1)]));
  if (!Object.hasOwn(value, TAG)) return members(value);
  const { [TAG]: tag, v } = value as { readonly [TAG]: unknown; readonly v?: unknown };
  if (tag === 'i64') return typeof v === 'string' && INTEGER.test(v) ? BigInt(v) : refuse('the digits of an integer');
  if (tag === 'number') return NUMBERS.get(v) ?? refuse('NaN, Infinity, -Infinity or -0');
  if (tag === 'object') return typeof v === 'object' && v !== null && !Array.isArray(v) ? members(v) : refuse('an object');
  if (tag === 'map') return Array.isArray(v) && v.every((entry) => Array.isArray(entry) && entry.length === 2) ? new Map(untagged(v, where, depth + 1) as [unknown, unknown][]) : refuse('a list of pairs');
  const Kind = VIEWS.get(tag) ?? refuse('a tag that is known');
  const bytes = typeof v === 'string' ? bytesOfBase64(v) : undefined;
  if (bytes === undefined || bytes.length % (Kind as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT !== 0) return refuse(`${String(tag)} in base64`);
  return new Kind(bytes.buffer);
}

/** Little-endian, as every platform of ours. */
function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
