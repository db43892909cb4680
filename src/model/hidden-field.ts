// Hidden fields: columns that a collection keeps for itself, behind the fields of its schema. No user names them, and no
// answer has them. Their names are stored: do not change them.

import { require } from './errors.js';
import type { Field } from './field.js';
import { timestampOf } from './timestamp.js';

/** The number of a row's partition. */
export const PARTITION_FIELD: Field = { name: '$partition', type: 'Int32', defaultValue: 0 };

/** When a row was written. */
export const TIME_FIELD_NAME = '$time';

/** `since`, RFC 3339 in UTC: what rows have that were written before it was kept. */
export function timeField(since: string): Field {
  return { name: TIME_FIELD_NAME, type: 'Timestamptz', defaultValue: since };
}

/** Of a collection that takes pushes: when a row was written, and by whom, as `stamp` says it. */
export const STAMP_FIELD: Field = { name: '$stamp', type: 'Int64', defaultValue: 0 };
export const CLIENT_FIELD: Field = { name: '$client', type: 'Int64', defaultValue: 0 };
export const STAMP_FIELDS: readonly Field[] = [STAMP_FIELD, CLIENT_FIELD];

/** The order in which hidden columns are stored, whichever came first. */
const ORDER: readonly string[] = [PARTITION_FIELD.name, TIME_FIELD_NAME, STAMP_FIELD.name, CLIENT_FIELD.name];

/** These and one more. */
export function hiddenWith(hidden: readonly Field[], field: Field): readonly Field[] {
  return [...hidden, field].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
}

/** Hidden fields as they were stored. Errors: `InvalidArgument`. */
export function checkHidden(given: unknown): readonly Field[] {
  require(Array.isArray(given), () => 'schema.hidden: expected an array');
  const hidden = given.map(checkOne);
  require(hidden.length > 0 && new Set(hidden.map(({ name }) => name)).size === hidden.length, () => 'schema.hidden: expected fields of different names');
  return hidden;
}

function checkOne(given: unknown): Field {
  require(typeof given === 'object' && given !== null, () => 'schema.hidden: expected an object');
  const { name, defaultValue } = given as Partial<Field>;
  const constant = [PARTITION_FIELD, ...STAMP_FIELDS].find((field) => field.name === name);
  if (constant !== undefined) return constant;
  require(name === TIME_FIELD_NAME && typeof defaultValue === 'string' && timestampOf(defaultValue) !== undefined, () => `schema.hidden: expected ${PARTITION_FIELD.name}, ${STAMP_FIELD.name}, ${CLIENT_FIELD.name}, or ${TIME_FIELD_NAME} with a time, found ${JSON.stringify(given)}`);
  return timeField(defaultValue);
}
