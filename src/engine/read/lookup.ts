// Lookup: rows by primary key, and the keys and numbers of those that match: get, keys, count, and what a delete means.

import { hasBit, setRows, type Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey, Row } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import type { CheckedFilter } from '../../query/check.js';
import { compareText } from '../../model/text-order.js';
import type { GetRequest, KeyList, KeysOptions } from '../api.js';
import { fetchHeld, type RowPlace } from './fetch.js';
import { keyOf, planOutput } from './output.js';
import { holdsAt } from '../search/place-values.js';
import { compileFiltered, type Filtered } from '../collection/scope.js';
import type { Segment } from '../table/segment.js';
import { keyValue } from '../write/value.js';
import { visitSegments, type Reader } from './visit.js';

/** Primary keys from a caller. Errors: `InvalidArgument`. */
export function checkKeys(schema: Schema, ids: unknown): readonly PrimaryKey[] {
  require(Array.isArray(ids), () => 'ids: expected an array of primary keys');
  require(ids.length <= LIMITS.rowsPerBatchMax, () => `ids: at most ${LIMITS.rowsPerBatchMax}, found ${ids.length}`);
  const field = primaryField(schema);
  return ids.map((id, at) => keyValue(field, id, () => `ids[${at}]`));
}

/** The rows of `ids` that are there and match, in the order of `ids`. */
export async function getRows(reader: Reader, schema: Schema, { ids, outputFields = ['*'], ...filtered }: GetRequest & Filtered, predicates: Predicates): Promise<readonly Row[]> {
  const keys = checkKeys(schema, ids);
  const output = planOutput(schema, outputFields, true);
  const checked = compileFiltered(filtered, schema);
  const table = reader.table();
  const places = keys.flatMap((key): RowPlace[] => {
    const place = table.keys.get(key);
    if (place === undefined) return [];
    const segment = table.segment(place.ordinal);
    return segment.damage === undefined ? [{ segment, row: place.row }] : [];
  });
  if (checked === undefined) return fetchHeld(reader, places, output);
  for (const { segment } of places) segment.retain();
  try {
    const holds = await holdsAt(reader, places, checked, predicates);
    return await fetchHeld(reader, places.filter((_, at) => hasBit(holds, at)), output);
  } finally {
    for (const { segment } of places) segment.release();
  }
}

interface Match extends RowPlace {
  readonly key: PrimaryKey;
}

/** Primary keys of live rows, or of those that match. */
export async function listKeys(reader: Reader, schema: Schema, { order = 'key', ...filtered }: KeysOptions & Filtered, predicates: Predicates): Promise<KeyList> {
  require(order === 'key' || order === 'stored', () => `order: expected 'key' or 'stored', found ${JSON.stringify(order)}`);
  const keys = await visitMatches(reader, schema, compileFiltered(filtered, schema), predicates, (matches) => matches.map(({ key }) => key));
  if (primaryField(schema).type === 'VarChar') {
    const texts = keys as string[];
    return order === 'key' ? texts.sort(compareText) : texts;
  }
  const packed = BigInt64Array.from(keys as readonly bigint[]);
  return order === 'key' ? packed.sort() : packed;
}

/** Live rows, or those that match. */
export async function countRows(reader: Reader, schema: Schema, filtered: Filtered, predicates: Predicates): Promise<number> {
  const checked = compileFiltered(filtered, schema);
  if (checked === undefined) return reader.table().liveRows;
  const count = (segment: Segment, rows: Bitset | undefined): number => (rows === undefined ? segment.rows : predicates.count(rows));
  return visitSegments(reader, { columns: [], filter: checked, predicates }, count, (counts) => counts.reduce((sum, of) => sum + of, 0));
}

/** Primary keys of the rows that match now. Errors: `InvalidFilter` also for an empty filter. */
export async function matchingKeys(reader: Reader, schema: Schema, filtered: Filtered, predicates: Predicates): Promise<readonly PrimaryKey[]> {
  if (isEmpty(filtered.filter)) throw new ElanusError('InvalidFilter', 'delete: expected a filter that is not empty', { position: 0 });
  return keysWithin(reader, schema, compileFiltered(filtered, schema), predicates);
}

/** Those for which `filter` holds. */
export function keysWithin(reader: Reader, schema: Schema, filter: CheckedFilter | undefined, predicates: Predicates): Promise<readonly PrimaryKey[]> {
  return visitMatches(reader, schema, filter, predicates, (matches) => matches.map(({ key }) => key));
}

function isEmpty(filter: unknown): boolean {
  return typeof filter === 'string' ? filter.trim() === '' : typeof filter !== 'object' || filter === null || Object.keys(filter).length === 0;
}

/** `conclude` gets the live rows that match as of now, while their segments can be read. */
async function visitMatches<R>(reader: Reader, schema: Schema, filter: CheckedFilter | undefined, predicates: Predicates, conclude: (matches: Match[]) => R | Promise<R>): Promise<R> {
  const look = (segment: Segment, bits: Bitset | undefined): readonly Match[] => {
    const rows = bits === undefined ? Uint32Array.from({ length: segment.rows }, (_, row) => row) : setRows(bits);
    return Array.from(rows, (row) => ({ key: keyOf(segment, row, schema), segment, row }));
  };
  return visitSegments(reader, { columns: [primaryField(schema).name], filter, predicates }, look, (found) => conclude(found.flat()));
}
