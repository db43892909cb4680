// Value: a primary key, or a JSON value, from a caller, checked and in its stored form. Every function throws
// `InvalidArgument` with `where` in front.

import { exactJson, isLongDouble } from '../../format/exact-json.js';
import type { JsonInput } from '../../format/json-parser.js';
import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey } from '../../model/row.js';
import { int64Value, refuseValue, textValue, type Where } from '../../model/scalar-value.js';

/** An Int64 from bigint or safe integer, or a VarChar that keeps its maximum length. */
export function keyValue(field: Field, value: unknown, where: Where): PrimaryKey {
  if (field.type === 'VarChar') return textValue(value, field.maxLength ?? LIMITS.varCharBytesMax, where);
  if (value === undefined) throw new ElanusError('InvalidArgument', `${where()}: missing primary key`);
  return int64Value(value, where);
}

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 64n - 1n;

/** The text of a JSON value of at most 64 KiB and 64 levels; every number is read back from it as it is. */
export function jsonText(value: unknown, where: Where): string {
  const isLong = checkJson(value, where, 0);
  const text = isLong ? exactJson(value as JsonInput) : JSON.stringify(value);
  return textValue(text, LIMITS.jsonBytesMax, where);
}

/** Gives whether there is a number of which JSON.stringify would not keep every digit. */
function checkJson(value: unknown, where: Where, depth: number): boolean {
  if (depth > LIMITS.jsonDepthMax) refuseValue(where, `JSON of at most ${LIMITS.jsonDepthMax} levels`, value);
  if (value === null || typeof value === 'boolean') return false;
  if (typeof value === 'string') {
    textValue(value, LIMITS.jsonBytesMax, where);
    return false;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return isLongDouble(value);
  if (typeof value === 'bigint') return value >= INTEGER_MIN && value <= INTEGER_MAX ? true : refuseValue(where, 'a JSON value (an integer of at most 64 bits)', value);
  let isLong = false;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) if (checkJson(item, where, depth + 1)) isLong = true;
    return isLong;
  }
  const plain = typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
  if (!plain) refuseValue(where, 'a JSON value (no Date, NaN, undefined or class)', value);
  for (const [name, item] of Object.entries(value as object)) {
    textValue(name, LIMITS.jsonBytesMax, where);
    if (checkJson(item, where, depth + 1)) isLong = true;
  }
  return isLong;
}
