// Lookup: rows by primary key or by filter, without a vector: get, query, count, and the keys that a delete means.

import { setRows } from '../model/bitset.js';
import { ElanusError, require } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey, Row } from '../model/row.js';
import { primaryField, type Schema } from '../model/schema.js';
import type { Predicates } from '../ports/core.js';
import { compileFilter, type CheckedFilter } from '../query/check.js';
import { compareText } from '../query/text-order.js';
import type { KeyList, KeysOptions, QueryOptions } from './api.js';
import { matchingRows } from './matching.js';
import { keyOf, planOutput, rowOf } from './output.js';
import { checkWindow } from './search-plan.js';
import type { Segment } from './segment.js';
import type { Table } from './table.js';
import { keyValue } from './value.js';

/** Primary keys from a caller. Errors: `InvalidArgument`. */
export function checkKeys(schema: Schema, ids: unknown): readonly PrimaryKey[] {
  require(Array.isArray(ids), () => 'ids: expected an array of primary keys');
  require(ids.length <= LIMITS.rowsPerBatchMax, () => `ids: at most ${LIMITS.rowsPerBatchMax}, found ${ids.length}`);
  const field = primaryField(schema);
  return ids.map((id, at) => keyValue(field, id, `ids[${at}]`));
}

/** The rows of `ids` that are there, in the order of `ids`. */
export function getRows(table: Table, ids: unknown, outputFields: readonly string[] | undefined): readonly Row[] {
  const keys = checkKeys(table.schema, ids);
  const output = planOutput(table.schema, outputFields ?? ['*'], true);
  return keys.flatMap((key) => {
    const place = table.keys.get(key);
    return place === undefined ? [] : [rowOf(table.segment(place.ordinal), place.row, output)];
  });
}

interface Match {
  readonly key: PrimaryKey;
  readonly segment: Segment;
  readonly row: number;
}

/** Rows that match, in order of their primary key. */
export function queryRows(table: Table, options: QueryOptions, predicates: Predicates): readonly Row[] {
  const { filter, offset = 0, limit = Math.max(1, LIMITS.topKMax - offset), outputFields = ['*'] } = options;
  checkWindow(limit, offset);
  const output = planOutput(table.schema, outputFields, true);
  const matches = matchesOf(table, compile(table.schema, filter), predicates);
  matches.sort((a, b) => compareKeys(a.key, b.key));
  return matches.slice(offset, offset + limit).map(({ segment, row }) => rowOf(segment, row, output));
}

/** Primary keys of live rows, or of those that match. */
export function listKeys(table: Table, { filter, order = 'key' }: KeysOptions, predicates: Predicates): KeyList {
  require(order === 'key' || order === 'stored', () => `order: expected 'key' or 'stored', found ${JSON.stringify(order)}`);
  const keys = matchesOf(table, compile(table.schema, filter), predicates).map(({ key }) => key);
  if (primaryField(table.schema).type === 'VarChar') {
    const texts = keys as string[];
    return order === 'key' ? texts.sort(compareText) : texts;
  }
  const packed = BigInt64Array.from(keys as readonly bigint[]);
  return order === 'key' ? packed.sort() : packed;
}

/** Live rows, or those that match. */
export function countRows(table: Table, filter: string | undefined, predicates: Predicates): number {
  const checked = compile(table.schema, filter);
  if (checked === undefined) return table.liveRows;
  return table.segments().reduce((sum, segment) => sum + predicates.count(matchingRows(segment, checked, predicates) ?? new Uint8Array(0)), 0);
}

/** Primary keys of the rows that match now. Errors: `InvalidFilter` also for an empty filter. */
export function matchingKeys(table: Table, filter: unknown, predicates: Predicates): readonly PrimaryKey[] {
  if (typeof filter !== 'string' || filter.trim() === '') throw new ElanusError('InvalidFilter', 'delete: expected a filter that is not empty', { position: 0 });
  return matchesOf(table, compile(table.schema, filter), predicates).map(({ key }) => key);
}

function compile(schema: Schema, filter: string | undefined): CheckedFilter | undefined {
  return filter === undefined || filter === '' ? undefined : compileFilter(filter, schema);
}

function matchesOf(table: Table, filter: CheckedFilter | undefined, predicates: Predicates): Match[] {
  const matches: Match[] = [];
  for (const segment of table.segments()) {
    const bits = matchingRows(segment, filter, predicates);
    for (const row of bits === undefined ? segment.rowsWhere(true) : setRows(bits)) {
      matches.push({ key: keyOf(segment, row, table.schema), segment, row });
    }
  }
  return matches;
}

function compareKeys(a: PrimaryKey, b: PrimaryKey): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
