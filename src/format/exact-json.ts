// ExactJson: JSON text of which every integer of 64 bits and every double is read back as it was. An integer beyond 2^53 is
// a bigint and has its digits; a double that large has an exponent, by which it is told from one.

import { parseJson, type JsonInput } from './json-parser.js';

/** Digits that a double may not hold. */
const LONG_NUMBER = /\d{16}/;

/** Errors: `SyntaxError`. */
export function readExactJson(text: string): JsonInput {
  return LONG_NUMBER.test(text) ? parseJson(text) : (JSON.parse(text) as JsonInput);
}

/** REQUIRES: plain JSON values, numbers finite. */
export function exactJson(value: JsonInput): string {
  if (typeof value === 'number') return exactNumber(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonInput[]).map(exactJson).join()}]`;
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${exactJson(item)}`).join()}}`;
}

/** REQUIRES: finite. */
export function exactNumber(value: number): string {
  return isLongDouble(value) ? value.toExponential() : JSON.stringify(value);
}

/** Whether JSON.stringify would write it as an integer that is not its value. */
export function isLongDouble(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
