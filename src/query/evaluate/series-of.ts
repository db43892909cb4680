// The series of an operand: what it has in every row of the columns.

import { hasBit, type Bitset } from '../../model/bitset.js';
import type { ArrayColumn } from '../../model/columns.js';
import { require } from '../../model/errors.js';
import type { Value } from '../checked.js';
import { arithmeticSeries, unarySeries } from './arithmetic.js';
import { arrayColumn, elementPlaces, scalarAt } from './arrays.js';
import type { Evaluation } from './context.js';
import { jsonKey, type Found, type FoundColumn } from './json.js';
import type { Series } from './series.js';
import { shiftedMoment } from './shift.js';
import { rowsWhere } from './truth.js';

/** No deeper than arithmetic nests. */
export function seriesOf(value: Value, evaluation: Evaluation): Series {
  switch (value.kind) {
    case 'constant':
      return value;
    case 'moment':
      return { kind: 'constant', value: value.micros };
    case 'column':
      return columnSeries(value.field, evaluation);
    case 'array':
      return { kind: 'mixed', values: listsOf(arrayColumn(evaluation.columns, value.field)) };
    case 'element':
      return elementSeries(arrayColumn(evaluation.columns, value.field), value.index, evaluation.rows);
    case 'json':
      return { kind: 'mixed', values: evaluation.json.get(jsonKey(value), evaluation.among) };
    case 'length':
      return lengthSeries(value, evaluation);
    case 'shift':
      return shiftSeries(seriesOf(value.operand, evaluation), value.months, value.micros);
    case 'unary':
      return unarySeries(value, seriesOf(value.operand, evaluation), evaluation);
    case 'arithmetic':
      return arithmeticSeries(value, seriesOf(value.left, evaluation), seriesOf(value.right, evaluation), evaluation);
  }
}

function columnSeries(name: string, { columns }: Evaluation): Series {
  const column = columns.byName.get(name);
  const known = column?.valid;
  switch (column?.type) {
    case 'Bool':
      return { kind: 'doubles', values: new Float64Array(column.values), holds: 'bool', known };
    case 'Int8':
    case 'Int16':
    case 'Int32':
      return { kind: 'doubles', values: new Float64Array(column.values), holds: 'whole', known };
    case 'Float':
    case 'Double':
      return { kind: 'doubles', values: column.values, holds: 'float', known };
    case 'Int64':
    case 'Timestamptz':
      return { kind: 'longs', values: column.values, known };
    case 'VarChar':
    case 'Geometry':
      return { kind: 'mixed', values: known === undefined ? column.values : column.values.map((text, row) => (hasBit(known, row) ? text : undefined)) };
    default:
      require(false, () => `column "${name}": expected a scalar type, found ${column?.type ?? 'none'}`);
  }
}

function listsOf(column: ArrayColumn): FoundColumn {
  const { offsets, valid } = column;
  return Array.from({ length: offsets.length - 1 }, (_, row) => {
    if (valid !== undefined && !hasBit(valid, row)) return undefined;
    const list: Found[] = [];
    for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) list.push(scalarAt(column, at));
    return list;
  });
}

function elementSeries(column: ArrayColumn, index: number, rows: number): Series {
  const places = elementPlaces(column, index);
  const { values: elements } = column;
  const known = rowsWhere(rows, undefined, (row) => (places[row] as number) >= 0);
  const take = <A extends { [at: number]: V }, V>(to: A, from: ArrayLike<V>): A => {
    places.forEach((at, row) => at >= 0 && (to[row] = from[at] as V));
    return to;
  };
  if (elements.type === 'VarChar') return { kind: 'mixed', values: Array.from(places, (at) => (at < 0 ? undefined : elements.values[at])) };
  if (elements.type === 'Int64') return { kind: 'longs', values: take(new BigInt64Array(rows), elements.values), known };
  if (elements.type === 'Float') return { kind: 'doubles', values: take(new Float32Array(rows), elements.values), holds: 'float', known };
  return { kind: 'doubles', values: take(new Float64Array(rows), elements.values as ArrayLike<number>), holds: elements.type === 'Double' ? 'float' : elements.type === 'Bool' ? 'bool' : 'whole', known };
}

function lengthSeries({ array }: Extract<Value, { readonly kind: 'length' }>, evaluation: Evaluation): Series {
  if (array.kind === 'json') {
    const values = evaluation.json.get(jsonKey(array), evaluation.among);
    return { kind: 'mixed', values: values.map((found) => (Array.isArray(found) ? found.length : undefined)) };
  }
  const { offsets, valid } = arrayColumn(evaluation.columns, array.field);
  const lengths = new Float64Array(offsets.length - 1);
  for (let row = 0; row < lengths.length; row++) lengths[row] = (offsets[row + 1] as number) - (offsets[row] as number);
  return { kind: 'doubles', values: lengths, holds: 'whole', known: valid };
}

function shiftSeries(moments: Series, months: number, micros: bigint): Series {
  if (moments.kind === 'constant') return { kind: 'constant', value: shiftedMoment(moments.value as bigint, months, micros) };
  const { values, known } = moments as Extract<Series, { readonly kind: 'longs' }>;
  return { kind: 'longs', values: values.map((moment) => shiftedMoment(moment, months, micros)), known: known satisfies Bitset | undefined };
}
