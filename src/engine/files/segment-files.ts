// SegmentFiles: what is read of one sealed segment's files, part by part, each part verified as it comes.

import type { SegmentEntry, FileEntry } from '../../format/manifest.js';
import type { Bitset } from '../../model/bitset.js';
import { RowsReader, type VectorPiece, type VectorValues } from '../../format/rows-reader.js';
import type { Column, Columns } from '../../model/columns.js';
import { requireIntact } from '../../model/errors.js';
import type { DenseVectorType, Field } from '../../model/field.js';
import { storedFields, type Schema } from '../../model/schema.js';
import { absentBytes, absentColumn } from '../table/absent-column.js';
import type { CollectionFiles } from './collection-files.js';

/** Vectors are read in pieces of this size where all are wanted. */
const SCAN_BYTES = 4 * 1024 * 1024;
/** Of smaller files each piece has memory of its own: room for large ones takes longer to make than they to read. */
const ROOM_FROM_BYTES = 64 * 1024;

export interface IndexBytes {
  readonly bytes: Uint8Array;
  /** Whether they are only the beginning of the file, with all of a stage at least. */
  readonly partial: boolean;
}

export class SegmentFiles {
  readonly #files: CollectionFiles;
  /** That of the file. */
  readonly #schema: Schema;
  /** Whose schema is the one of the collection, as it is now. No function: it would hold what the segment was made of. */
  readonly #owner: { readonly schema: Schema };
  readonly #rowsFile: FileEntry;
  readonly #rows: number;
  #reader: Promise<RowsReader> | undefined;

  constructor(files: CollectionFiles, entry: SegmentEntry, schema: Schema, owner: { readonly schema: Schema }) {
    this.#files = files;
    this.#schema = schema;
    this.#owner = owner;
    this.#rowsFile = entry.rowsFile;
    this.#rows = entry.rows;
  }

  /** A whole column that is no vector; of a field that was added later, what rows without it have. Errors: `Corrupt`. */
  async column(name: string): Promise<Column> {
    const added = this.#addedField(name);
    if (added !== undefined) return absentColumn(added, this.#rows);
    return (await this.#open()).column(name);
  }

  /** About the bytes that a column takes in memory. Errors: `Corrupt`. */
  async columnBytes(name: string): Promise<number> {
    const added = this.#addedField(name);
    if (added !== undefined) return absentBytes(added, this.#rows);
    return (await this.#open()).columnBytes(name);
  }

  /** These columns, as `column` has them, of some rows after the other. Errors: `Corrupt`. */
  async *pieces(names: Iterable<string>): AsyncGenerator<{ readonly first: number; readonly columns: Columns }> {
    const stored = [...names].filter((name) => this.#addedField(name) === undefined);
    const added = [...names].flatMap((name) => this.#addedField(name) ?? []);
    for await (const { first, rows, columns } of (await this.#open()).groups(stored)) {
      yield { first, columns: { rows, byName: new Map([...columns, ...added.map((field) => [field.name, absentColumn(field, rows)] as const)]) } };
    }
  }

  /** The vectors of these rows of a dense field, row-major, in their order. Errors: `Corrupt`. */
  async vectors(field: string, rows: Uint32Array): Promise<VectorValues<DenseVectorType>> {
    return (await this.#open()).vectors<DenseVectorType>(field, rows);
  }

  /** Rows that have a vector of a dense field; undefined if all have. Errors: `Corrupt`. */
  async validVectors(field: string): Promise<Bitset | undefined> {
    return (await this.#open()).validVectors(field);
  }

  /** All vectors of a dense field in order, in pieces of whole rows, each good until the next is asked for. Errors: `Corrupt`. */
  async *scan(field: string): AsyncGenerator<VectorPiece<DenseVectorType>> {
    const room = this.#rowsFile.sizeBytes < ROOM_FROM_BYTES ? undefined : this.#files.takeRoom(SCAN_BYTES);
    try {
      yield* (await this.#open()).scan<DenseVectorType>(field, SCAN_BYTES, room);
    } finally {
      if (room !== undefined) this.#files.giveRoom(room);
    }
  }

  /** The index file that `entry` names, or its beginning, if no more of it has come. Errors: `Corrupt`. */
  async index(entry: FileEntry): Promise<IndexBytes> {
    const arrived = this.#files.arriving?.get(entry.name)?.arrived;
    if (arrived === undefined) return { bytes: await this.#files.readFile(entry), partial: false };
    return { bytes: await this.#files.readPart(entry, { offset: 0, length: arrived.bytes }), partial: true };
  }

  /** Whether its rows are with the server yet. */
  get isArriving(): boolean {
    return this.#files.arriving?.get(this.#rowsFile.name) !== undefined;
  }

  #addedField(name: string): Field | undefined {
    const isNamed = (field: Field): boolean => field.name === name;
    return storedFields(this.#schema).some(isNamed) ? undefined : storedFields(this.#owner.schema).find(isNamed);
  }

  // A failure is not kept: the file may be healed.
  #open(): Promise<RowsReader> {
    this.#reader ??= this.#files
      .openRows(this.#rowsFile, this.#schema)
      .then((reader) => {
        requireIntact(reader.rows === this.#rows, this.#rowsFile.name, `expected ${this.#rows} rows, found ${reader.rows}`);
        return reader;
      })
      .catch((error: unknown) => {
        this.#reader = undefined;
        throw error;
      });
    return this.#reader;
  }
}
