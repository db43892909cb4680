// RowsReader: a rows file read piece by piece, every piece verified before it is used: columns by the checksum of
// their pages, vectors by row sums. It keeps the footer, the sums that it has read, and which rows have a vector.

import { bitsetOf, hasBit, setBit, type Bitset } from '../model/bitset.js';
import { joinedColumn } from '../model/column-rows.js';
import { isNumberType, NUMBER_ARRAYS, type Column, type NumberValues } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { DenseVectorType, Field } from '../model/field.js';
import { storedFields, type Schema } from '../model/schema.js';
import { isRun, vectorBytes } from './extents.js';
import type { Chunk, Footer, RowGroup } from './parquet.js';
import { planRanges, type VectorRange, type WantedVector } from './range-plan.js';
import { checkSums, decodeSums, sumsBytes } from './row-sums.js';
import { footerLength, openFooter, placeOf, TAIL_BYTES, vectorsOffset } from './rows-layout.js';
import { decodePage, decodeVectorLead } from './rows-page.js';

/** Gives exactly `length` bytes of the file from `offset` on, in `room` if it can, which has that length. */
export type ReadRange = (offset: number, length: number, room?: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

/** Vectors by the type of their field. */
export type VectorValues<T extends DenseVectorType> = NumberValues<ArrayBuffer>[T];

export interface VectorPiece<T extends DenseVectorType = 'FloatVector'> {
  /** Number of its first row. */
  readonly first: number;
  readonly values: VectorValues<T>;
}

/** What is kept of the vectors of one row group. */
interface Run {
  /** Of the vectors that are there. */
  readonly sums: Uint32Array;
  /** For each row, how many rows before it have a vector; behind the last, how many in all. Undefined if all have. */
  readonly ranks: Uint32Array | undefined;
  /** Where the first vector is. */
  readonly offset: number;
}

/** Read at first: most footers are shorter, so that opening takes one range. */
const TAIL_READ_BYTES = 64 * 1024;
/** What a text or list is taken to need in memory beside its bytes. */
const OBJECT_BYTES = 24;
/** Ranges of vectors under way at a time. */
const RANGES_AT_ONCE = 8;

export class RowsReader {
  readonly rows: number;
  readonly #read: ReadRange;
  readonly #fields: readonly Field[];
  readonly #groups: readonly RowGroup[];
  readonly #where: string;
  /** Number of the first row of each group, and behind the last. */
  readonly #firsts: readonly number[];
  /** By field, then by group. */
  readonly #runs = new Map<string, Map<number, Promise<Run>>>();
  #sumsBytes = 0;

  private constructor(read: ReadRange, { rows, groups }: Footer, schema: Schema, where: string) {
    this.rows = rows;
    this.#read = read;
    this.#fields = storedFields(schema);
    this.#groups = groups;
    this.#where = where;
    let first = 0;
    this.#firsts = [0, ...groups.map((group) => (first += group.rows))];
  }

  /** Reads and checks the footer, in one range, or two if it is long. Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
  static async open(read: ReadRange, sizeBytes: number, schema: Schema, where: string): Promise<RowsReader> {
    const exact = exactly(read, where);
    const tailStart = Math.max(0, sizeBytes - TAIL_READ_BYTES);
    const tail = await exact(tailStart, sizeBytes - tailStart);
    const start = sizeBytes - TAIL_BYTES - footerLength(tail, sizeBytes, where);
    const footer = start >= tailStart ? tail.subarray(start - tailStart, tail.length - TAIL_BYTES) : await exact(start, sizeBytes - TAIL_BYTES - start);
    return new RowsReader(exact, openFooter(footer, start, schema, where), schema, where);
  }

  /** Bytes of row sums that are kept: 4 a row of each row group of which vectors were read, twice that if vectors of it are null. */
  get sumsBytes(): number {
    return this.#sumsBytes;
  }

  /** Bytes that column(name) reads, about what it will hold, for planning memory. REQUIRES: a stored field. */
  columnBytes(name: string): number {
    const { field, f } = this.#fieldNamed(name);
    const stored = this.#groups.reduce((total, { chunks }) => total + (chunks[f] as Chunk).sizeBytes, 0);
    return stored + (isNumberType(field.type) ? 0 : this.rows * OBJECT_BYTES);
  }

  /** A whole column, a copy, each page verified. REQUIRES: a stored field; dense vectors are better scanned. Errors: `Corrupt`. */
  async column(name: string): Promise<Column> {
    const { field, f } = this.#fieldNamed(name);
    const pages: Column[] = [];
    for (const [g, { rows, chunks }] of this.#groups.entries()) {
      const chunk = chunks[f] as Chunk;
      pages.push(decodePage(await this.#read(chunk.offset, chunk.sizeBytes), chunk, field, rows, this.#where, placeOf(g, field)).column);
    }
    return joinedColumn(pages, field);
  }

  /** These columns of one row group after the other, each page verified. REQUIRES: stored fields. Errors: `Corrupt`. */
  async *groups(names: readonly string[]): AsyncGenerator<{ readonly first: number; readonly rows: number; readonly columns: ReadonlyMap<string, Column> }, void> {
    for (const [g, { rows, chunks }] of this.#groups.entries()) {
      const columns = new Map<string, Column>();
      for (const name of names) {
        const { field, f } = this.#fieldNamed(name);
        const chunk = chunks[f] as Chunk;
        columns.set(name, decodePage(await this.#read(chunk.offset, chunk.sizeBytes), chunk, field, rows, this.#where, placeOf(g, field)).column);
      }
      yield { first: this.#firsts[g] as number, rows, columns };
    }
  }

  /**
   * The vectors of `rows`, in that order, row-major, each verified by its row sum; that of a null row is zeros. Rows that
   * lie near each other are read in one range. REQUIRES: a dense vector field, row numbers below `rows`. Errors: `Corrupt`.
   */
  async vectors<T extends DenseVectorType = 'FloatVector'>(name: string, rows: Uint32Array): Promise<VectorValues<T>> {
    const { field, f } = this.#vectorNamed(name);
    const found = new Uint8Array(rows.length * vectorBytes(field));
    const ranges = planRanges(await this.#wanted(rows, field, f), vectorBytes(field));
    let next = 0;
    const work = async (): Promise<void> => {
      for (let range = ranges[next++]; range !== undefined; range = ranges[next++]) await this.#readInto(found, range, field, f);
    };
    await Promise.all(Array.from({ length: Math.min(RANGES_AT_ONCE, ranges.length) }, work));
    return valuesOf(found, field) as VectorValues<T>;
  }

  /** All vectors in order, verified, null ones zeros, in pieces of whole rows of at most `bytesMax` bytes (or one row). With `room` a piece may lie in that, until the next is asked for. REQUIRES: a dense vector field. Errors: `Corrupt`. */
  async *scan<T extends DenseVectorType = 'FloatVector'>(name: string, bytesMax: number, room?: ArrayBuffer): AsyncGenerator<VectorPiece<T>, void> {
    const { field, f } = this.#vectorNamed(name);
    const sizeBytes = vectorBytes(field);
    const rowsMax = Math.max(1, Math.floor(bytesMax / sizeBytes));
    for (const [g, { rows }] of this.#groups.entries()) {
      const { sums, ranks, offset } = await this.#run(field, f, g);
      for (let first = 0; first < rows; first += rowsMax) {
        const end = Math.min(rows, first + rowsMax);
        const start = ranks?.[first] ?? first;
        const length = ((ranks?.[end] ?? end) - start) * sizeBytes;
        const stored = await this.#read(offset + start * sizeBytes, length, room !== undefined && length <= room.byteLength ? new Uint8Array(room, 0, length) : undefined);
        checkSums(stored, sizeBytes, sums, start, this.#where, placeOf(g, field));
        const values = ranks === undefined ? stored : spread(stored, ranks, first, end, sizeBytes);
        yield { first: (this.#firsts[g] as number) + first, values: (values.buffer === room ? viewOf(values, field) : valuesOf(values, field)) as VectorValues<T> };
      }
    }
  }

  /** The rows that have a vector; undefined if all have. REQUIRES: a dense vector field. Errors: `Corrupt`. */
  async validVectors(name: string): Promise<Bitset | undefined> {
    const { field, f } = this.#vectorNamed(name);
    if (this.#groups.every(({ chunks }) => (chunks[f] as Chunk).nulls === 0)) return undefined;
    const valid = bitsetOf(this.rows, false);
    for (const [g, { rows }] of this.#groups.entries()) {
      const { ranks } = await this.#run(field, f, g);
      for (let row = 0; row < rows; row++) if (ranks === undefined || ranks[row] !== ranks[row + 1]) setBit(valid, (this.#firsts[g] as number) + row);
    }
    return valid;
  }

  /** Where the vectors of `rows` are that are not null. */
  async #wanted(rows: Uint32Array, field: Field, f: number): Promise<readonly WantedVector[]> {
    const wanted: WantedVector[] = [];
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place] as number;
      if (row >= this.rows) throw new RangeError(`row ${row}: expected one below ${this.rows}`);
      const group = this.#groupOf(row);
      const { ranks } = await this.#run(field, f, group);
      const at = row - (this.#firsts[group] as number);
      if (ranks === undefined || ranks[at] !== ranks[at + 1]) wanted.push({ group, at: ranks?.[at] ?? at, place });
    }
    return wanted;
  }

  #groupOf(row: number): number {
    let low = 0;
    for (let high = this.#groups.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] as number) <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  async #readInto(found: Uint8Array, { group, first, count, wanted }: VectorRange, field: Field, f: number): Promise<void> {
    const sizeBytes = vectorBytes(field);
    const { sums, offset } = await this.#run(field, f, group);
    const bytes = await this.#read(offset + first * sizeBytes, count * sizeBytes);
    for (const { at, place } of wanted) {
      const vector = bytes.subarray((at - first) * sizeBytes, (at - first + 1) * sizeBytes);
      checkSums(vector, sizeBytes, sums, at, this.#where, placeOf(group, field));
      found.set(vector, place * sizeBytes);
    }
  }

  /** Read once and kept; what fails is tried again by the next who asks. */
  #run(field: Field, f: number, group: number): Promise<Run> {
    const ofField = this.#runs.get(field.name) ?? new Map<number, Promise<Run>>();
    this.#runs.set(field.name, ofField);
    const kept = ofField.get(group);
    if (kept !== undefined) return kept;
    const read = this.#readRun(field, f, group);
    ofField.set(group, read);
    read.catch(() => ofField.delete(group));
    return read;
  }

  async #readRun(field: Field, f: number, group: number): Promise<Run> {
    const { rows, chunks } = this.#groups[group] as RowGroup;
    const chunk = chunks[f] as Chunk;
    const place = placeOf(group, field);
    const vectors = rows - chunk.nulls;
    const offset = vectorsOffset(chunk, field, rows);
    const bytes = await this.#read(chunk.offset + chunk.sizeBytes, sumsBytes(vectors, vectorBytes(field)));
    const sums = decodeSums(bytes, vectors, vectorBytes(field), this.#where, place);
    let ranks: Uint32Array | undefined;
    if (chunk.nulls > 0) {
      const lead = await this.#read(chunk.offset, offset - chunk.offset);
      ranks = ranksOf(decodeVectorLead(lead, chunk, field, rows, sums, this.#where, place), rows);
    }
    this.#sumsBytes += sums.byteLength + (ranks?.byteLength ?? 0);
    return { sums, ranks, offset };
  }

  #fieldNamed(name: string): { field: Field; f: number } {
    const f = this.#fields.findIndex((field) => field.name === name);
    const field = this.#fields[f];
    if (field === undefined) throw new RangeError(`unknown column "${name}"`);
    return { field, f };
  }

  #vectorNamed(name: string): { field: Field; f: number } {
    const found = this.#fieldNamed(name);
    if (!isRun(found.field)) throw new RangeError(`column "${name}" is ${found.field.type}: expected a dense vector`);
    return found;
  }
}

/** `read`, checked for what it promises: a file that ends early is damaged. Nothing is read of nothing. */
function exactly(read: ReadRange, where: string): ReadRange {
  return async (offset, length, room) => {
    if (length === 0) return new Uint8Array(0);
    const bytes = await read(offset, length, room);
    requireIntact(bytes.length === length, where, `expected ${length} bytes at ${offset}, found ${bytes.length}`);
    return bytes;
  };
}

function ranksOf(valid: Bitset | undefined, rows: number): Uint32Array | undefined {
  if (valid === undefined) return undefined;
  const ranks = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) ranks[row + 1] = (ranks[row] as number) + (hasBit(valid, row) ? 1 : 0);
  return ranks;
}

/** The vectors of rows `first` to `end`, zeros where there is none. */
function spread(stored: Uint8Array, ranks: Uint32Array, first: number, end: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const spread = new Uint8Array((end - first) * sizeBytes);
  const start = ranks[first] as number;
  for (let row = first; row < end; row++) {
    const at = (ranks[row] as number) - start;
    if (ranks[row] !== ranks[row + 1]) spread.set(stored.subarray(at * sizeBytes, (at + 1) * sizeBytes), (row - first) * sizeBytes);
  }
  return spread;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>, { type }: Field): NumberValues<ArrayBuffer>[DenseVectorType] {
  const Values = NUMBER_ARRAYS[type as DenseVectorType];
  return new Values(buffer, byteOffset, byteLength / Values.BYTES_PER_ELEMENT);
}

/** The vectors in `bytes`, which is copied unless it is all of its memory. */
function valuesOf(bytes: Uint8Array<ArrayBuffer>, { type }: Field): NumberValues<ArrayBuffer>[DenseVectorType] {
  const { buffer } = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  return new NUMBER_ARRAYS[type as DenseVectorType](buffer);
}
