// PublishedSegment: some rows of a published collection. Deletions are read when it is opened; the vectors and the index
// of a field, and columns, by who asks for them first.

import type { Bitset } from '../model/bitset.js';
import type { Column } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import type { DenseField, Schema } from '../model/schema.js';
import type { Metric } from '../model/metric.js';
import { decodeCalibration, type Calibration } from '../format/calibration.js';
import { checkIndexVersion } from '../format/index-version.js';
import { fileKey } from '../format/keys.js';
import { RowsReader } from '../format/rows-reader.js';
import type { AnnIndex, DenseElement, FlatIndex, SearchCore } from '../ports/core.js';
import type { ReadStorage } from '../ports/storage.js';
import type { PlainFile, PlainSegment } from './plain-manifest.js';

export interface SearchedVectors {
  readonly flat: FlatIndex<DenseElement>;
  readonly approximate: { readonly ann: AnnIndex; readonly calibration: Calibration } | undefined;
}

/** Where a collection is read from. */
export interface Source {
  readonly storage: ReadStorage;
  readonly core: SearchCore;
  /** Of the collection. */
  readonly id: string;
  readonly schema: Schema;
}

/** Bytes of vectors that are on their way at a time. */
const SCAN_BYTES = 4 * 1024 * 1024;

export class PublishedSegment {
  readonly rows: number;
  /** Rows that are not deleted; undefined if none is. */
  readonly alive: Bitset | undefined;
  readonly #source: Source;
  readonly #plain: PlainSegment;
  readonly #reader: RowsReader;
  readonly #vectors = new Map<string, Promise<SearchedVectors>>();
  readonly #columns = new Map<string, Promise<Column>>();

  private constructor(source: Source, plain: PlainSegment, reader: RowsReader, alive: Bitset | undefined) {
    this.rows = plain.rows;
    this.alive = alive;
    this.#source = source;
    this.#plain = plain;
    this.#reader = reader;
  }

  /** Errors: `Corrupt`, `NotFound`, those of the storage. */
  static async open(source: Source, plain: PlainSegment): Promise<PublishedSegment> {
    const { rows, rowsFile, deletions } = plain;
    const key = await keyOf(source, rowsFile);
    const [reader, alive] = await Promise.all([
      RowsReader.open((offset, length) => source.storage.read(key, { offset, length }), rowsFile.sizeBytes, source.schema, rowsFile.name),
      deletions && aliveRows(source, deletions, rows),
    ]);
    requireIntact(reader.rows === rows, rowsFile.name, `expected ${rows} rows, found ${reader.rows}`);
    return new PublishedSegment(source, plain, reader, alive);
  }

  /** The vectors of a dense field, in memory from now on. Errors: `Corrupt`, `OutOfMemory`, those of the storage. */
  vectors(field: DenseField): Promise<SearchedVectors> {
    return kept(this.#vectors, field.name, () => this.#loadVectors(field));
  }

  /** A scalar column. Errors: `Corrupt`, those of the storage. */
  column({ name }: Field): Promise<Column> {
    return kept(this.#columns, name, () => this.#reader.column(name));
  }

  async #loadVectors({ name, dim, metric, type }: DenseField): Promise<SearchedVectors> {
    const indexFile = this.#plain.indexes.get(name);
    const reading = indexFile && readFile(this.#source, indexFile);
    // Who waits for the vectors first hears of it then.
    reading?.catch(() => undefined);
    const flat = this.#source.core.createFlat(dim, metric as Metric, type as DenseElement);
    for await (const { values } of this.#reader.scan<DenseElement>(name, SCAN_BYTES)) flat.append(values);
    const bytes = await reading;
    if (bytes === undefined || indexFile === undefined) return { flat, approximate: undefined };
    checkIndexVersion(bytes, indexFile.name);
    const ann = this.#source.core.openIndex(bytes, flat);
    return { flat, approximate: { ann, calibration: decodeCalibration(ann.calibration ?? new Uint8Array(0), indexFile.name) } };
  }
}

async function aliveRows(source: Source, deletions: PlainFile & { readonly count: number }, rows: number): Promise<Bitset> {
  const [bytes, { rowsAlive }] = await Promise.all([readFile(source, deletions), import('./rows-alive.js')]);
  return rowsAlive(bytes, rows, deletions);
}

async function readFile(source: Source, file: PlainFile): Promise<Uint8Array> {
  return source.storage.read(await keyOf(source, file));
}

async function keyOf({ storage, id }: Source, { name, sizeBytes }: PlainFile): Promise<string> {
  const key = fileKey(id, name);
  const found = await storage.size(key);
  requireIntact(found === sizeBytes, key, `expected ${sizeBytes} bytes, found ${String(found)}`);
  return key;
}

/** What fails is tried again by the next who asks. */
function kept<T>(map: Map<string, Promise<T>>, name: string, load: () => Promise<T>): Promise<T> {
  let value = map.get(name);
  if (value === undefined) {
    value = load();
    map.set(name, value);
    value.catch(() => map.delete(name));
  }
  return value;
}
