// Bounds: what a whole number can be, by the types and literals that it is computed from. Where it surely fits into 53
// bits it is computed in doubles, exactly and much faster than in 64 bits.

import type { Value } from '../checked.js';

type Bounds = readonly [low: bigint, high: bigint];

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const BITS: Readonly<Record<string, bigint>> = { Int8: 8n, Int16: 16n, Int32: 32n, Int64: 64n };
const INT64 = ofBits(64n);
const INT32 = ofBits(32n);

function ofBits(bits: bigint): Bounds {
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

/** Of a value of type int. No deeper than arithmetic nests. */
export function boundsOf(value: Value): Bounds {
  switch (value.kind) {
    case 'constant':
      return typeof value.value === 'bigint' ? [value.value, value.value] : INT64;
    case 'column':
      return ofBits(BITS[value.type] ?? 64n);
    case 'element':
      return ofBits(BITS[value.elementType] ?? 64n);
    case 'length':
      return [0n, 0xffff_ffffn];
    case 'unary': {
      const [low, high] = boundsOf(value.operand);
      return within(value.op === '-' ? [-high, -low] : [~high, ~low], INT64);
    }
    case 'arithmetic':
      return value.type === 'int' ? within(combined(value.op, boundsOf(value.left), boundsOf(value.right)), INT64) : INT64;
    default:
      return INT64;
  }
}

/** What may lie outside wraps, and can be anything. */
function within(bounds: Bounds, outer: Bounds): Bounds {
  return bounds[0] >= outer[0] && bounds[1] <= outer[1] ? bounds : outer;
}

function combined(op: Extract<Value, { readonly kind: 'arithmetic' }>['op'], [a, b]: Bounds, [c, d]: Bounds): Bounds {
  const largest = -a > b ? -a : b;
  switch (op) {
    case '+':
      return [a + c, b + d];
    case '-':
      return [a - d, b - c];
    case '*': {
      const products = [a * c, a * d, b * c, b * d];
      return [products.reduce((x, y) => (x < y ? x : y)), products.reduce((x, y) => (x > y ? x : y))];
    }
    case '/':
    case '%':
      return [-largest, largest];
    case '&':
    case '|':
    case '^':
      return a >= INT32[0] && b <= INT32[1] && c >= INT32[0] && d <= INT32[1] ? INT32 : INT64;
    default:
      return INT64;
  }
}

/** Whether it, and what it is computed from, is of at most 53 bits; of 32 for operations on bits. */
export function isSmall(value: Extract<Value, { readonly kind: 'arithmetic' | 'unary' }>): boolean {
  const parts = value.kind === 'unary' ? [value.operand] : [value.left, value.right];
  const isOnBits = value.op === '&' || value.op === '|' || value.op === '^' || value.op === '~';
  const [low, high] = isOnBits ? INT32 : [-SAFE, SAFE];
  return value.op !== '<<' && value.op !== '>>' && [value, ...parts].every((part) => {
    const [least, most] = boundsOf(part);
    return least >= low && most <= high;
  });
}
