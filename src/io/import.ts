// Import: the rows of a file into a collection, batch by batch: a source larger than memory is never held. Every batch is
// an insert of its own: what is in when an import ends early stays in, and the error says how many rows that is.

import type { Collection, Database } from '../engine/api.js';
import { rowsToBatch } from '../engine/write/row-batch.js';
import { ElanusError, require } from '../model/errors.js';
import { DEFAULT_PARTITION } from '../model/partition.js';
import type { RowInput } from '../model/row.js';
import { rowVectorBytes } from '../format/extents.js';
import { checkSchema, firstVector, primaryField, type Schema } from '../model/schema.js';
import { importFormat, type ImportFormat } from './formats.js';
import { inferDefinition, type InferOptions, type InferredDefinition } from './infer.js';
import { mappingOf, type ColumnNames, type MapRow } from './mapping.js';
import { OpenedSource } from './open.js';
import type { SourceRow, SourceValues } from './reader.js';
import type { ImportPlace } from './place.js';
import { checkAborted, type ByteSource } from './source.js';

export interface ImportProgress {
  /** Rows that are in, durably; in a dry run, those that would be. */
  readonly rows: number;
  readonly skipped: number;
  /** Bytes of the source that were read. */
  readonly bytes: number;
  /** Undefined for a stream, whose length is not known. */
  readonly bytesTotal: number | undefined;
}

export interface ImportOptions extends ColumnNames {
  /** Name of the file: for messages, and to tell its format. Default 'import'. */
  readonly name?: string;
  /** Default: what the name tells. */
  readonly format?: ImportFormat;
  /** CSV without a record that names the columns: their names. */
  readonly columns?: readonly string[];
  /** A JSONL source with the other fields of each row, in the same order: npy, fvecs and bvecs hold vectors alone. */
  readonly rest?: ByteSource;
  /** Partition that the rows are written into; default `_default`. One of a collection that the import creates is created, too. */
  readonly partitionName?: string;
  /** Rows of one insert, 1..65,536. Default: as many as take 4 MiB of vectors, at most 4,096. */
  readonly batchRows?: number;
  /** What becomes of a row that is no row of the file's format or does not fit the collection. Default 'stop'. */
  readonly onError?: 'stop' | 'skip';
  /** Reads and checks every row as an import does, and stores nothing. Default false. */
  readonly dryRun?: boolean;
  /** Called after each batch. */
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  readonly rows: number;
  readonly skipped: number;
  /** Why rows were skipped, the first 100 of them. */
  readonly refusals: readonly string[];
  readonly bytes: number;
}

export interface ImportCollectionOptions extends ImportOptions, InferOptions {
  /** Rows to look at before the fields are chosen. Default 1,000. */
  readonly sampleRows?: number;
}

const BATCH_ROWS_MAX = 65_536;
const BATCH_ROWS = 4096;
const BATCH_VECTOR_BYTES = 4 * 1024 * 1024;
/** Of the source, between two inserts: rows may be long. */
const BATCH_SOURCE_BYTES = 16 * 1024 * 1024;
const REFUSALS_MAX = 100;
const SAMPLE_ROWS = 1000;
const NAME = 'import';

/**
 * Adds the rows of `source` to a collection; a row whose primary key is there replaces it. Errors: as of `insert`, `Corrupt`
 * for a damaged file, `Closed` if aborted; each with `rows`, how many are in. The source is then cancelled.
 */
export async function importRows(collection: Collection, source: ByteSource, options: ImportOptions = {}): Promise<ImportResult> {
  const opened = await openSource(source, options, options.vector ?? firstVector(collection.schema).name);
  return new Import(collection, opened, options).run();
}

/** What `importCollection` would create. Reads no more of the source than that takes. */
export async function inferCollection(name: string, source: ByteSource, options: ImportCollectionOptions = {}): Promise<InferredDefinition> {
  const opened = await openSource(source, options, options.vector);
  try {
    return await definitionOf(name, opened, options);
  } finally {
    await opened.close();
  }
}

/** Creates a collection as the source's own types or first rows suggest, then imports into it; in a dry run neither. Errors: `AlreadyExists`. */
export async function importCollection(database: Database, name: string, source: ByteSource, options: ImportCollectionOptions = {}): Promise<ImportResult & { readonly definition: InferredDefinition }> {
  if (await database.hasCollection(name)) throw new ElanusError('AlreadyExists', `collection "${name}" exists already: import into it with importRows`);
  const opened = await openSource(source, options, options.vector);
  let definition: InferredDefinition;
  let collection: ImportTarget;
  try {
    definition = await definitionOf(name, opened, options);
    collection = options.dryRun === true ? { schema: checkSchema(definition), insert: notStored, upsert: notStored } : await createTarget(database, definition, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
  return { ...(await new Import(collection, opened, options).run()), definition };
}

async function createTarget(database: Database, definition: InferredDefinition, { partitionName }: ImportOptions): Promise<ImportTarget> {
  const collection = await database.createCollection(definition);
  if (partitionName !== undefined && partitionName !== DEFAULT_PARTITION.name) await database.createPartition(definition.name, partitionName);
  return collection;
}

async function openSource(source: ByteSource, { format, name = NAME, columns, rest, signal }: ImportOptions, vector: string | undefined): Promise<OpenedSource> {
  try {
    return await OpenedSource.open(source, { format: importFormat(format, name), file: name, columns, vector, rest, signal });
  } catch (error) {
    throw ended(error, name, 0);
  }
}

async function definitionOf(name: string, opened: OpenedSource, options: ImportCollectionOptions): Promise<InferredDefinition> {
  const { sampleRows = SAMPLE_ROWS } = options;
  require(Number.isInteger(sampleRows) && sampleRows >= 1 && sampleRows <= BATCH_ROWS_MAX, () => `sampleRows: expected 1 to ${BATCH_ROWS_MAX}, found ${String(sampleRows)}`);
  const sampled = await opened.sample(sampleRows);
  const rows = sampled.flatMap(({ values }): SourceValues[] => (values instanceof ElanusError ? [] : [values]));
  return inferDefinition(name, rows, opened.reader, options);
}

/** What an import needs of a collection. */
type ImportTarget = Pick<Collection, 'schema' | 'insert' | 'upsert'>;

/** Of a collection that a dry run does not make. */
async function notStored(): Promise<never> {
  throw new Error('a dry run stores nothing');
}

interface Mapped {
  readonly place: ImportPlace;
  readonly row: RowInput;
  /** It has its primary key. */
  readonly keyed: boolean;
}

/** One run of an import. */
class Import {
  readonly #collection: ImportTarget;
  readonly #source: OpenedSource;
  readonly #options: ImportOptions;
  readonly #file: string;
  readonly #map: MapRow;
  readonly #key: string;
  readonly #generated: boolean;
  readonly #batchRows: number;
  readonly #refusals: string[] = [];
  /** Rows that are not in yet: all with a key, or all without. */
  #batch: Mapped[] = [];
  #rows = 0;
  #skipped = 0;

  constructor(collection: ImportTarget, source: OpenedSource, options: ImportOptions) {
    this.#collection = collection;
    this.#source = source;
    this.#options = options;
    this.#file = options.name ?? NAME;
    this.#map = mappingOf(collection.schema, source.reader, options);
    const { name, autoId = false } = primaryField(collection.schema);
    this.#key = name;
    this.#generated = autoId;
    this.#batchRows = batchRowsOf(options.batchRows, collection.schema);
  }

  async run(): Promise<ImportResult> {
    try {
      await this.#readAll();
      return { rows: this.#rows, skipped: this.#skipped, refusals: this.#refusals, bytes: this.#source.bytes };
    } catch (error) {
      throw ended(error, this.#file, this.#rows, this.#options.dryRun);
    } finally {
      await this.#source.close();
    }
  }

  async #readAll(): Promise<void> {
    try {
      let bytes = 0;
      for await (const portion of this.#source.rows()) {
        checkAborted(this.#options.signal, 'import');
        for (const row of portion) await this.#add(row);
        if (this.#source.bytes - bytes < BATCH_SOURCE_BYTES) continue;
        await this.#flush();
        bytes = this.#source.bytes;
      }
    } catch (error) {
      // What came before a damaged row is in.
      if (error instanceof ElanusError && (error.code === 'Corrupt' || error.code === 'InvalidArgument')) await this.#flush();
      throw error;
    }
    await this.#flush();
  }

  async #add(source: SourceRow): Promise<void> {
    const mapped = this.#mapped(source);
    if (mapped === undefined) return;
    const before = this.#batch[0];
    if (before !== undefined && (before.keyed !== mapped.keyed || this.#batch.length === this.#batchRows)) await this.#flush();
    this.#batch.push(mapped);
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await this.#store(batch);
  }

  /** Undefined if it was skipped. */
  #mapped({ place, values }: SourceRow): Mapped | undefined {
    if (values instanceof ElanusError) return this.#refuse(values);
    try {
      const row = this.#map(values);
      return { place, row, keyed: Object.hasOwn(row, this.#key) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.#refuse(place.refused(error));
    }
  }

  /** Inserts a batch; if rows of it are refused, those before the first, or all others. */
  async #store(batch: readonly Mapped[]): Promise<void> {
    checkAborted(this.#options.signal, 'import');
    try {
      await this.#write(batch);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const refused = this.#refusedOf(batch);
      // Together they are what was refused, as when they take too many bytes.
      if (refused.size === 0) return this.#storeHalves(batch, error);
      const end = this.#options.onError === 'skip' ? batch.length : (refused.keys().next().value as number);
      await this.#write(batch.slice(0, end).filter((_, at) => !refused.has(at)));
      for (const why of refused.values()) this.#refuse(why);
    }
    this.#options.onProgress?.({ rows: this.#rows, skipped: this.#skipped, bytes: this.#source.bytes, bytesTotal: this.#source.bytesTotal });
  }

  async #storeHalves(batch: readonly Mapped[], error: ElanusError): Promise<void> {
    if (batch.length < 2) throw (batch[0] as Mapped).place.refused(error);
    const half = batch.length >> 1;
    await this.#store(batch.slice(0, half));
    await this.#store(batch.slice(half));
  }

  /** Rows with a key that the collection would generate are written with theirs. */
  async #write(batch: readonly Mapped[]): Promise<void> {
    if (batch.length === 0) return;
    const rows = batch.map(({ row }) => row);
    const generate = this.#generated && !(batch[0] as Mapped).keyed;
    const { dryRun, partitionName } = this.#options;
    const into = partitionName === undefined ? {} : { partitionName };
    if (dryRun === true) rowsToBatch(rows, this.#collection.schema, generate ? () => 0n : undefined);
    else await (this.#generated && (batch[0] as Mapped).keyed ? this.#collection.upsert(rows, into) : this.#collection.insert(rows, into));
    this.#rows += rows.length;
  }

  /** Rows that are refused by themselves, by their number in the batch, ascending. */
  #refusedOf(batch: readonly Mapped[]): ReadonlyMap<number, ElanusError> {
    const refused = new Map<number, ElanusError>();
    batch.forEach(({ row, place, keyed }, at) => {
      try {
        rowsToBatch([row], this.#collection.schema, this.#generated && !keyed ? () => 0n : undefined);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refused.set(at, place.refused(withoutRow(error)));
      }
    });
    return refused;
  }

  /** Counts a refused row, or ends the import. */
  #refuse(error: ElanusError): undefined {
    if (this.#options.onError !== 'skip') throw error;
    this.#skipped++;
    if (this.#refusals.length < REFUSALS_MAX) this.#refusals.push(error.message);
  }
}

/** The error with how far the import came. */
function ended(error: unknown, name: string, rows: number, dryRun = false): unknown {
  if (!(error instanceof ElanusError)) return error;
  const { code, milvusCode, message, position, file = name, status } = error;
  const detail = { milvusCode, rows, file, cause: error, ...(position === undefined ? {} : { position }), ...(status === undefined ? {} : { status }) };
  return new ElanusError(code, `${message.startsWith(name) ? '' : `${name}: `}${message}; ${rows} rows ${dryRun ? 'would be' : 'are'} in`, detail);
}

function batchRowsOf(given: number | undefined, schema: Schema): number {
  require(given === undefined || (Number.isInteger(given) && given >= 1 && given <= BATCH_ROWS_MAX), () => `batchRows: expected 1 to ${BATCH_ROWS_MAX}, found ${String(given)}`);
  return given ?? Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_VECTOR_BYTES / rowVectorBytes(schema))));
}

function isRefusal(error: unknown): error is ElanusError {
  return error instanceof ElanusError && error.code === 'InvalidArgument';
}

/** A single row is checked as row 0; its place in the file says more. */
function withoutRow(error: ElanusError): ElanusError {
  return new ElanusError(error.code, error.message.replace(/^row 0[,:] /, ''), { milvusCode: error.milvusCode, cause: error });
}
