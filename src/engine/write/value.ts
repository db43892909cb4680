// Value: a primary key, or a JSON value, from a caller, checked and in its stored form. Every function throws
// `InvalidArgument` with `where` in front.

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

/** The text of a JSON value of at most 64 KiB and 64 levels. */
export function jsonText(value: unknown, where: Where): string {
  checkJson(value, where, 0);
  const text = JSON.stringify(value);
  return textValue(text, LIMITS.jsonBytesMax, where);
}

function checkJson(value: unknown, where: Where, depth: number): void {
  if (depth > LIMITS.jsonDepthMax) refuseValue(where, `JSON of at most ${LIMITS.jsonDepthMax} levels`, value);
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') return void textValue(value, LIMITS.jsonBytesMax, where);
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) return value.forEach((item) => checkJson(item, where, depth + 1));
  const plain = typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
  if (!plain) refuseValue(where, 'a JSON value (no bigint, Date, NaN or class)', value);
  for (const [name, item] of Object.entries(value)) {
    textValue(name, LIMITS.jsonBytesMax, where);
    checkJson(item, where, depth + 1);
  }
}
