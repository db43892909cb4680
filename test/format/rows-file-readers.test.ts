// Rows files in other readers: DuckDB, hyparquet and, where Python has it, pyarrow read every value as we wrote it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBListValue } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRows } from '../../src/format/rows-file.js';
import { bytesOf, concatBytes } from '../../src/format/bytes.js';
import { countBits, hasBit } from '../../src/model/bitset.js';
import { isTexts, valuesPerRow, type Column } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { storedFields } from '../../src/model/schema.js';
import { columnsOf, FULL_SCHEMA, SCHEMA } from './samples.js';

const ROWS = 500;
const COLUMNS = columnsOf(SCHEMA, ROWS, 42);
const FIELDS = storedFields(SCHEMA);
const FULL_COLUMNS = columnsOf(FULL_SCHEMA, ROWS, 43);

let folder = '';
/** Rows 0 to ROWS in row groups of 128. */
let path = '';
let emptyPath = '';
/** FULL_COLUMNS, in row groups of 128. */
let fullPath = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elanus-'));
  path = join(folder, 'rows.parquet');
  emptyPath = join(folder, 'empty.parquet');
  writeFileSync(path, encodeRows(COLUMNS, SCHEMA, 128).bytes);
  fullPath = join(folder, 'full.parquet');
  writeFileSync(fullPath, encodeRows(FULL_COLUMNS, FULL_SCHEMA, 128).bytes);
  writeFileSync(emptyPath, encodeRows(columnsOf(SCHEMA, 0, 1), SCHEMA).bytes);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The value that row `row` has in `column`, as another reader gives it. */
function valueAt(column: Column, row: number): unknown {
  if (column.valid !== undefined && !hasBit(column.valid, row)) return null;
  if (column.type === 'Array') return Array.from({ length: (column.offsets[row + 1] as number) - (column.offsets[row] as number) }, (_, i) => valueAt(column.values, (column.offsets[row] as number) + i));
  if (column.type === 'SparseFloatVector') return hexOf(concatBytes(Array.from({ length: (column.offsets[row + 1] as number) - (column.offsets[row] as number) }, (_, i) => {
    const at = (column.offsets[row] as number) + i;
    return concatBytes([bytesOf(column.indices.subarray(at, at + 1)), bytesOf(column.values.subarray(at, at + 1))]);
  })));
  if (isTexts(column)) return column.values[row];
  const perRow = valuesPerRow(column);
  const values = column.values.subarray(row * perRow, (row + 1) * perRow);
  switch (column.type) {
    case 'Bool':
      return values[0] === 1;
    case 'FloatVector':
      return [...(values as Float32Array)];
    case 'Float16Vector':
      return Array.from(values as Uint16Array, floatOfHalf);
    case 'BFloat16Vector':
    case 'Int8Vector':
    case 'BinaryVector':
      return hexOf(bytesOf(values));
    default:
      return values[0];
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** IEEE 754 binary16 that is not negative and finite. */
function floatOfHalf(bits: number): number {
  const exponent = bits >> 10;
  const fraction = bits & 0x3ff;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
}

const isBytes = ({ type }: Field): boolean => type === 'BFloat16Vector' || type === 'Int8Vector' || type === 'BinaryVector' || type === 'SparseFloatVector';
const isText = ({ type }: Field): boolean => type === 'VarChar' || type === 'JSON' || type === 'Geometry';

/** The columns of a file as Python reads them; bytes in hexadecimal, moments in microseconds. */
function readBy(module: string, table: string, file: string): Record<string, unknown[]> {
  const script = [
    `import sys, json, pyarrow as pa, ${module}`,
    `table = ${table}`,
    'moment = lambda column: column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column',
    'plain = lambda value: value.hex().upper() if isinstance(value, bytes) else value',
    'print(json.dumps({name: [plain(value) for value in moment(table[name]).to_pylist()] for name in table.column_names}, allow_nan=False))',
  ].join('\n');
  const text = execFileSync('python3', ['-c', script, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return JSON.parse(text.replace(/(?<=[[ ])(-?\d{16,})(?=[,\]])/g, '"$1"')) as Record<string, unknown[]>;
}

describe('DuckDB', () => {
  const queried = async (sql: string): Promise<Record<string, unknown>[]> => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowObjects() as Record<string, unknown>[];
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };

  // Texts as hexadecimal: DuckDB has them whole, its client drops a byte order mark in front of one.
  test('reads every value of every type', async () => {
    const texts = FIELDS.filter(isText).map(({ name }) => `hex(encode("${name}"::varchar)) as "${name}"`);
    const rows = await queried(`select * replace (${texts.join()}) from read_parquet('${path}')`);
    expect(rows.length).toBe(ROWS);
    for (const { name } of FIELDS) {
      const column = COLUMNS.byName.get(name) as Column;
      const found = rows.map((row) => (row[name] instanceof DuckDBListValue ? row[name].items : row[name]));
      const expected = found.map((_, row) => valueAt(column, row));
      expect(found, name).toEqual(expected.map((value) => (typeof value === 'string' ? Buffer.from(value).toString('hex').toUpperCase() : value)));
    }
  });

  test('reads every type, nulls among them', async () => {
    const columns = FULL_SCHEMA.fields.map((field) => {
      const name = `"${field.name}"`;
      if (isText(field)) return `hex(encode(${name}::varchar)) as ${name}`;
      if (isBytes(field)) return `hex(${name}) as ${name}`;
      if (field.elementType === 'VarChar') return `list_transform(${name}, t -> hex(encode(t))) as ${name}`;
      return field.type === 'Timestamptz' ? `epoch_us(${name}) as ${name}` : name;
    });
    const rows = await queried(`select ${columns.join()} from read_parquet('${fullPath}')`);
    expect(rows).toHaveLength(ROWS);
    const inHex = (value: unknown): unknown => (typeof value === 'string' ? hexOf(Buffer.from(value)) : Array.isArray(value) ? value.map(inHex) : value);
    for (const field of FULL_SCHEMA.fields) {
      const column = FULL_COLUMNS.byName.get(field.name) as Column;
      const found = rows.map((row) => (row[field.name] instanceof DuckDBListValue ? (row[field.name] as DuckDBListValue).items : row[field.name]));
      expect(found, field.name).toEqual(found.map((_, row) => (isBytes(field) ? valueAt(column, row) : inHex(valueAt(column, row)))));
    }
    const types = await queried(`describe select * from read_parquet('${fullPath}')`);
    const typeOf = new Map(types.map((row) => [row['column_name'], row['column_type']]));
    expect(['nTimestamptz', 'aInt8', 'aVarChar', 'aBool', 'vFloat16Vector', 'vInt8Vector', 'nvSparseFloatVector', 'nGeometry'].map((name) => typeOf.get(name))).toEqual(['TIMESTAMP WITH TIME ZONE', 'TINYINT[]', 'VARCHAR[]', 'BOOLEAN[]', 'FLOAT[]', 'BLOB', 'BLOB', 'VARCHAR']);
    const nulls = await queried(`select path_in_schema as name, sum(stats_null_count) as n from parquet_metadata('${fullPath}') where path_in_schema = 'nInt8' group by all`);
    const { valid } = FULL_COLUMNS.byName.get('nInt8') as Column;
    expect(Number(nulls[0]?.['n'])).toBe(ROWS - countBits(valid as Uint8Array));
  });

  test('sees the types that we meant', async () => {
    const rows = await queried(`describe select * from read_parquet('${path}')`);
    expect(rows.map((row) => row['column_type'])).toEqual(['BIGINT', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE', 'VARCHAR', 'JSON', 'FLOAT[]', 'JSON']);
  });

  test('reads the key-values, and a file without rows', async () => {
    const pairs = await queried(`select decode(key) as key, decode(value) as value from parquet_kv_metadata('${path}')`);
    expect(pairs.map((pair) => pair['key'])).toEqual(['elanus.version', 'elanus.schema', 'elanus.vectors']);
    expect(JSON.parse(pairs[1]?.['value'] as string)).toEqual(SCHEMA);
    expect((JSON.parse(pairs[2]?.['value'] as string) as { vector: unknown[] }).vector).toHaveLength(4);
    expect(await queried(`select count(*) as n from read_parquet('${emptyPath}')`)).toEqual([{ n: 0n }]);
  });
});

describe('hyparquet', () => {
  // Texts decoded here: its own decoder drops a byte order mark in front of one, and would parse JSON.
  test('reads every value of every type', async () => {
    const { bytes } = encodeRows(COLUMNS, SCHEMA, 128);
    const textOf = (text: Uint8Array): string => Buffer.from(text).toString();
    const rows = await parquetReadObjects({ file: bytes.buffer, parsers: { stringFromBytes: textOf, jsonFromBytes: textOf } });
    expect(rows.length).toBe(ROWS);
    for (const { name, type } of FIELDS) {
      const column = COLUMNS.byName.get(name) as Column;
      const found = rows.map((row) => (type === 'FloatVector' ? [...(row[name] as Iterable<number>)] : row[name]));
      expect(found, name).toEqual(found.map((_, row) => valueAt(column, row)));
    }
  });
});

test('hyparquet reads every type, nulls among them', async () => {
  const { bytes } = encodeRows(FULL_COLUMNS, FULL_SCHEMA, 128);
  const textOf = (text: Uint8Array): string => Buffer.from(text).toString();
  const rows = await parquetReadObjects({ file: bytes.buffer, utf8: false, parsers: { stringFromBytes: textOf, jsonFromBytes: textOf, timestampFromMicroseconds: (micros: bigint) => micros } as never });
  expect(rows).toHaveLength(ROWS);
  const plain = (value: unknown): unknown => (value === undefined ? null : value instanceof Uint8Array ? hexOf(value) : ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value);
  for (const { name } of FULL_SCHEMA.fields) {
    const found = rows.map((row) => plain(row[name]));
    expect(found, name).toEqual(found.map((_, row) => valueAt(FULL_COLUMNS.byName.get(name) as Column, row)));
  }
});

describe('pyarrow', () => {
  const missing = ((): string | undefined => {
    try {
      execFileSync('python3', ['-c', 'import pyarrow.parquet'], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return (error as Error).message.trim().split('\n').at(-1);
    }
  })();

  test('reads every type, nulls among them', (context) => {
    if (missing !== undefined) context.skip(`pyarrow is not here: ${missing}`);
    const found = readBy('pyarrow.parquet as pq', 'pq.read_table(sys.argv[1], page_checksum_verification=True)', fullPath);
    for (const field of FULL_SCHEMA.fields) {
      const isLong = field.type === 'Int64' || field.type === 'Timestamptz' || field.elementType === 'Int64';
      const longs = (value: unknown): unknown => (Array.isArray(value) ? value.map(longs) : value === null || !isLong ? value : BigInt(value as string | number));
      expect(found[field.name]?.map(longs), field.name).toEqual(Array.from({ length: ROWS }, (_, row) => valueAt(FULL_COLUMNS.byName.get(field.name) as Column, row)));
    }
  });

  test('reads every value with page checksums verified', (context) => {
    if (missing !== undefined) context.skip(`pyarrow is not here: ${missing}`);
    const found = readBy('pyarrow.parquet as pq', 'pq.read_table(sys.argv[1], page_checksum_verification=True)', path);
    for (const { name, type } of FIELDS) {
      const column = COLUMNS.byName.get(name) as Column;
      const values = found[name]?.map((value) => (type === 'Int64' ? BigInt(value as string | number) : value));
      expect(values, name).toEqual(Array.from({ length: ROWS }, (_, row) => valueAt(column, row)));
    }
  });
});
