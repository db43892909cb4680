// RowsReader: a rows file read piece by piece, every piece verified before it is used: columns by the checksum of
// their pages, vectors by row sums. It keeps the footer and the sums that it has read, nothing else.

import type { Column } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { storedFields, type Schema } from '../model/schema.js';
import { joinColumns } from './column-join.js';
import { decodeValues } from './parquet-page.js';
import type { Chunk, Footer, RowGroup } from './parquet.js';
import { planRanges, type VectorRange } from './range-plan.js';
import { checkSums, decodeSums, sumsBytes } from './row-sums.js';
import { footerLength, openFooter, placeOf, TAIL_BYTES, valuesOffset, vectorBytes } from './rows-layout.js';
import { openPage } from './rows-page.js';

/** Gives exactly `length` bytes of the file from `offset` on. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

export interface VectorPiece {
  /** Number of its first row. */
  readonly first: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Read at first: most footers are shorter, so that opening takes one range. */
const TAIL_READ_BYTES = 64 * 1024;
/** What a text is taken to need in memory beside its bytes. */
const TEXT_BYTES = 24;
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
  readonly #sums = new Map<string, Map<number, Promise<Uint32Array<ArrayBuffer>>>>();
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

  /** Bytes of row sums that are kept: 4 a row of each row group of which vectors were read. */
  get sumsBytes(): number {
    return this.#sumsBytes;
  }

  /** Bytes that column(name) reads, about what it will hold, for planning memory. REQUIRES: a stored field. */
  columnBytes(name: string): number {
    const { field, f } = this.#fieldNamed(name);
    const stored = this.#groups.reduce((total, { chunks }) => total + (chunks[f] as Chunk).sizeBytes, 0);
    return stored + (field.type === 'VarChar' || field.type === 'JSON' ? this.rows * TEXT_BYTES : 0);
  }

  /** A whole column, a copy, each page verified. REQUIRES: a stored field; vectors are better scanned. Errors: `Corrupt`. */
  async column(name: string): Promise<Column> {
    const { field, f } = this.#fieldNamed(name);
    const pages: Column[] = [];
    for (const [g, { rows, chunks }] of this.#groups.entries()) {
      const { offset, sizeBytes } = chunks[f] as Chunk;
      const chunk = await this.#read(offset, sizeBytes);
      pages.push(decodeValues(openPage(chunk, field, rows, this.#where, placeOf(g, field)), field, rows, this.#where));
    }
    return joinColumns(pages, field);
  }

  /**
   * The vectors of `rows`, in that order, row-major, each verified by its row sum. Rows that lie near each other are
   * read in one range. REQUIRES: a vector field, row numbers below `rows`. Errors: `Corrupt`.
   */
  async vectors(name: string, rows: Uint32Array): Promise<Float32Array<ArrayBuffer>> {
    const { field, f } = this.#fieldNamed(name);
    const sizeBytes = vectorBytes(field);
    const found = new Uint8Array(rows.length * sizeBytes);
    const ranges = planRanges(rows, this.#firsts, sizeBytes);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let range = ranges[next++]; range !== undefined; range = ranges[next++]) await this.#readInto(found, range, rows, field, f);
    };
    await Promise.all(Array.from({ length: Math.min(RANGES_AT_ONCE, ranges.length) }, work));
    return new Float32Array(found.buffer);
  }

  /** All vectors in order, verified, in pieces of whole rows of at most `bytesMax` bytes (or one row). REQUIRES: a vector field. Errors: `Corrupt`. */
  async *scan(name: string, bytesMax: number): AsyncGenerator<VectorPiece, void> {
    const { field, f } = this.#fieldNamed(name);
    const sizeBytes = vectorBytes(field);
    const rowsMax = Math.max(1, Math.floor(bytesMax / sizeBytes));
    for (const [g, { rows, chunks }] of this.#groups.entries()) {
      const sums = await this.#sumsOf(field, f, g);
      const start = valuesOffset(chunks[f] as Chunk, field, rows);
      for (let first = 0; first < rows; first += rowsMax) {
        const bytes = await this.#read(start + first * sizeBytes, Math.min(rowsMax, rows - first) * sizeBytes);
        checkSums(bytes, sizeBytes, sums, first, this.#where, placeOf(g, field));
        yield { first: (this.#firsts[g] as number) + first, values: new Float32Array(aligned(bytes)) };
      }
    }
  }

  async #readInto(found: Uint8Array, { group, first, count, places }: VectorRange, rows: Uint32Array, field: Field, f: number): Promise<void> {
    const sizeBytes = vectorBytes(field);
    const { rows: rowsOfGroup, chunks } = this.#groups[group] as RowGroup;
    const sums = await this.#sumsOf(field, f, group);
    const bytes = await this.#read(valuesOffset(chunks[f] as Chunk, field, rowsOfGroup) + first * sizeBytes, count * sizeBytes);
    for (const place of places) {
      const row = (rows[place] as number) - (this.#firsts[group] as number);
      const vector = bytes.subarray((row - first) * sizeBytes, (row - first + 1) * sizeBytes);
      checkSums(vector, sizeBytes, sums, row, this.#where, placeOf(group, field));
      found.set(vector, place * sizeBytes);
    }
  }

  /** Read once and kept; a read that fails is tried again by the next who asks. */
  #sumsOf(field: Field, f: number, group: number): Promise<Uint32Array<ArrayBuffer>> {
    const ofField = this.#sums.get(field.name) ?? new Map<number, Promise<Uint32Array<ArrayBuffer>>>();
    this.#sums.set(field.name, ofField);
    const kept = ofField.get(group);
    if (kept !== undefined) return kept;
    const read = this.#readSums(field, f, group);
    ofField.set(group, read);
    read.catch(() => ofField.delete(group));
    return read;
  }

  async #readSums(field: Field, f: number, group: number): Promise<Uint32Array<ArrayBuffer>> {
    const { rows, chunks } = this.#groups[group] as RowGroup;
    const { offset, sizeBytes } = chunks[f] as Chunk;
    const bytes = await this.#read(offset + sizeBytes, sumsBytes(rows, vectorBytes(field)));
    const sums = decodeSums(bytes, rows, vectorBytes(field), this.#where, placeOf(group, field));
    this.#sumsBytes += sums.byteLength;
    return sums;
  }

  #fieldNamed(name: string): { field: Field; f: number } {
    const f = this.#fields.findIndex((field) => field.name === name);
    const field = this.#fields[f];
    if (field === undefined) throw new RangeError(`unknown column "${name}"`);
    return { field, f };
  }
}

/** `read`, checked for what it promises: a file that ends early is damaged. */
function exactly(read: ReadRange, where: string): ReadRange {
  return async (offset, length) => {
    const bytes = await read(offset, length);
    requireIntact(bytes.length === length, where, `expected ${length} bytes at ${offset}, found ${bytes.length}`);
    return bytes;
  };
}

/** The memory of `bytes` alone. */
function aligned(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
