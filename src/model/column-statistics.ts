// Column statistics: what is known of the values of a column without reading it, so that a filter passes over rows none of
// which can match. Bounds are true of every value that is not null, of deleted rows too; they need not be met.

import { countBits, hasBit } from './bitset.js';
import { rowsOf, type Column } from './columns.js';
import type { DataType } from './field.js';
import { compareText } from './text-order.js';

/** Int64 and Timestamptz as bigint, Bool as 0 and 1, other numbers as numbers, VarChar as text. */
export type StatisticValue = number | bigint | string;

export interface ColumnStatistics {
  /** No value is less. Absent if nothing is known, or there is no value. */
  readonly min?: StatisticValue;
  /** No value is greater. */
  readonly max?: StatisticValue;
  readonly nulls: number;
}

/** By field. Of a field that is absent nothing is known. */
export type Statistics = Readonly<Record<string, ColumnStatistics>>;

/** UTF-16 units of a text that are kept. */
export const STATISTIC_UNITS_MAX = 32;
const GREATEST = '\u{10ffff}';

/** Types whose values have bounds. */
const ORDERED = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'Timestamptz', 'VarChar'] as const;
export type OrderedType = (typeof ORDERED)[number];

export function isOrdered(type: DataType): type is OrderedType {
  return ORDERED.some((ordered) => ordered === type);
}

export function statisticsOf(column: Column): ColumnStatistics {
  const nulls = column.valid === undefined ? 0 : rowsOf(column) - countBits(column.valid);
  if (!isOrdered(column.type)) return { nulls };
  if (column.type === 'VarChar') return { ...textBounds(column.values, column.valid), nulls };
  return { ...numberBounds(column.values as ArrayLike<number>, column.valid), nulls };
}

/** Of the rows of both. */
export function joinStatistics(a: ColumnStatistics, rowsOfA: number, b: ColumnStatistics, rowsOfB: number): ColumnStatistics {
  const nulls = a.nulls + b.nulls;
  if (a.nulls === rowsOfA) return { ...b, nulls };
  if (b.nulls === rowsOfB) return { ...a, nulls };
  return {
    ...(a.min === undefined || b.min === undefined ? {} : { min: compareValues(a.min, b.min) <= 0 ? a.min : b.min }),
    ...(a.max === undefined || b.max === undefined ? {} : { max: compareValues(a.max, b.max) >= 0 ? a.max : b.max }),
    nulls,
  };
}

/** Negative, zero or positive. REQUIRES: of one type. */
export function compareValues(a: StatisticValue, b: StatisticValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

// BigInts are compared as numbers are. A NaN is neither less nor greater than a bound, so that nothing is known of it.
function numberBounds(values: ArrayLike<number>, valid: Uint8Array | undefined): Pick<ColumnStatistics, 'min' | 'max'> {
  let min: number | undefined;
  let max: number | undefined;
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && !hasBit(valid, row)) continue;
    const value = values[row] as number;
    if (value !== value) return {};
    if (min === undefined || value < min) min = value;
    if (max === undefined || value > max) max = value;
  }
  return { ...bound('min', min), ...bound('max', max) };
}

function bound(name: 'min' | 'max', value: number | undefined): Pick<ColumnStatistics, 'min' | 'max'> {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return {};
  // Of the two zeros the one that JSON has.
  return { [name]: value === 0 ? 0 : value };
}

function textBounds(values: readonly string[], valid: Uint8Array | undefined): Pick<ColumnStatistics, 'min' | 'max'> {
  let min: string | undefined;
  let max: string | undefined;
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && !hasBit(valid, row)) continue;
    const value = values[row] as string;
    if (min === undefined || compareText(value, min) < 0) min = value;
    if (max === undefined || compareText(value, max) > 0) max = value;
  }
  if (min === undefined || max === undefined) return {};
  const above = upperBound(max);
  return { min: beginning(min), ...(above === undefined ? {} : { max: above }) };
}

/** What a text begins with, whole characters. */
function beginning(text: string): string {
  return text.length <= STATISTIC_UNITS_MAX ? text : firstUnits(text, STATISTIC_UNITS_MAX);
}

/** So many, or one fewer that would be half a character. */
function firstUnits(text: string, units: number): string {
  return text.slice(0, (text.charCodeAt(units - 1) & 0xfc00) === 0xd800 ? units - 1 : units);
}

/** A short text that is not less; undefined if there is none. */
function upperBound(text: string): string | undefined {
  if (text.length <= STATISTIC_UNITS_MAX) return text;
  const above = firstUnits(text, STATISTIC_UNITS_MAX - GREATEST.length) + GREATEST;
  return compareText(above, text) >= 0 ? above : undefined;
}
