// Parquet page: the values of one column's page, PLAIN, those of rows that are not null, of an Array its elements.
// What stands before them is in parquet-levels.ts.

import { requireIntact } from '../model/errors.js';
import { isNumbers, isNumberType, isTexts, NUMBER_ARRAYS, numberColumn, valuesPerRow, type ArrayColumn, type Column, type NumberColumn, type SparseColumn } from '../model/columns.js';
import type { Field } from '../model/field.js';
import { bytesOf, dataViewOf, decodeText, encodeTextInto, requireZeros } from './bytes.js';
import { checkValues } from './column-bytes.js';

/** What a short text costs beside its bytes, in bytes: a step is bounded in both. */
const TEXT_COST = 256;
const PREFIX_BYTES = 4;
/** An index and a value of a sparse vector. */
const PAIR_BYTES = 8;

/** PLAIN bytes of `column`, in parts, some of them views of it; a step makes about `stepBytes`. */
export function* encodeValues(column: Exclude<Column, ArrayColumn>, stepBytes: number): Generator<void, readonly Uint8Array[]> {
  if (isTexts(column)) return yield* encodeBinaries(textsOf(column.values), stepBytes);
  if (!isNumbers(column)) return yield* encodeBinaries(pairsOf(column), stepBytes);
  switch (column.type) {
    case 'Bool':
      return [packBits(column.values)];
    case 'Int8':
    case 'Int16':
      return [bytesOf(new Int32Array(column.values))];
    default:
      return [bytesOf(column.values)];
  }
}

/** Bytes of `count` values of `field`, no Array, or undefined where it depends on the values. */
export function valuesBytes(field: Field, count: number): number | undefined {
  const { type } = field;
  if (!isNumberType(type)) return undefined;
  if (type === 'Bool') return Math.ceil(count / 8);
  return count * valuesPerRow(field) * (type === 'Int8' || type === 'Int16' ? 4 : NUMBER_ARRAYS[type].BYTES_PER_ELEMENT);
}

/** `count` values of `field`, no Array, copied. REQUIRES: `bytes` has valuesBytes(field, count) bytes. Errors: `Corrupt`. */
export function decodeValues(bytes: Uint8Array, field: Field, count: number, where: string, place: string): Exclude<Column, ArrayColumn> {
  const { type } = field;
  if (type === 'SparseFloatVector') return decodeSparse(bytes, count, where, place);
  if (!isNumberType(type)) return { type: type as 'VarChar', values: binariesOf(bytes, count, where, place, 'text').map((text) => decodeText(text, where, place)) };
  const column = numberColumn(field, decodeNumbers(bytes, type, count, where, place));
  checkValues(column, where, place);
  return column;
}

function decodeNumbers(bytes: Uint8Array, type: NumberColumn['type'], count: number, where: string, place: string): ArrayBufferView {
  if (type === 'Bool') return unpackBits(bytes, count, where);
  const { buffer } = bytes.slice();
  if (type === 'Int8') return narrow(new Int32Array(buffer), new Int8Array(count), where, place);
  if (type === 'Int16') return narrow(new Int32Array(buffer), new Int16Array(count), where, place);
  return new NUMBER_ARRAYS[type](buffer as ArrayBuffer);
}

function packBits(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => (bits[i >> 3] = (bits[i >> 3] as number) | (value << (i & 7))));
  return bits;
}

function unpackBits(bytes: Uint8Array, count: number, where: string): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1;
  if (count & 7) requireZeros(Uint8Array.of((bytes[count >> 3] as number) >> (count & 7)), 0, 1, where);
  return values;
}

function narrow<T extends Int8Array | Int16Array>(wide: Int32Array, values: T, where: string, place: string): T {
  values.set(wide);
  const row = wide.findIndex((value, i) => value !== values[i]);
  requireIntact(row === -1, where, `${place}: row ${row}: ${wide[row]} does not fit ${values.BYTES_PER_ELEMENT * 8} bits`);
  return values;
}

/** Values of any length, written one by one. */
interface Binaries {
  readonly count: number;
  /** No fewer than `write` needs for a row. */
  bytesMax(row: number): number;
  /** Writes a row's bytes; gives how many there are. */
  write(row: number, target: Uint8Array): number;
}

/** A UTF-16 unit is at most 3 bytes of UTF-8. */
function textsOf(texts: readonly string[]): Binaries {
  return {
    count: texts.length,
    bytesMax: (row) => (texts[row] as string).length * 3,
    write: (row, target) => encodeTextInto(texts[row] as string, target),
  };
}

/** Index, value, index, value: as Milvus has sparse vectors on its wire. */
function pairsOf({ offsets, indices, values }: SparseColumn): Binaries {
  const bytesOfRow = (row: number): number => ((offsets[row + 1] as number) - (offsets[row] as number)) * PAIR_BYTES;
  return {
    count: offsets.length - 1,
    bytesMax: bytesOfRow,
    write: (row, target) => {
      const view = dataViewOf(target);
      const start = offsets[row] as number;
      for (let at = start; at < (offsets[row + 1] as number); at++) {
        view.setUint32((at - start) * PAIR_BYTES, indices[at] as number, true);
        view.setFloat32((at - start) * PAIR_BYTES + 4, values[at] as number, true);
      }
      return bytesOfRow(row);
    },
  };
}

function decodeSparse(bytes: Uint8Array, count: number, where: string, place: string): SparseColumn {
  const rows = binariesOf(bytes, count, where, place, 'vector');
  const offsets = new Uint32Array(count + 1);
  rows.forEach((row, i) => {
    if (row.length % PAIR_BYTES !== 0) requireIntact(false, where, `${place}: row ${i}: expected pairs of ${PAIR_BYTES} bytes, found ${row.length} bytes`);
    offsets[i + 1] = (offsets[i] as number) + row.length / PAIR_BYTES;
  });
  const total = offsets[count] as number;
  const column = { type: 'SparseFloatVector', offsets, indices: new Uint32Array(total), values: new Float32Array(total) } as const;
  let at = 0;
  for (const row of rows) {
    const view = dataViewOf(row);
    for (let from = 0; from < row.length; from += PAIR_BYTES, at++) {
      column.indices[at] = view.getUint32(from, true);
      column.values[at] = view.getFloat32(from + 4, true);
    }
  }
  checkValues(column, where, place);
  return column;
}

/** Each with its length before it. */
function* encodeBinaries({ count, bytesMax, write }: Binaries, stepBytes: number): Generator<void, readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let row = 0; row < count; ) {
    const first = row;
    let room = 0;
    for (; row < count && room + (row - first) * TEXT_COST < stepBytes; row++) room += PREFIX_BYTES + bytesMax(row);
    const target = new Uint8Array(room);
    const view = dataViewOf(target);
    let offset = 0;
    for (let at = first; at < row; at++) {
      const length = write(at, target.subarray(offset + PREFIX_BYTES));
      view.setUint32(offset, length, true);
      offset += PREFIX_BYTES + length;
    }
    parts.push(offset === room ? target : target.slice(0, offset));
    yield;
  }
  return parts;
}

function binariesOf(bytes: Uint8Array, count: number, where: string, place: string, what: string): readonly Uint8Array[] {
  requireIntact(count * PREFIX_BYTES <= bytes.length, where, `${place}: ${count} ${what}s do not fit ${bytes.length} bytes`);
  const view = dataViewOf(bytes);
  let end = 0;
  const binaries = Array.from({ length: count }, (_, row) => {
    const start = end + PREFIX_BYTES;
    end = start <= bytes.length ? start + view.getUint32(end, true) : Infinity;
    if (end > bytes.length) requireIntact(false, where, `${place}: ${what} ${row} of its row group ends beyond the page`);
    return bytes.subarray(start, end);
  });
  requireIntact(end === bytes.length, where, `${place}: expected ${end} bytes of ${what}s, found ${bytes.length}`);
  return binaries;
}
