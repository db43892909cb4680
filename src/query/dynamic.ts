// Dynamic keys: the values of some keys of the dynamic field, as columns of scalars. The JSON text of a row is
// parsed once, whatever the number of keys. What is missing or no scalar (null, an object, an array) is undefined.

import type { Columns } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import { DYNAMIC_FIELD } from '../model/field.js';
import type { CheckedFilter } from './check.js';
import { textColumn } from './column.js';
import { canonical, type Scalar } from './scalar.js';

export type ScalarColumn = readonly (Scalar | undefined)[];

/** The columns of all dynamic keys that `filter` names. Errors: `Corrupt` if a row's text is no JSON object. */
export function readDynamic(filter: CheckedFilter, columns: Columns): ReadonlyMap<string, ScalarColumn> {
  const read = new Map<string, (Scalar | undefined)[]>();
  for (const key of dynamicKeys(filter)) read.set(key, []);
  if (read.size === 0) return read;
  textColumn(columns, DYNAMIC_FIELD).forEach((text, row) => {
    const object = objectOf(text, row);
    for (const [key, values] of read) values.push(scalarOf(object, key, text));
  });
  return read;
}

function dynamicKeys(filter: CheckedFilter): readonly string[] {
  switch (filter.kind) {
    case 'dynamic':
    case 'dynamicInSet':
      return [filter.key];
    case 'not':
      return dynamicKeys(filter.operand);
    case 'and':
    case 'or':
      return filter.operands.flatMap(dynamicKeys);
    default:
      return [];
  }
}

function objectOf(text: string, row: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ElanusError('Corrupt', `${DYNAMIC_FIELD} of row ${row}: expected a JSON object, found text that is not JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ElanusError('Corrupt', `${DYNAMIC_FIELD} of row ${row}: expected a JSON object, found ${text.slice(0, 40)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function scalarOf(object: Readonly<Record<string, unknown>>, key: string, text: string): Scalar | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  if (typeof value === 'number') return exactNumber(value, key, text);
  return typeof value === 'boolean' || typeof value === 'string' ? value : undefined;
}

/** JSON.parse rounds integers beyond 2^53; the text has their digits. */
function exactNumber(value: number, key: string, text: string): Scalar {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const digits = numberText(text, key);
  return /^-?\d+$/.test(digits) ? BigInt(digits) : canonical(value);
}

const JSON_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\]:]/g;

/** The text of the number at `key` of the JSON object `text`; as in JSON.parse the last of equal keys counts. */
function numberText(text: string, key: string): string {
  let depth = 0;
  let name = '';
  let found = '';
  let afterColon = false;
  for (const [token] of text.matchAll(JSON_TOKEN)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && afterColon && name === key) found = token;
    else if (depth === 1 && token.startsWith('"')) name = JSON.parse(token) as string;
    afterColon = token === ':';
  }
  return found;
}
