// Column rows: taking rows out of columns of any type, putting columns one behind the other, and spreading the rows
// that are not null over all rows. Everything gives columns of memory of their own, but for sliceColumn and sliceColumns.

import { bitsetBytes, bitsetOf, countBits, hasBit, setBit, type Bitset } from './bitset.js';
import { emptyColumn, isNumbers, isTexts, NUMBER_ARRAYS, numberColumn, rowsOf, valuesPerRow, withValid, type ArrayColumn, type Column, type Columns, type NumberColumn, type SparseColumn, type TextColumn } from './columns.js';
import type { Field } from './field.js';

type Numbers = Float64Array;

/** Rows `first` to `end`; numbers and texts of it are views where that can be. */
export function sliceColumn<C extends Column>(column: C, first: number, end: number): C {
  return withValid(sliceValues(column, first, end) as C, column.valid && rangeOfBits(column.valid, first, end));
}

/** The same of all columns. */
export function sliceColumns({ byName }: Columns, first: number, end: number): Columns {
  return { rows: end - first, byName: new Map(Array.from(byName, ([name, column]) => [name, sliceColumn(column, first, end)])) };
}

/** The rows at `rows`, in that order. */
export function pickColumn<C extends Column>(column: C, rows: Uint32Array): C {
  return withValid(pickValues(column, rows) as C, column.valid && someBits(column.valid, rows));
}

/** The rows that are not null, as a column without nulls. */
export function definedRows<C extends Column>(column: C): C {
  return column.valid === undefined ? column : withValid(pickValues(column, setRowsOf(column.valid, rowsOf(column))) as C, undefined);
}

/** A column of `rows` rows whose rows in `valid` are those of `column`, in order, the others null. */
export function spreadColumn<C extends Column>(column: C, valid: Bitset, rows: number): C {
  const places = setRowsOf(valid, rows);
  if (places.length === rows) return withValid(column, undefined);
  return withValid(spreadValues(column, places, rows) as C, valid);
}

/** One behind the other, all of `field`. One alone is given as it is. */
export function joinedColumn(parts: readonly Column[], field: Field): Column {
  if (parts.length <= 1) return parts[0] ?? emptyColumn(field);
  return withValid(joinValues(parts), joinValid(parts));
}

/** Row numbers below `rows` whose bit is set. */
export function setRowsOf(bits: Bitset, rows: number): Uint32Array {
  const found = new Uint32Array(countBits(bits));
  let count = 0;
  for (let row = 0; row < rows; row++) if (hasBit(bits, row)) found[count++] = row;
  return found;
}

function someBits(valid: Bitset, rows: Uint32Array): Bitset | undefined {
  const some = new Uint8Array(bitsetBytes(rows.length));
  let count = 0;
  rows.forEach((row, at) => {
    if (!hasBit(valid, row)) return;
    setBit(some, at);
    count++;
  });
  return count === rows.length ? undefined : some;
}

function rangeOfBits(valid: Bitset, first: number, end: number): Bitset | undefined {
  const some = new Uint8Array(bitsetBytes(end - first));
  let count = 0;
  for (let row = first; row < end; row++) {
    if (!hasBit(valid, row)) continue;
    setBit(some, row - first);
    count++;
  }
  return count === end - first ? undefined : some;
}

function joinValid(parts: readonly Column[]): Bitset | undefined {
  if (parts.every(({ valid }) => valid === undefined)) return undefined;
  const joined = bitsetOf(parts.reduce((total, part) => total + rowsOf(part), 0), false);
  let first = 0;
  for (const part of parts) {
    const rows = rowsOf(part);
    for (let row = 0; row < rows; row++) if (part.valid === undefined || hasBit(part.valid, row)) setBit(joined, first + row);
    first += rows;
  }
  return joined;
}

function sliceValues(column: Column, first: number, end: number): Column {
  if (isNumbers(column)) return numberColumn(column, column.values.subarray(first * valuesPerRow(column), end * valuesPerRow(column)));
  if (isTexts(column)) return { type: column.type, values: column.values.slice(first, end) };
  const start = column.offsets[first] as number;
  const stop = column.offsets[end] as number;
  const offsets = column.offsets.slice(first, end + 1).map((offset) => offset - start);
  if (column.type === 'Array') return { type: 'Array', offsets, values: sliceValues(column.values, start, stop) as NumberColumn | TextColumn };
  return { type: column.type, offsets, indices: column.indices.subarray(start, stop), values: column.values.subarray(start, stop) };
}

function pickValues(column: Column, rows: Uint32Array): Column {
  if (isNumbers(column)) return numberColumn(column, pickNumbers(column.values as never, rows, valuesPerRow(column)));
  if (isTexts(column)) return { type: column.type, values: Array.from(rows, (row) => column.values[row] as string) };
  const elements = elementsOf(column, rows);
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, at) => (offsets[at + 1] = (offsets[at] as number) + (column.offsets[row + 1] as number) - (column.offsets[row] as number)));
  if (column.type === 'Array') return { type: 'Array', offsets, values: pickValues(column.values, elements) as NumberColumn | TextColumn };
  return { type: column.type, offsets, indices: elements.map((at) => column.indices[at] as number), values: Float32Array.from(elements, (at) => column.values[at] as number) };
}

/** Numbers of the elements that `rows` have. */
function elementsOf({ offsets }: ArrayColumn | SparseColumn, rows: Uint32Array): Uint32Array {
  const total = rows.reduce((sum, row) => sum + (offsets[row + 1] as number) - (offsets[row] as number), 0);
  const elements = new Uint32Array(total);
  let count = 0;
  for (const row of rows) for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) elements[count++] = at;
  return elements;
}

function pickNumbers(values: Numbers, rows: Uint32Array, perRow: number): Numbers {
  const picked = new (values.constructor as typeof Float64Array)(rows.length * perRow);
  if (perRow === 1) rows.forEach((row, at) => (picked[at] = values[row] as number));
  else rows.forEach((row, at) => picked.set(values.subarray(row * perRow, (row + 1) * perRow), at * perRow));
  return picked;
}

function spreadValues(column: Column, places: Uint32Array, rows: number): Column {
  if (isNumbers(column)) {
    const perRow = valuesPerRow(column);
    const values = column.values as unknown as Numbers;
    const spread = new (NUMBER_ARRAYS[column.type] as unknown as typeof Float64Array)(rows * perRow);
    if (perRow === 1) places.forEach((row, at) => (spread[row] = values[at] as number));
    else places.forEach((row, at) => spread.set(values.subarray(at * perRow, (at + 1) * perRow), row * perRow));
    return numberColumn(column, spread);
  }
  if (isTexts(column)) {
    const values = new Array<string>(rows).fill('');
    places.forEach((row, at) => (values[row] = column.values[at] as string));
    return { type: column.type, values };
  }
  const offsets = new Uint32Array(rows + 1);
  places.forEach((row, at) => (offsets[row + 1] = (column.offsets[at + 1] as number) - (column.offsets[at] as number)));
  for (let row = 0; row < rows; row++) offsets[row + 1] = (offsets[row + 1] as number) + (offsets[row] as number);
  return { ...column, offsets };
}

function joinValues(parts: readonly Column[]): Column {
  const first = parts[0] as Column;
  if (isNumbers(first)) return numberColumn(first, joinNumbers((parts as readonly NumberColumn[]).map(({ values }) => values as never)));
  if (isTexts(first)) return { type: first.type, values: (parts as readonly TextColumn[]).flatMap(({ values }) => values) };
  const offsets = joinOffsets((parts as readonly (ArrayColumn | SparseColumn)[]).map((part) => part.offsets));
  if (first.type === 'Array') return { type: 'Array', offsets, values: joinValues((parts as readonly ArrayColumn[]).map(({ values }) => values)) as NumberColumn | TextColumn };
  const sparse = parts as readonly SparseColumn[];
  return { type: first.type, offsets, indices: joinNumbers(sparse.map(({ indices }) => indices as never)) as never, values: joinNumbers(sparse.map(({ values }) => values as never)) as never };
}

function joinNumbers(parts: readonly Numbers[]): Numbers {
  const joined = new ((parts[0] as Numbers).constructor as typeof Float64Array)(parts.reduce((total, part) => total + part.length, 0));
  parts.reduce((offset, part) => (joined.set(part, offset), offset + part.length), 0);
  return joined;
}

function joinOffsets(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((total, part) => total + part.length - 1, 1));
  let row = 0;
  for (const offsets of parts) {
    const base = joined[row] as number;
    for (let at = 1; at < offsets.length; at++) joined[++row] = base + (offsets[at] as number);
  }
  return joined;
}
