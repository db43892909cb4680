// PartialRows: rows that give some of their fields, filled up with what the collection has of them.

import { hasBit } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import { DYNAMIC_FIELD } from '../../model/field.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import type { PrimaryKey, Row, RowInput } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import type { CollectionState } from '../collection/collection-state.js';
import { fetchRows, type RowPlace } from '../read/fetch.js';
import { requireKeys } from '../collection/missing.js';
import { planOutput } from '../read/output.js';
import { hasPartitionColumn, hasPartitionKey } from '../collection/partitions.js';
import { holdsAt, valuesAt } from '../search/place-values.js';
import { compileFiltered, lifeScope } from '../collection/scope.js';
import { keyValue } from './value.js';

export interface WholeRows {
  readonly rows: readonly RowInput[];
  /** Of each row; undefined if the collection has none that a caller may name. */
  readonly partitions: readonly number[] | undefined;
}

/** Rows of which the key is new are given as they are. Errors: `InvalidArgument`; `Corrupt` where a damaged file hides whether a row is there. */
export async function wholeRows(state: CollectionState, schema: Schema, rows: unknown, predicates: Predicates): Promise<WholeRows> {
  require(Array.isArray(rows) && rows.every((row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row)), () => 'rows: expected an array of objects');
  const given = rows as readonly RowInput[];
  const key = primaryField(schema);
  const keys = given.map((row, at) => keyValue(key, row[key.name], () => `row ${at}, field "${key.name}"`));
  require(new Set(keys).size === keys.length, () => 'rows: a partial update takes each primary key once');
  requireKeys(state, keys);
  const places = await livingPlaces(state, keys, predicates);
  const held = [...places.values()];
  for (const { segment } of held) segment.retain();
  try {
    const found = await fetchRows(state, held, planOutput(schema, ['*'], true));
    // Without what it has, a row that is there would be taken for a new one.
    const lost = held.find((_, at) => found[at] === undefined);
    if (lost !== undefined) throw new ElanusError('Corrupt', 'rows: a file that has one of them is damaged or missing', { cause: lost.segment.damage });
    const before = new Map([...places.keys()].map((one, at) => [one, found[at] as Row]));
    const merged = given.map((row, at) => mergedRow(before.get(keys[at] as PrimaryKey), row));
    return { rows: merged, partitions: await partitionsAt(state, schema, keys, places) };
  } finally {
    for (const { segment } of held) segment.release();
  }
}

/** Of the keys that are there and have not expired. Errors: `Corrupt`, `NotFound` if a file that has one cannot be read. */
async function livingPlaces(state: CollectionState, keys: readonly PrimaryKey[], predicates: Predicates): Promise<ReadonlyMap<PrimaryKey, RowPlace>> {
  const table = state.table();
  const places = keys.flatMap((key): (readonly [PrimaryKey, RowPlace])[] => {
    const place = table.keys.get(key);
    return place === undefined ? [] : [[key, { segment: table.segment(place.ordinal), row: place.row }]];
  });
  for (const [, { segment }] of places) if (segment.damage !== undefined) throw segment.damage;
  const living = compileFiltered({ within: lifeScope(state) }, state.schema);
  if (living === undefined) return new Map(places);
  const holds = await holdsAt(state, places.map(([, place]) => place), living, predicates);
  return new Map(places.filter((_, at) => hasBit(holds, at)));
}

function mergedRow(before: Row | undefined, given: RowInput): RowInput {
  if (before === undefined) return given;
  const { [DYNAMIC_FIELD]: _, ...rest } = before as Readonly<Record<string, unknown>>;
  return { ...rest, ...given } as RowInput;
}

async function partitionsAt(state: CollectionState, schema: Schema, keys: readonly PrimaryKey[], places: ReadonlyMap<PrimaryKey, RowPlace>): Promise<readonly number[] | undefined> {
  if (!hasPartitionColumn(schema) || hasPartitionKey(schema)) return undefined;
  const numbers = await valuesAt(state, [...places.values()], { name: PARTITION_FIELD.name, column: PARTITION_FIELD.name, type: PARTITION_FIELD.type, keys: [] });
  const byKey = new Map([...places.keys()].map((one, at) => [one, numbers[at] as number]));
  return keys.map((one) => byKey.get(one) ?? 0);
}
