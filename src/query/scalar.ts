// Scalar: a value of a dynamic key that a filter can compare: a boolean, a string or a number. Numbers are canonical:
// an integer beyond 2^53 is a bigint, every other number is a number, so that equal numbers are `===`.

import { compareText } from '../model/text-order.js';

export type Scalar = boolean | number | bigint | string;

export function canonical(value: Scalar): Scalar {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value;
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** What kinds of scalar can be compared with each other. */
export function scalarKind(value: Scalar): 'boolean' | 'number' | 'string' {
  return typeof value === 'bigint' ? 'number' : (typeof value as 'boolean' | 'number' | 'string');
}

/** Negative, zero or positive; exact between number and bigint. REQUIRES: canonical, of one kind. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}
