// Arrays: their elements over offsets. What is asked of elements is asked of all of them at once, by kernels where they
// are numbers, and then put together row by row.

import { hasBit, setBit, type Bitset } from '../../model/bitset.js';
import type { ArrayColumn, Columns } from '../../model/columns.js';
import { require } from '../../model/errors.js';
import type { NumericColumn, Predicates } from '../../ports/core.js';
import type { Constant } from '../checked.js';
import { kernelColumn } from '../column.js';
import { canonical, type Scalar } from '../scalar.js';
import { rowsWhere } from './truth.js';

export function arrayColumn(columns: Columns, name: string): ArrayColumn {
  const column = columns.byName.get(name);
  require(column?.type === 'Array', () => `column "${name}": expected Array, found ${column?.type ?? 'none'}`);
  return column;
}

/** The element at that number of every row, by its place in the flat values; -1 where there is none. */
export function elementPlaces({ offsets, valid }: ArrayColumn, index: number): Int32Array {
  const places = new Int32Array(offsets.length - 1).fill(-1);
  for (let row = 0; row < places.length; row++) {
    const at = (offsets[row] as number) + index;
    if (at < (offsets[row + 1] as number) && (valid === undefined || hasBit(valid, row))) places[row] = at;
  }
  return places;
}

export function scalarAt({ values }: ArrayColumn, at: number): Scalar {
  const value = values.values[at] as number | bigint | string;
  return values.type === 'Bool' ? value === 1 : canonical(value);
}

/** The rows that contain one of, or all of, the values. Null rows have no elements. */
export function rowsContaining(column: ArrayColumn, mode: 'any' | 'all', values: readonly Constant[], rows: number, predicates: Predicates): Bitset {
  const { offsets } = column;
  const among = (found: Bitset): Bitset => {
    const yes = new Uint8Array(rowsWhere(rows, undefined, () => false));
    for (let row = 0; row < rows; row++) {
      for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) {
        if (!hasBit(found, at)) continue;
        setBit(yes, row);
        break;
      }
    }
    return yes;
  };
  if (mode === 'any') return among(elementsAmong(column, values, predicates));
  return values.map((value) => among(elementsAmong(column, [value], predicates))).reduce((a, b) => predicates.and(a, b), rowsWhere(rows, undefined, () => true));
}

/** The elements that equal one of the values, which have the elements' own form. */
function elementsAmong({ values: elements }: ArrayColumn, values: readonly Constant[], predicates: Predicates): Bitset {
  if (elements.type === 'VarChar') {
    const texts = elements.values as readonly string[];
    const set = new Set(values);
    return rowsWhere(texts.length, undefined, (at) => set.has(texts[at] as string));
  }
  const column = kernelColumn(elements) as NumericColumn;
  const numbers = values.filter((value) => !Number.isNaN(value)).map((value) => (column instanceof BigInt64Array ? BigInt(value as number | bigint) : Number(value)));
  return predicates.inSet(column, numbers);
}
