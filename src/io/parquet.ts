// Parquet, read by hyparquet one row group at a time, which is loaded by the first Parquet file only. hyparquet believes
// what a file says of itself, so everything that it would allocate by is checked before it sees the bytes: parquet-check.ts.

import type { FileMetaData, SchemaTree } from 'hyparquet';
import { decodeText } from '../format/bytes.js';
import { parseJson } from '../format/json-parser.js';
import { ElanusError } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { checkSchema, type Schema } from '../model/schema.js';
import { checkFooter, checkGroup, type GroupBytes } from './parquet-check.js';
import { ImportPlace } from './place.js';
import { PORTION_ROWS, type Reader, type SourceRow } from './reader.js';
import type { RandomBytes } from './source.js';

type Hyparquet = Pick<typeof import('hyparquet'), 'parquetMetadata' | 'parquetReadObjects' | 'parquetSchema'>;

/** A Parquet file, its footer read and checked. Errors: `Corrupt`, `Unsupported`. */
export async function parquetReader(source: RandomBytes, file: string): Promise<Reader & { readonly schema?: Schema }> {
  const footer = await checkFooter(source, file);
  const hyparquet: Hyparquet = await import('hyparquet');
  const metadata = guarded(file, 'footer', () => hyparquet.parquetMetadata(footer.buffer));
  const columns = guarded(file, 'schema', () => hyparquet.parquetSchema(metadata).children);
  const schema = ownSchema(metadata);
  return {
    fields: schema?.fields ?? columns.flatMap(fieldOf),
    ...(schema === undefined ? {} : { schema }),
    rows: () => rowsOf(hyparquet, source, metadata, file),
  };
}

async function* rowsOf(hyparquet: Hyparquet, source: RandomBytes, metadata: FileMetaData, file: string): AsyncGenerator<readonly SourceRow[]> {
  let first = 0;
  for (const [g, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    const bytes = await checkGroup(source, group, g, file);
    // A file of this one row group, whose chunks are those that were checked.
    const alone = { ...metadata, num_rows: group.num_rows, row_groups: [group] };
    const values = await readGroup(hyparquet, source, bytes, alone, file, g);
    if (values.length !== rows) throw new ImportPlace(file, `row group ${g}`).corrupt(`expected ${rows} rows, found ${values.length}`);
    for (let start = 0; start < rows; start += PORTION_ROWS) {
      yield values.slice(start, start + PORTION_ROWS).map((row, i) => ({ place: new ImportPlace(file, `row ${first + start + i}`), values: plainRow(row) }));
    }
    first += rows;
  }
}

async function readGroup(hyparquet: Hyparquet, source: RandomBytes, group: GroupBytes, metadata: FileMetaData, file: string, g: number): Promise<Record<string, unknown>[]> {
  const text = (bytes: Uint8Array | undefined): string | undefined => bytes && decodeText(bytes, file, `row group ${g}`);
  const json = (bytes: Uint8Array | undefined): unknown => {
    const value = text(bytes);
    return value === undefined ? undefined : parseJson(value);
  };
  try {
    return await hyparquet.parquetReadObjects({
      file: { byteLength: source.size, slice: (start, end = source.size) => group.slice(start, end) },
      metadata,
      utf8: false,
      parsers: { stringFromBytes: text, jsonFromBytes: json },
    });
  } catch (error) {
    if (error instanceof ElanusError) throw error;
    throw new ImportPlace(file, `row group ${g}`).corrupt(error instanceof Error ? error.message : String(error), error);
  }
}

/** The schema of a file that Elanus wrote. One that is no schema is no more than a remark of another program. */
function ownSchema({ key_value_metadata: pairs = [] }: FileMetaData): Schema | undefined {
  const text = pairs.find(({ key }) => key === 'elanus.schema')?.value;
  if (text === undefined) return undefined;
  try {
    return checkSchema(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a column without levels holds; of lists and bytes the values say it. */
function fieldOf({ element, children }: SchemaTree): Field[] {
  const { name, type, converted_type: converted, logical_type: logical } = element;
  if (children.length > 0) return [];
  if (type === 'BOOLEAN') return [{ name, type: 'Bool' }];
  if (type === 'FLOAT') return [{ name, type: 'Float' }];
  if (type === 'DOUBLE') return [{ name, type: 'Double' }];
  if (converted === 'JSON' || logical?.type === 'JSON') return [{ name, type: 'JSON' }];
  if (type === 'BYTE_ARRAY') return converted === 'UTF8' || logical?.type === 'STRING' ? [{ name, type: 'VarChar' }] : [];
  if (type !== 'INT32' && type !== 'INT64') return [];
  const bits = logical?.type === 'INTEGER' ? logical.bitWidth * (logical.isSigned ? 1 : 2) : BITS[converted ?? type];
  return bits === undefined || (logical !== undefined && logical.type !== 'INTEGER') ? [] : [{ name, type: bits <= 8 ? 'Int8' : bits <= 16 ? 'Int16' : bits <= 32 ? 'Int32' : 'Int64' }];
}

/** Bits of a signed integer that holds them all, or 64. */
const BITS: Readonly<Record<string, number | undefined>> = { INT_8: 8, INT_16: 16, INT_32: 32, INT_64: 64, UINT_8: 16, UINT_16: 32, UINT_32: 64, UINT_64: 64, INT32: 32, INT64: 64 };

function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) row[name] = plain(value);
  return row;
}

/** Dates become their ISO text; numbers, texts, bytes and lists stay. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return value;
}

function guarded<T>(file: string, where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ImportPlace(file, where).corrupt(error instanceof Error ? error.message : String(error), error);
  }
}
