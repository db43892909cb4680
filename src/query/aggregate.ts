// Aggregate: count, sum, min, max and avg over rows, by Milvus' notation: `count(*)`, `sum(price)`. A null counts for
// nothing but `count(*)`; over no value at all `count` is 0 and the others are null. Sums of integer fields are exact
// bigints, which 64 bits may not hold; those of others are doubles, with their rounding compensated (Neumaier).

import { require } from '../model/errors.js';
import type { DataType } from '../model/field.js';
import type { FieldValue } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import { parsePath, shownValue, type FieldPath, type PathValue } from './field-path.js';
import { compareValues } from './order.js';

export const AGGREGATES = ['count', 'sum', 'min', 'max', 'avg'] as const;
export type AggregateOp = (typeof AGGREGATES)[number];

export interface Aggregate {
  /** What an answer calls it: as it was given. */
  readonly name: string;
  readonly op: AggregateOp;
  /** Undefined for `count(*)`. */
  readonly path: FieldPath | undefined;
}

/** What has been seen of one aggregate. */
export interface Tally {
  count: number;
  whole: bigint;
  sum: number;
  lost: number;
  least: PathValue;
  most: PathValue;
}

const CALL = /^\s*(count|sum|min|max|avg)\s*\(\s*(.*?)\s*\)\s*$/is;
const INTEGERS: ReadonlySet<DataType> = new Set<DataType>(['Int8', 'Int16', 'Int32', 'Int64']);
const NUMBERS: ReadonlySet<DataType> = new Set<DataType>([...INTEGERS, 'Float', 'Double', 'JSON']);

export function isAggregate(text: unknown): boolean {
  return typeof text === 'string' && CALL.test(text);
}

/** Errors: `InvalidArgument`. */
export function parseAggregate(text: unknown, schema: Schema): Aggregate {
  const match = typeof text === 'string' ? CALL.exec(text) : null;
  require(match !== null, () => `aggregate: expected ${AGGREGATES.join(', ')} of a field, such as "sum(price)", found ${JSON.stringify(text)?.slice(0, 80) ?? 'nothing'}`);
  const op = (match[1] as string).toLowerCase() as AggregateOp;
  const of = match[2] as string;
  const name = text as string;
  if (of === '*' && op === 'count') return { name, op, path: undefined };
  const path = parsePath(of, schema, name);
  require((op !== 'sum' && op !== 'avg') || NUMBERS.has(path.type), () => `${name}: "${of}" is ${path.type}, expected a field of numbers`);
  return { name, op, path };
}

export function newTally(): Tally {
  return { count: 0, whole: 0n, sum: 0, lost: 0, least: null, most: null };
}

/** Adds the value of one row; anything but null for `count(*)`. */
export function addTo(tally: Tally, { op, path }: Aggregate, value: PathValue): void {
  if (value === null) return;
  if (op === 'sum' || op === 'avg') return addNumber(tally, path as FieldPath, value);
  tally.count++;
  if (op === 'min' && (tally.least === null || compareValues(value, tally.least) < 0)) tally.least = value;
  if (op === 'max' && (tally.most === null || compareValues(value, tally.most) > 0)) tally.most = value;
}

// A JSON value that is no number counts for nothing.
function addNumber(tally: Tally, { type }: FieldPath, value: Exclude<PathValue, null>): void {
  if (typeof value !== 'number' && typeof value !== 'bigint') return;
  tally.count++;
  if (INTEGERS.has(type)) {
    tally.whole += BigInt(value);
    return;
  }
  const added = Number(value);
  const sum = tally.sum + added;
  tally.lost += Math.abs(tally.sum) >= Math.abs(added) ? tally.sum - sum + added : added - sum + tally.sum;
  tally.sum = sum;
}

/** The value of the aggregate: a count as number, what `shownResult` makes ready for an answer. */
export function resultOf({ count, whole, sum, lost, least, most }: Tally, { op, path }: Aggregate): PathValue {
  if (op === 'count') return count;
  if (count === 0) return null;
  if (op === 'min') return least;
  if (op === 'max') return most;
  const exact = INTEGERS.has((path as FieldPath).type);
  // Where a sum overflows, what was lost is no number.
  const total = Number.isFinite(sum) ? sum + lost : sum;
  if (op === 'sum') return exact ? whole : total;
  return (exact ? Number(whole) : total) / count;
}

export function shownResult({ op, path }: Aggregate, value: PathValue): FieldValue {
  return path === undefined || (op !== 'min' && op !== 'max') ? value : shownValue(path, value);
}
