// Number literals, as C has them: 12, 0x1f, 0b101, 017, 1.5, .5, 5., 1e3, 0x1.8p3. Whole ones are bigint and exact,
// those with a point or an exponent are doubles. A sign is an operator, not part of a literal.

import { invalid } from '../invalid.js';
import { matchAt } from './sticky.js';

const HEX_FLOAT = /0[xX](?:([0-9A-Fa-f]+)\.?([0-9A-Fa-f]*)|\.([0-9A-Fa-f]+))[pP]([+-]?\d+)/y;
const PREFIXED = /0(?:[xX][0-9A-Fa-f]+|[bB][01]+)/y;
const FLOAT = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/y;
const DIGITS = /\d+/y;
const FOLLOWING = /[A-Za-z0-9_$.]/y;

export interface NumberLiteral {
  readonly value: bigint | number;
  /** Where it ends. */
  readonly end: number;
}

/** REQUIRES: a digit, or a point and a digit, at `position`. */
export function numberAt(text: string, position: number): NumberLiteral {
  const [written, value] = hexFloatAt(text, position) ?? prefixedAt(text, position) ?? floatAt(text, position) ?? wholeAt(text, position);
  const end = position + written.length;
  const following = matchAt(FOLLOWING, text, end);
  if (following !== '') throw invalid(end, `expected a number to end here, found "${following}" after ${written.slice(0, 40)}`);
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(position, `expected a number of at most ${Number.MAX_VALUE}, found ${written.slice(0, 40)}`);
  return { value, end };
}

type Found = readonly [written: string, value: bigint | number];

function hexFloatAt(text: string, position: number): Found | undefined {
  HEX_FLOAT.lastIndex = position;
  const match = HEX_FLOAT.exec(text);
  if (match === null) return undefined;
  const [written, whole = '', fraction = '', bare = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}${bare}`;
  // More digits than a double holds are rounded here, once: scaling by a power of two is exact.
  return [written, Number(BigInt(`0x${digits}`)) * 2 ** (Number(exponent) - 4 * (fraction.length + bare.length))];
}

function prefixedAt(text: string, position: number): Found | undefined {
  const written = matchAt(PREFIXED, text, position);
  return written === '' ? undefined : [written, BigInt(written.toLowerCase())];
}

function floatAt(text: string, position: number): Found | undefined {
  const written = matchAt(FLOAT, text, position);
  return written === '' ? undefined : [written, Number(written)];
}

function wholeAt(text: string, position: number): Found {
  const written = matchAt(DIGITS, text, position);
  if (written.length === 1 || !written.startsWith('0')) return [written, BigInt(written)];
  if (/[89]/.test(written)) throw invalid(position, `expected an octal number after a leading zero, found ${written.slice(0, 40)}`);
  return [written, BigInt(`0o${written}`)];
}
