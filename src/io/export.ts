// Export: live rows of a collection as the bytes of a file, in portions: what is held is the list of keys, and the rows of
// one portion. The rows are those that matched when it began; one deleted meanwhile is left out, one replaced meanwhile
// comes as it then is.

import type { Collection, KeyList } from '../engine/api.js';
import { planOutput } from '../engine/read/output.js';
import { rowsToBatch } from '../engine/write/row-batch.js';
import { rowVectorBytes } from '../format/extents.js';
import { RowsEncoder, ROWS_PER_GROUP_MAX } from '../format/rows-file.js';
import { ElanusError, require } from '../model/errors.js';
import { DYNAMIC_FIELD } from '../model/field.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { JsonValue, PrimaryKey, Row } from '../model/row.js';
import { firstVector, primaryField, vectorFields, type Schema } from '../model/schema.js';
import { encodeCsv, encodeCsvHeader } from './csv.js';
import { exportFormat, type ExportFormat } from './formats.js';
import { encodeJsonl } from './jsonl.js';
import { encodeNpy, encodeNpyHeader } from './npy.js';
import { RowGroups, valueBytes } from './row-groups.js';
import { checkAborted } from './source.js';
import { encodeFvecs } from './vecs.js';

export interface ExportProgress {
  readonly rows: number;
  /** Rows that matched when the export began. */
  readonly rowsTotal: number;
  readonly bytes: number;
}

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Only rows for which this holds. */
  readonly filter?: FilterInput;
  /** Values of the `{name}` in a filter. */
  readonly filterParams?: FilterParams;
  /** Only rows of these partitions. Default: all. */
  readonly partitionNames?: readonly string[];
  /** Fields to write. Default ["*"], dynamic fields among them. The primary key is always written; npy and fvecs hold the vectors alone. */
  readonly fields?: readonly string[];
  /** Fields to leave out of these. Not the primary key. */
  readonly omit?: readonly string[];
  /** Default 'key', so that equal collections give equal files. */
  readonly order?: 'key' | 'stored';
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

const PAGE_ROWS = 1024;
/** Of a first page: how long rows are is not known yet. */
const PAGE_ROWS_FIRST = 64;
const PAGE_BYTES = 4 * 1024 * 1024;
/** Of a Parquet row group, which is held whole. */
const GROUP_BYTES = 32 * 1024 * 1024;

/** Turns pages of rows into the bytes of a file. */
interface RowsWriter {
  /** Fields that it needs of each row. */
  readonly fields: readonly string[];
  begin(rows: number): readonly Uint8Array[];
  write(rows: readonly Row[]): readonly Uint8Array[];
  end(): readonly Uint8Array[];
}

/** The bytes of the file, from front to back. Errors: `InvalidArgument`, `InvalidFilter`, `Closed` if aborted. */
export async function* exportBytes(collection: Collection, options: ExportOptions): AsyncGenerator<Uint8Array> {
  const { filter, filterParams, partitionNames, order = 'key', signal, onProgress } = options;
  const { schema } = collection;
  const writer = writerOf(schema, options);
  const keys = await collection.keys({ order, ...(filter === undefined ? {} : { filter }), ...(filterParams === undefined ? {} : { filterParams }), ...(partitionNames === undefined ? {} : { partitionNames }) });
  let rows = 0;
  let bytes = 0;
  const counted = function* (parts: readonly Uint8Array[]): Generator<Uint8Array> {
    for (const part of parts) {
      bytes += part.length;
      if (part.length > 0) yield part;
    }
  };
  yield* counted(writer.begin(keys.length));
  let pageRows = pageOfRows(rowVectorBytes(schema), PAGE_ROWS_FIRST);
  for (let first = 0; first < keys.length; ) {
    checkAborted(signal, 'export');
    const page = await collection.get({ ids: pageOf(keys, first, pageRows), outputFields: writer.fields });
    yield* counted(writer.write(page));
    first += pageRows;
    rows += page.length;
    if (page.length > 0) pageRows = pageOfRows(page.reduce((sum, row) => sum + valueBytes(row), 0) / page.length, PAGE_ROWS);
    onProgress?.({ rows, rowsTotal: keys.length, bytes });
  }
  yield* counted(writer.end());
  onProgress?.({ rows, rowsTotal: keys.length, bytes });
}

/** As many rows of so many bytes as go into a page. */
function pageOfRows(rowBytes: number, rowsMax: number): number {
  return Math.max(1, Math.min(rowsMax, Math.floor(PAGE_BYTES / Math.max(1, rowBytes))));
}

function pageOf(keys: KeyList, first: number, rows: number): readonly PrimaryKey[] {
  return Array.from<PrimaryKey>(keys.slice(first, first + rows));
}

function writerOf(schema: Schema, { format, fields = ['*'], omit = [] }: ExportOptions): RowsWriter {
  const known = exportFormat(format);
  const plan = planOutput(schema, fields, true);
  planOutput(schema, omit, true);
  require(!omit.includes(primaryField(schema).name), () => 'omit: the primary key is always written');
  const chosen = plan.fields.filter(({ name }) => !omit.includes(name));
  const { dynamic } = plan;
  if (known === 'jsonl') return jsonlWriter(fields, omit);
  if (known === 'csv') return csvWriter(schema, fields, chosen, dynamic);
  if (known === 'npy' || known === 'fvecs') return vectorWriter(schema, known);
  const names = new Set(chosen.map(({ name }) => name));
  return parquetWriter({ ...schema, fields: schema.fields.filter(({ name }) => names.has(name)), enableDynamicField: dynamic === 'all' || dynamic.length > 0 }, fields, omit);
}

function jsonlWriter(fields: readonly string[], omit: readonly string[]): RowsWriter {
  return { fields, begin: () => [], write: (rows) => [encodeJsonl(rows.map((row) => without(row, omit)))], end: () => [] };
}

function without(row: Row, omit: readonly string[]): Row {
  return omit.length === 0 ? row : Object.fromEntries(Object.entries(row).filter(([name]) => !omit.includes(name)));
}

/** All dynamic fields share one column of JSON, as in a rows file; those asked for by name have their own, texts as they are. */
function csvWriter(schema: Schema, fields: readonly string[], chosen: readonly { readonly name: string; readonly type: string }[], dynamic: readonly string[] | 'all'): RowsWriter {
  const own = schema.fields.map(({ name }) => name);
  const names = [...chosen.map(({ name }) => name), ...(dynamic === 'all' ? [DYNAMIC_FIELD] : dynamic)];
  const json = new Set([DYNAMIC_FIELD, ...chosen.filter(({ type }) => type === 'JSON').map(({ name }) => name)]);
  const gathered = (row: Row): Row => ({ ...row, [DYNAMIC_FIELD]: without(row, own) as JsonValue });
  return { fields, begin: () => [encodeCsvHeader(names)], write: (rows) => [encodeCsv(dynamic === 'all' ? rows.map(gathered) : rows, names, json)], end: () => [] };
}

function vectorWriter(schema: Schema, format: 'npy' | 'fvecs'): RowsWriter {
  const { name, type, dim = 0, nullable = false } = firstVector(schema);
  require(type === 'FloatVector' && !nullable, () => `format ${format}: expected a FloatVector without nulls, "${name}" is ${type}${nullable ? ' with nulls' : ''}`);
  const vectorsOf = (rows: readonly Row[]): readonly Float32Array[] => rows.map((row) => row[name] as Float32Array);
  if (format === 'fvecs') return { fields: [name], begin: () => [], write: (rows) => [encodeFvecs(vectorsOf(rows))], end: () => [] };
  let missing = 0;
  return {
    fields: [name],
    begin: (rows) => {
      missing = rows;
      return [encodeNpyHeader(rows, dim)];
    },
    write: (rows) => {
      missing -= rows.length;
      return [encodeNpy(vectorsOf(rows))];
    },
    end: () => {
      // The count stands at the file's beginning, which is written.
      if (missing > 0) throw new ElanusError('Busy', `${missing} rows were deleted while they were exported: export again`);
      return [];
    },
  };
}

function parquetWriter(schema: Schema, fields: readonly string[], omit: readonly string[]): RowsWriter {
  require(vectorFields(schema).length > 0, () => 'fields: a Parquet file needs a vector among them');
  const encoder = new RowsEncoder(schema);
  const groups = new RowGroups(ROWS_PER_GROUP_MAX, GROUP_BYTES);
  const encoded = (rows: readonly Row[]): readonly Uint8Array[] => (rows.length === 0 ? [] : encoder.append(rowsToBatch(rows.map((row) => without(row, omit)), schema, undefined).columns));
  return {
    fields,
    begin: () => [],
    write: (rows) => rows.flatMap((row) => encoded(groups.add(row) ?? [])),
    end: () => [...encoded(groups.rest()), ...encoder.end().tail],
  };
}
