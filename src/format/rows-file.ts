// Rows file: the rows of a sealed segment as Parquet, in a restricted profile that any Parquet reader opens and
// in which the vectors of a row group are one run of floats at a multiple of 64 bytes. For given rows and row
// groups there is exactly one file: whatever differs from it is damage. The profile is in docs/format.md.

import type { Statistics } from '../model/column-statistics.js';
import { joinedColumn } from '../model/column-rows.js';
import { isNumbers, isTexts, NUMBER_ARRAYS, valuesPerRow, type Column, type Columns, type NumberColumn } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { storedFields, type Schema } from '../model/schema.js';
import { concatBytes, requireZeros, sameBytes } from './bytes.js';
import { columnOf } from './column-bytes.js';
import { isRun, vectorBytes, type VectorExtents } from './extents.js';
import type { Chunk, RowGroup } from './parquet.js';
import { checkSums, decodeSums } from './row-sums.js';
import { chunkEnd, encodeTail, extentsOf, footerLength, MAGIC, openFooter, PAGE_BYTES_MAX, placeOf, ROWS_PER_GROUP_MAX, TAIL_BYTES } from './rows-layout.js';
import { decodePage, encodePage } from './rows-page.js';
import { StatisticsBuilder } from './statistics.js';

export { PAGE_BYTES_MAX, ROWS_PER_GROUP_MAX };

export interface RowsFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly vectors: VectorExtents;
  /** Of the scalar columns; not in the file. */
  readonly statistics: Statistics;
}

/** Bytes that are copied between two pauses. */
const COPY_BYTES = 1024 * 1024;
/** Runs of repetition and definition levels that a list may have for itself. */
const LEVELS_PER_LIST_BYTES_MAX = 14;
const PREFIX_BYTES = 4;
/** Levels that no row has of its own, and the page header. */
const PAGE_FIXED_BYTES_MAX = 128;

/** `columns` must hold all of storedFields(schema). `rowsPerGroupMax` makes smaller row groups, down to 1. */
export function encodeRows(columns: Columns, schema: Schema, rowsPerGroupMax = ROWS_PER_GROUP_MAX): RowsFile {
  const encoder = new RowsEncoder(schema, rowsPerGroupMax);
  const body = encoder.append(columns);
  const { tail, ...found } = encoder.end();
  return { bytes: concatBytes([...body, ...tail]), ...found };
}

/** What encodeRows gives, made in steps of a few milliseconds with a `pause` after each. `columns` must not change meanwhile. */
export async function encodeRowsInSteps(columns: Columns, schema: Schema, pause: () => Promise<void>, rowsPerGroupMax = ROWS_PER_GROUP_MAX): Promise<RowsFile> {
  const encoder = new RowsEncoder(schema, rowsPerGroupMax);
  const parts: Uint8Array[] = [];
  for (const some of encoder.steps(columns)) {
    parts.push(...some);
    await pause();
  }
  const { tail, ...found } = encoder.end();
  parts.push(...tail);
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let position = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += COPY_BYTES) {
      const some = part.subarray(from, from + COPY_BYTES);
      bytes.set(some, position);
      position += some.length;
      if (some.length === COPY_BYTES) await pause();
    }
  }
  return { bytes, ...found };
}

/** A rows file in pieces, for rows that come in portions: row groups do not reach across portions. */
export class RowsEncoder {
  readonly #schema: Schema;
  readonly #fields: readonly Field[];
  readonly #rowsPerGroupMax: number;
  readonly #groups: RowGroup[] = [];
  readonly #statistics: StatisticsBuilder;
  #rows = 0;
  #position = 0;

  constructor(schema: Schema, rowsPerGroupMax = ROWS_PER_GROUP_MAX) {
    this.#schema = schema;
    this.#fields = storedFields(schema);
    this.#statistics = new StatisticsBuilder(schema);
    this.#rowsPerGroupMax = Math.min(rowsPerGroupMax, ROWS_PER_GROUP_MAX);
  }

  /** The bytes that come next, some of them views of the columns. `columns` must hold all of storedFields(schema). */
  append(columns: Columns): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (const some of this.steps(columns)) parts.push(...some);
    return parts;
  }

  /** What append gives, in steps of a few milliseconds each, many of which give nothing; all must be taken. */
  *steps(columns: Columns): Generator<readonly Uint8Array[], void> {
    yield this.#start();
    for (let first = 0; first < columns.rows; ) {
      const end = first + (yield* rowsOfGroup(columns, this.#fields, first, this.#rowsPerGroupMax));
      const chunks: Chunk[] = [];
      for (const _ of this.#statistics.steps(columns, first, end)) yield [];
      for (const field of this.#fields) {
        const page = encodePage(columnOf(columns, field), field, first, end, this.#position);
        let step = page.next();
        for (; step.done !== true; step = page.next()) yield [];
        chunks.push(step.value.chunk);
        this.#position = chunkEnd(step.value.chunk, field, end - first);
        yield step.value.parts;
      }
      this.#groups.push({ rows: end - first, chunks });
      first = end;
    }
    this.#rows += columns.rows;
  }

  /** The bytes that end the file, where the vectors of all row groups are, and what is known of the columns. */
  end(): Omit<RowsFile, 'bytes'> & { readonly tail: readonly Uint8Array[] } {
    const tail = [...this.#start(), ...encodeTail(this.#rows, this.#groups, this.#schema)];
    return { tail, vectors: extentsOf(this.#groups, this.#schema), statistics: this.#statistics.end() };
  }

  #start(): Uint8Array[] {
    if (this.#position > 0) return [];
    this.#position = MAGIC.length;
    return [MAGIC];
  }
}

/** A copy of all rows. Errors: `Corrupt`, naming `where` and the place; `Unsupported` if it is of a newer format. */
export function decodeRows(bytes: Uint8Array, schema: Schema, where: string): Columns {
  const fields = storedFields(schema);
  const start = bytes.length - TAIL_BYTES - footerLength(bytes, bytes.length, where);
  requireIntact(sameBytes(bytes.subarray(0, MAGIC.length), MAGIC), where, 'expected PAR1 at both ends');
  const footer = openFooter(bytes.subarray(start, bytes.length - TAIL_BYTES), start, schema, where);
  const pages = fields.map((): Column[] => []);
  let position = MAGIC.length;
  footer.groups.forEach(({ rows, chunks }, g) => {
    chunks.forEach((chunk, f) => {
      const field = fields[f] as Field;
      const end = chunkEnd(chunk, field, rows);
      requireZeros(bytes, position, chunk.offset, where);
      (pages[f] as Column[]).push(decodeChunk(bytes.subarray(chunk.offset, end), chunk, field, rows, where, placeOf(g, field)));
      position = end;
    });
  });
  const byName = new Map(fields.map((field, f): [string, Column] => [field.name, joinedColumn(pages[f] as Column[], field)]));
  return { rows: footer.rows, byName };
}

/** The column of one chunk, `bytes`, and of what belongs to it. */
function decodeChunk(bytes: Uint8Array, chunk: Chunk, field: Field, rows: number, where: string, place: string): Column {
  const { column, values } = decodePage(bytes.subarray(0, chunk.sizeBytes), chunk, field, rows, where, place);
  if (isRun(field)) {
    const sums = decodeSums(bytes.subarray(chunk.sizeBytes), rows - chunk.nulls, vectorBytes(field), where, place);
    checkSums(values, vectorBytes(field), sums, 0, where, place);
  }
  return column;
}

/** Rows from `first` on that fit one row group: no page passes PAGE_BYTES_MAX. A step looks at one column. */
function* rowsOfGroup({ rows, byName }: Columns, fields: readonly Field[], first: number, rowsMax: number): Generator<readonly Uint8Array[], number> {
  let count = Math.min(rows - first, rowsMax);
  for (const { name } of fields) {
    const column = byName.get(name) as Column;
    if (isNumbers(column)) {
      count = Math.min(count, Math.floor((PAGE_BYTES_MAX - PAGE_FIXED_BYTES_MAX) / (numberBytes(column) + LEVELS_PER_LIST_BYTES_MAX)));
      continue;
    }
    let bytesMax = PAGE_FIXED_BYTES_MAX;
    for (let i = 0; i < count; i++) {
      bytesMax += rowBytesMax(column, first + i);
      if (bytesMax > PAGE_BYTES_MAX) count = Math.max(i, 1);
    }
    yield [];
  }
  return count;
}

function numberBytes(column: NumberColumn): number {
  return valuesPerRow(column) * (column.type === 'Int8' || column.type === 'Int16' ? 4 : NUMBER_ARRAYS[column.type].BYTES_PER_ELEMENT);
}

/** Bytes of a row in its page, levels included. A UTF-16 unit is at most 3 bytes of UTF-8. */
function rowBytesMax(column: Exclude<Column, NumberColumn>, row: number): number {
  if (isTexts(column)) return LEVELS_PER_LIST_BYTES_MAX + PREFIX_BYTES + 3 * (column.values[row] as string).length;
  const start = column.offsets[row] as number;
  const end = column.offsets[row + 1] as number;
  if (column.type === 'SparseFloatVector') return LEVELS_PER_LIST_BYTES_MAX + PREFIX_BYTES + (end - start) * 8;
  if (isNumbers(column.values)) return LEVELS_PER_LIST_BYTES_MAX + (end - start) * numberBytes(column.values);
  let bytes = LEVELS_PER_LIST_BYTES_MAX;
  for (let at = start; at < end; at++) bytes += rowBytesMax(column.values, at);
  return bytes;
}
