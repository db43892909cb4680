// OpenedSource: a source with the reader of its format, its bytes counted, its first rows looked at before they are read.

import { ElanusError } from '../model/errors.js';
import type { Schema } from '../model/schema.js';
import { csvReader } from './csv.js';
import type { ImportFormat } from './formats.js';
import { jsonlReader } from './jsonl.js';
import { npyReader, NPY_VECTOR } from './npy.js';
import { ImportPlace } from './place.js';
import type { Reader, SourceRow } from './reader.js';
import { piecesOf, randomBytes, sizeOf, type ByteSource, type RandomBytes } from './source.js';
import { vecsReader } from './vecs.js';

export interface OpenOptions {
  readonly format: ImportFormat;
  /** For messages. */
  readonly file: string;
  readonly columns?: readonly string[] | undefined;
  readonly vector?: string | undefined;
  /** JSONL with the other fields of each row. */
  readonly rest?: ByteSource | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class OpenedSource {
  readonly reader: Reader & { readonly schema?: Schema };
  readonly bytesTotal: number | undefined;
  readonly #bytes: () => number;
  readonly #rows: AsyncGenerator<readonly SourceRow[]>;
  #sampled: readonly SourceRow[] = [];
  #ended = false;

  private constructor(reader: Reader, bytesTotal: number | undefined, bytes: () => number) {
    this.reader = reader;
    this.bytesTotal = bytesTotal;
    this.#bytes = bytes;
    this.#rows = reader.rows();
  }

  /** Errors: `Corrupt`, `Unsupported`. */
  static async open(source: ByteSource, { format, file, columns, vector, rest, signal }: OpenOptions): Promise<OpenedSource> {
    let bytes = 0;
    const add = (count: number): void => void (bytes += count);
    const reader = format === 'parquet' ? await (await import('./parquet.js')).parquetReader(countedReads(atRandom(source, file), add), file) : streamReader(format, counted(piecesOf(source, signal), add), file, columns, vector);
    return new OpenedSource(rest === undefined ? reader : withRest(reader, jsonlReader(piecesOf(rest, signal), `rest of ${file}`), file), sizeOf(source), () => bytes);
  }

  /** Bytes read so far; all of them once the last row is, though Parquet's indexes are never read. */
  get bytes(): number {
    return this.#ended ? Math.max(this.#bytes(), this.bytesTotal ?? 0) : this.#bytes();
  }

  /** The first rows, `count` or as many as there are and come with them; `rows` gives them again. */
  async sample(count: number): Promise<readonly SourceRow[]> {
    const sampled = [...this.#sampled];
    while (sampled.length < count) {
      const { done, value } = await this.#rows.next();
      if (done === true) break;
      sampled.push(...value);
    }
    this.#sampled = sampled;
    return sampled;
  }

  async *rows(): AsyncGenerator<readonly SourceRow[]> {
    if (this.#sampled.length > 0) yield this.#sampled;
    this.#sampled = [];
    yield* this.#rows;
    this.#ended = true;
  }

  /** Cancels the source. */
  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }
}

function streamReader(format: Exclude<ImportFormat, 'parquet'>, pieces: AsyncGenerator<Uint8Array>, file: string, columns: readonly string[] | undefined, vector = NPY_VECTOR): Reader {
  if (format === 'jsonl') return jsonlReader(pieces, file);
  if (format === 'csv') return csvReader(pieces, file, { columns, vector });
  if (format === 'npy') return npyReader(pieces, file);
  return vecsReader(pieces, file, format === 'fvecs' ? 4 : 1);
}

function atRandom(source: ByteSource, file: string): RandomBytes {
  const random = randomBytes(source);
  if (random === undefined) throw new ElanusError('Unsupported', `${file}: Parquet is read from its end: give a file, a Blob or all its bytes, not a stream`, { file });
  return random;
}

function countedReads(source: RandomBytes, add: (count: number) => void): RandomBytes {
  return {
    size: source.size,
    read: async (offset, length) => {
      const bytes = await source.read(offset, length);
      add(bytes.length);
      return bytes;
    },
  };
}

async function* counted(pieces: AsyncGenerator<Uint8Array>, add: (count: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    add(piece.length);
    yield piece;
  }
}

/** Each row with the fields of its counterpart in `rest`, whose keys count instead of the row's number. */
function withRest(reader: Reader, rest: Reader, file: string): Reader {
  const { numbered, ...others } = reader;
  if (numbered === undefined) throw new ElanusError('InvalidArgument', `${file}: only npy, fvecs and bvecs take the rest of their fields from another file`);
  return { ...others, rows: () => zipped(reader.rows(), rest.rows(), numbered, file) };
}

async function* zipped(rows: AsyncGenerator<readonly SourceRow[]>, rest: AsyncGenerator<readonly SourceRow[]>, numbered: string, file: string): AsyncGenerator<readonly SourceRow[]> {
  let held: readonly SourceRow[] = [];
  let count = 0;
  try {
    for await (const portion of rows) {
      while (held.length < portion.length) {
        const { done, value } = await rest.next();
        if (done === true) throw new ImportPlace(file, `row ${count + held.length}`).corrupt('has no counterpart in the rest of its fields');
        held = [...held, ...value];
      }
      yield portion.map((row, i) => joined(row, held[i] as SourceRow, numbered));
      held = held.slice(portion.length);
      count += portion.length;
    }
    if (held.length > 0 || (await rest.next()).done !== true) throw new ImportPlace(file, `row ${count}`).corrupt('is in the rest of the fields only');
  } finally {
    await rest.return(undefined);
  }
}

function joined(row: SourceRow, rest: SourceRow, numbered: string): SourceRow {
  if (row.values instanceof ElanusError) return row;
  if (rest.values instanceof ElanusError) return rest;
  const { [numbered]: _, ...vector } = row.values;
  return { place: row.place, values: { ...rest.values, ...vector } };
}
