// Statistics of a segment's columns, as the manifest has them. Whoever holds decoded ones may trust that they are of
// fields that there are, of their types, and in order; that they are true of the rows is the writer's promise.

import { compareValues, isOrdered, statisticsOf, joinStatistics, STATISTIC_UNITS_MAX, type ColumnStatistics, type OrderedType, type Statistics, type StatisticValue } from '../model/column-statistics.js';
import { sliceColumn } from '../model/column-rows.js';
import type { Columns } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import { isVector, type Field } from '../model/field.js';
import { storedFields, type Schema } from '../model/schema.js';
import { integerAt, objectAt } from './checks.js';
import { columnOf } from './column-bytes.js';
import type { JsonObject } from './envelope.js';

const DECIMAL = /^(?:0|-?[1-9][0-9]{0,18})$/;
const INTEGERS: Readonly<Partial<Record<OrderedType, readonly [number, number]>>> = { Bool: [0, 1], Int8: [-128, 127], Int16: [-32_768, 32_767], Int32: [-(2 ** 31), 2 ** 31 - 1] };

/** What is known of the rows that were added, portion by portion. */
export class StatisticsBuilder {
  readonly #fields: readonly Field[];
  readonly #found = new Map<string, ColumnStatistics>();
  #rows = 0;

  constructor(schema: Schema) {
    this.#fields = storedFields(schema).filter(isCounted);
  }

  /** Adds rows `first` to `end`; looks at one column a step. `columns` has all stored fields. */
  *steps(columns: Columns, first: number, end: number): Generator<void> {
    for (const field of this.#fields) {
      const found = statisticsOf(sliceColumn(columnOf(columns, field), first, end));
      const before = this.#found.get(field.name);
      this.#found.set(field.name, before === undefined ? found : joinStatistics(before, this.#rows, found, end - first));
      yield;
    }
    this.#rows += end - first;
  }

  /** Those of which something is known. */
  end(): Statistics {
    return Object.fromEntries([...this.#found].filter(([, { min, max, nulls }]) => min !== undefined || max !== undefined || nulls > 0));
  }
}

/** Fields of which something is kept: bounds, or how many are null. */
function isCounted(field: Field): boolean {
  return !isVector(field.type) && (isOrdered(field.type) || field.nullable === true);
}

/** Undefined if nothing is known. */
export function statisticsJson(statistics: Statistics | undefined): JsonObject | undefined {
  const entries = Object.entries(statistics ?? {});
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([name, { min, max, nulls }]) => [name, { min: valueJson(min), max: valueJson(max), nulls: nulls === 0 ? undefined : nulls }]));
}

function valueJson(value: StatisticValue | undefined): string | number | undefined {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Errors: `Corrupt`. */
export function decodeStatistics(value: unknown, schema: Schema, rows: number, where: string, place: string): Statistics {
  const fields = new Map(storedFields(schema).filter(isCounted).map((field) => [field.name, field]));
  return Object.fromEntries(Object.entries(objectAt(value, where, place)).map(([name, given]) => {
    const field = fields.get(name);
    requireIntact(field !== undefined, where, `${place}: no statistics are kept of ${JSON.stringify(name)}`);
    return [name, decodeColumn(given, field, rows, where, `${place}.${name}`)];
  }));
}

function decodeColumn(value: unknown, field: Field, rows: number, where: string, place: string): ColumnStatistics {
  const found = objectAt(value, where, place);
  const nulls = found['nulls'] === undefined ? 0 : integerAt(found['nulls'], 1, field.nullable === true ? rows : 0, where, `${place}.nulls`);
  const min = found['min'] === undefined ? {} : { min: decodeValue(found['min'], field, where, `${place}.min`) };
  const max = found['max'] === undefined ? {} : { max: decodeValue(found['max'], field, where, `${place}.max`) };
  const column = { ...min, ...max, nulls };
  const { min: low, max: high } = column as ColumnStatistics;
  requireIntact(low !== undefined || high !== undefined || nulls > 0, where, `${place}: expected min, max or nulls`);
  requireIntact(low === undefined || high === undefined || compareValues(low, high) <= 0, where, `${place}: min is above max`);
  return column;
}

function decodeValue(value: unknown, { type }: Field, where: string, place: string): StatisticValue {
  requireIntact(isOrdered(type), where, `${place}: a ${type} has no bounds`);
  if (type === 'VarChar') {
    requireIntact(typeof value === 'string' && value.length <= STATISTIC_UNITS_MAX, where, `${place}: expected text of at most ${STATISTIC_UNITS_MAX} UTF-16 units`);
    return value;
  }
  if (type === 'Int64' || type === 'Timestamptz') {
    requireIntact(typeof value === 'string' && DECIMAL.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value), where, `${place}: expected the decimal text of an Int64`);
    return BigInt(value);
  }
  const range = INTEGERS[type];
  if (range !== undefined) return integerAt(value, ...range, where, place);
  requireIntact(typeof value === 'number' && (type === 'Double' || Math.fround(value) === value), where, `${place}: expected a ${type}, found ${String(value)}`);
  return value;
}
