// Numbers: the arithmetic of filters on one pair of them. Whole numbers are of 64 bits and wrap; division of them drops
// the fraction, and % has the sign of the dividend. Floats are those of IEEE 754.

import type { Arithmetic } from '../model/filter.js';

const WHOLE_ONLY: ReadonlySet<Arithmetic> = new Set(['%', '&', '|', '^', '<<', '>>']);

export function isWholeOnly(op: Arithmetic): boolean {
  return WHOLE_ONLY.has(op);
}

/** Undefined where there is no answer: division by 0, a shift by less than 0 or more than 63. Of `**` the answer is a float. */
export function computeLong(op: Arithmetic, a: bigint, b: bigint): bigint | number | undefined {
  switch (op) {
    case '+':
      return BigInt.asIntN(64, a + b);
    case '-':
      return BigInt.asIntN(64, a - b);
    case '*':
      return BigInt.asIntN(64, a * b);
    case '/':
      return b === 0n ? undefined : BigInt.asIntN(64, a / b);
    case '%':
      return b === 0n ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return b < 0n || b > 63n ? undefined : BigInt.asIntN(64, a << b);
    case '>>':
      return b < 0n || b > 63n ? undefined : a >> b;
    case '**':
      return Number(a) ** Number(b);
  }
}

/** REQUIRES: not one of those that take whole numbers only. */
export function computeDouble(op: Arithmetic, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '**':
      return a ** b;
    default:
      return Number.NaN;
  }
}
