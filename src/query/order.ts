// Order: rows by the values of some fields. Of values of several kinds, as JSON may hold, booleans come before numbers and
// these before texts; texts go by code point.

import { require } from '../model/errors.js';
import type { Schema } from '../model/schema.js';
import { parsePath, type FieldPath, type PathValue } from './field-path.js';
import { compareScalars, scalarKind } from './scalar.js';

/** One field of an order, as a caller gives it. */
export interface OrderBy {
  /** A scalar field, a dynamic key or a path into a JSON field. */
  readonly field: string;
  /** Default false: ascending. */
  readonly desc?: boolean;
  /** Where rows without a value come. Default 'last', in either direction. */
  readonly nulls?: 'first' | 'last';
}

export interface OrderKey {
  readonly path: FieldPath;
  readonly desc: boolean;
  readonly nullsFirst: boolean;
}

const FIELDS_MAX = 16;
const KINDS = ['boolean', 'number', 'string'] as const;

/** Checks a part of `orderBy` but for its field. Errors: `InvalidArgument`. */
export function checkOrder(given: unknown, at: number): { readonly field: unknown; readonly desc: boolean; readonly nullsFirst: boolean } {
  require(typeof given === 'object' && given !== null, () => `orderBy[${at}]: expected { field, desc, nulls }, found ${typeof given}`);
  const { field, desc = false, nulls = 'last' } = given as Partial<OrderBy>;
  require(typeof desc === 'boolean', () => `orderBy[${at}].desc: expected true or false, found ${String(desc)}`);
  require(nulls === 'first' || nulls === 'last', () => `orderBy[${at}].nulls: expected 'first' or 'last', found ${JSON.stringify(nulls)}`);
  return { field, desc, nullsFirst: nulls === 'first' };
}

/** The parts of an `orderBy`. Errors: `InvalidArgument`. */
export function orderParts(given: unknown): readonly unknown[] {
  require(Array.isArray(given) && given.length <= FIELDS_MAX, () => `orderBy: expected an array of up to ${FIELDS_MAX} fields`);
  return given;
}

/** Errors: `InvalidArgument`. */
export function parseOrder(given: unknown, schema: Schema): readonly OrderKey[] {
  return orderParts(given).map((part, at) => {
    const { field, ...rest } = checkOrder(part, at);
    return { path: parsePath(field, schema, `orderBy[${at}].field`), ...rest };
  });
}

/** Negative, zero or positive as `a` comes before, with or after `b`, which have a value for each key. */
export function compareByKeys(keys: readonly Pick<OrderKey, 'desc' | 'nullsFirst'>[], a: readonly PathValue[], b: readonly PathValue[]): number {
  for (let at = 0; at < keys.length; at++) {
    const { desc, nullsFirst } = keys[at] as OrderKey;
    const [x, y] = [a[at] as PathValue, b[at] as PathValue];
    if (x === y) continue;
    if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
    const order = compareValues(x, y);
    if (order !== 0) return desc ? -order : order;
  }
  return 0;
}

/** Of two values that are not null. */
export function compareValues(a: Exclude<PathValue, null>, b: Exclude<PathValue, null>): number {
  const kinds = KINDS.indexOf(scalarKind(a)) - KINDS.indexOf(scalarKind(b));
  return kinds !== 0 ? kinds : compareScalars(a, b);
}
