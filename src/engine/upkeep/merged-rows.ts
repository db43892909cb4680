// Merged rows: rows of several segments as one rows file, portion by portion with pauses between, so that it takes the
// memory of the file and of one portion.

import { rowVectorBytes, vectorBytes } from '../../format/extents.js';
import { ROWS_PER_GROUP_MAX, RowsEncoder, type RowsFile } from '../../format/rows-file.js';
import { bitsetOf, countBits, hasBit, setBit, type Bitset } from '../../model/bitset.js';
import { joinedColumn } from '../../model/column-rows.js';
import { NUMBER_ARRAYS, numberColumn, valuesPerRow, withValid, type Column, type Columns, type NumberColumn } from '../../model/columns.js';
import { isDenseVector } from '../../model/field.js';
import { denseFields, storedFields, type DenseField, type Schema } from '../../model/schema.js';
import type { Ambient } from '../../ports/ambient.js';
import { ByteSink } from '../files/byte-sink.js';
import { freeBytes } from '../files/free-bytes.js';
import { pickRows } from '../table/growing-columns.js';
import type { Residency } from '../table/residency.js';
import type { Segment, StoredSegment } from '../table/segment.js';
import type { AnyFlat } from '../table/vector-part.js';

/** Rows of a segment, ascending. */
export interface RowsOfSegment {
  readonly segment: Segment;
  readonly rows: Uint32Array;
}

/** What it takes from its surroundings. */
export interface Merging {
  readonly schema: Schema;
  readonly residency: Residency;
  readonly ambient: Ambient;
  /** Lets others have their turn; throws to end it. */
  readonly pause: () => Promise<void>;
  /** So many rows are in the file. */
  readonly onRows: (done: number) => void;
}

/** Bytes of rows in a row group, vectors and all else. */
const PORTION_BYTES = 16 * 1024 * 1024;
/** Bytes of vectors that are copied, or read from a file, between two pauses. */
const COPY_BYTES = 1024 * 1024;
const READ_BYTES = 4 * 1024 * 1024;
/** Of the file, beside what the rows take in theirs: paddings and a footer. */
const SPARE_BYTES = 16 * 1024;

/** The bytes of the file, about. */
export function mergedBytes(sources: readonly RowsOfSegment[]): number {
  return Math.ceil(sources.reduce((sum, { segment, rows }) => sum + (rows.length * (segment.stored as StoredSegment).entry.rowsFile.sizeBytes) / segment.rows, SPARE_BYTES));
}

/** What making it takes in memory beside the file. */
export function portionBytes(sources: readonly RowsOfSegment[]): number {
  return Math.min(2 * PORTION_BYTES, 2 * mergedBytes(sources));
}

/** The rows of `sources` in their order. Errors: `Corrupt` naming the file, `OutOfMemory`, those of `pause`. */
export async function encodeMerged(sources: readonly RowsOfSegment[], merging: Merging): Promise<RowsFile> {
  const { schema, ambient, pause, onRows } = merging;
  const encoder = new RowsEncoder(schema);
  const sink = new ByteSink(mergedBytes(sources), pause);
  let done = 0;
  for (const portion of portionsOf(sources, schema)) {
    const columns = await readPortion(portion, merging);
    for (const parts of encoder.steps(columns)) {
      await sink.append(parts);
      await pause();
    }
    for (const { name } of denseFields(schema)) freeBytes((columns.byName.get(name) as NumberColumn).values, ambient);
    done += columns.rows;
    onRows(done);
  }
  const { tail, ...found } = encoder.end();
  await sink.append(tail);
  return { bytes: sink.bytes(), ...found };
}

/** Some rows at a time, as many as go into a row group: of each segment a row takes what one of its file does. */
export function* portionsOf(sources: readonly RowsOfSegment[], schema: Schema): Generator<readonly RowsOfSegment[]> {
  let portion: RowsOfSegment[] = [];
  let [count, bytes] = [0, 0];
  for (const { segment, rows } of sources) {
    const rowBytes = Math.max(rowVectorBytes(schema), (segment.stored as StoredSegment).entry.rowsFile.sizeBytes / segment.rows);
    for (let from = 0; from < rows.length; ) {
      const room = Math.min(ROWS_PER_GROUP_MAX - count, Math.floor((PORTION_BYTES - bytes) / rowBytes));
      const some = rows.subarray(from, from + Math.max(room, count === 0 ? 1 : 0));
      if (some.length === 0) {
        yield portion;
        portion = [];
        [count, bytes] = [0, 0];
        continue;
      }
      portion.push({ segment, rows: some });
      from += some.length;
      count += some.length;
      bytes += some.length * rowBytes;
    }
  }
  if (count > 0) yield portion;
}

/** Their columns. Errors: `Corrupt` naming the file, those of `pause`. */
export async function readPortion(portion: readonly RowsOfSegment[], merging: Pick<Merging, 'schema' | 'residency' | 'pause'>): Promise<Columns> {
  const { schema, residency, pause } = merging;
  const fields = storedFields(schema);
  const scalars = fields.filter(({ type }) => !isDenseVector(type));
  const total = portion.reduce((sum, { rows }) => sum + rows.length, 0);
  const vectors = denseFields(schema).map((field) => emptyVectors(field, total));
  const picked = new Map(scalars.map(({ name }): [string, Column[]] => [name, []]));
  let first = 0;
  for (const { segment, rows } of portion) {
    await residency.use(segment, { columns: scalars.map(({ name }) => name) }, async () => {
      for (const [name, column] of pickRows(segment.columns.snapshot(), rows)) picked.get(name)?.push(column);
      await pause();
      for (const column of vectors) await gatherVectors(segment, rows, column, first, pause);
    });
    first += rows.length;
  }
  const byName = new Map<string, Column>();
  for (const field of fields) byName.set(field.name, columnOf(vectors.find(({ name }) => name === field.name), total) ?? joinedColumn(picked.get(field.name) as Column[], field));
  return { rows: total, byName };
}

/** Vectors of a field that are being put together. */
interface Gathered {
  readonly name: string;
  readonly column: NumberColumn;
  readonly perRow: number;
  /** Rows that are not null. */
  readonly valid: Bitset;
}

function columnOf(gathered: Gathered | undefined, rows: number): NumberColumn | undefined {
  if (gathered === undefined) return undefined;
  const { column, valid } = gathered;
  return countBits(valid) === rows ? column : withValid(column, valid);
}

function emptyVectors(field: DenseField, rows: number): Gathered {
  const perRow = valuesPerRow(field);
  return { name: field.name, column: numberColumn(field, new NUMBER_ARRAYS[field.type](rows * perRow)), perRow, valid: bitsetOf(rows, false) };
}

async function gatherVectors(segment: Segment, rows: Uint32Array, { name, column, perRow, valid }: Gathered, first: number, pause: () => Promise<void>): Promise<void> {
  const target = column.values as Float32Array;
  const part = segment.part(name);
  const { files } = segment.stored as StoredSegment;
  const defined = part.vectors === undefined ? await files.validVectors(name) : part.places?.defined(undefined);
  rows.forEach((row, at) => {
    if (defined === undefined || hasBit(defined, row)) setBit(valid, first + at);
  });
  for (let from = 0; from < rows.length; ) {
    const { vectors } = part;
    const atOnce = Math.max(1, Math.floor((vectors === undefined ? READ_BYTES : COPY_BYTES) / vectorBytes(part.field)));
    const some = rows.subarray(from, from + atOnce);
    const into = target.subarray((first + from) * perRow, (first + from + some.length) * perRow);
    if (vectors === undefined) into.set(await files.vectors(name, some));
    else if (part.places === undefined) copyVectors(vectors, some, into, perRow);
    else some.forEach((row, at) => into.set(part.read(row) ?? [], at * perRow));
    from += some.length;
    await pause();
  }
}

// Neighbours are copied together.
function copyVectors(vectors: AnyFlat, rows: Uint32Array, into: Float32Array, perRow: number): void {
  for (let at = 0; at < rows.length; ) {
    let end = at + 1;
    while (end < rows.length && rows[end] === (rows[end - 1] as number) + 1) end++;
    into.set(vectors.read(rows[at] as number, end - at), at * perRow);
    at = end;
  }
}
