// String literals, with the escapes of Milvus: those of C, bytes (octal or hexadecimal) that are UTF-8, and code points.
// `\%` and `\_` stay as they are written, for `like`. A raw string, r"…", has no escapes at all.

import { invalid } from '../invalid.js';
import { matchAt } from './sticky.js';

const PLAIN = /[^"'\\]+/y;
const BYTES = /(?:\\x[0-9A-Fa-f]{2}|\\[0-7]{1,3})+/y;
const BYTE = /\\x([0-9A-Fa-f]{2})|\\([0-7]{1,3})/g;
const HEX4 = /[0-9A-Fa-f]{4}/y;
const HEX8 = /[0-9A-Fa-f]{8}/y;
const RAW_DOUBLE = /"((?:[^"\\\r\n]|\\[^\r\n])*)"/y;
const RAW_SINGLE = /'((?:[^'\\\r\n]|\\[^\r\n])*)'/y;

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'], ['b', '\b'], ['f', '\f'], ['n', '\n'], ['r', '\r'], ['t', '\t'], ['v', '\v'],
  ['\\', '\\'], ['"', '"'], ["'", "'"], ['?', '?'], ['%', '\\%'], ['_', '\\_'],
]);

export interface StringLiteral {
  readonly value: string;
  /** Where it ends. */
  readonly end: number;
}

/** REQUIRES: a quote at `position`. */
export function stringAt(text: string, position: number): StringLiteral {
  const quote = text.charAt(position);
  const parts: string[] = [];
  for (let at = position + 1; at < text.length; ) {
    const char = text.charAt(at);
    if (char === quote) return { value: parts.join(''), end: at + 1 };
    const part = char === '\\' ? escapeAt(text, at) : { value: matchAt(PLAIN, text, at) || char, length: 0 };
    parts.push(part.value);
    at += part.length || part.value.length;
  }
  throw unclosed(quote, position);
}

/** REQUIRES: a quote at `position`. */
export function rawStringAt(text: string, position: number): StringLiteral {
  const quote = text.charAt(position);
  const written = matchAt(quote === '"' ? RAW_DOUBLE : RAW_SINGLE, text, position);
  if (written === '') throw unclosed(quote, position);
  return { value: written.slice(1, -1), end: position + written.length };
}

function unclosed(quote: string, position: number): Error {
  return invalid(position, `expected a closing ${quote} of the string that begins here, found the end of the filter`);
}

interface Escape {
  readonly value: string;
  readonly length: number;
}

function escapeAt(text: string, position: number): Escape {
  const name = text.charAt(position + 1);
  const simple = SIMPLE.get(name);
  if (simple !== undefined) return { value: simple, length: 2 };
  const bytes = matchAt(BYTES, text, position);
  if (bytes !== '') return { value: decodeBytes(bytes, position), length: bytes.length };
  const digits = name === 'u' ? matchAt(HEX4, text, position + 2) : name === 'U' ? matchAt(HEX8, text, position + 2) : '';
  const point = Number.parseInt(digits, 16);
  if (digits === '' || point > 0x10ffff) {
    throw invalid(position, `expected one of \\a \\b \\f \\n \\r \\t \\v \\\\ \\" \\' \\? \\% \\_ \\ooo \\xXX \\uXXXX \\UXXXXXXXX, found "${text.slice(position, position + 2)}"`);
  }
  return { value: String.fromCodePoint(point), length: 2 + digits.length };
}

/** Bytes side by side are UTF-8 together. */
function decodeBytes(escapes: string, position: number): string {
  const bytes = Array.from(escapes.matchAll(BYTE), ([, hex, octal]) => (hex === undefined ? Number.parseInt(octal as string, 8) : Number.parseInt(hex, 16)));
  if (bytes.some((byte) => byte > 255)) throw invalid(position, `expected an octal escape of at most \\377, found ${escapes.slice(0, 40)}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    throw invalid(position, `expected bytes that are UTF-8, found ${escapes.slice(0, 40)}`);
  }
}
