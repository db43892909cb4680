// Rows files in other readers: DuckDB, hyparquet and, where Python has it, pyarrow read every value as we wrote it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBListValue } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRows } from '../../src/format/rows-file.js';
import type { Column } from '../../src/model/columns.js';
import { storedFields, vectorField } from '../../src/model/schema.js';
import { columnsOf, SCHEMA } from './samples.js';

const ROWS = 500;
const COLUMNS = columnsOf(SCHEMA, ROWS, 42);
const FIELDS = storedFields(SCHEMA);
const { dim } = vectorField(SCHEMA);

let folder = '';
/** Rows 0 to ROWS in row groups of 128. */
let path = '';
let emptyPath = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elanus-'));
  path = join(folder, 'rows.parquet');
  emptyPath = join(folder, 'empty.parquet');
  writeFileSync(path, encodeRows(COLUMNS, SCHEMA, 128).bytes);
  writeFileSync(emptyPath, encodeRows(columnsOf(SCHEMA, 0, 1), SCHEMA).bytes);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The value that row `row` has in `column`, as another reader gives it. */
function valueAt(column: Column, row: number): unknown {
  if (column.type === 'FloatVector') return [...column.values.subarray(row * dim, (row + 1) * dim)];
  return column.type === 'Bool' ? column.values[row] === 1 : column.values[row];
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
    const texts = FIELDS.filter(({ type }) => type === 'VarChar' || type === 'JSON').map(({ name }) => `hex(encode("${name}"::varchar)) as "${name}"`);
    const rows = await queried(`select * replace (${texts.join()}) from read_parquet('${path}')`);
    expect(rows.length).toBe(ROWS);
    for (const { name } of FIELDS) {
      const column = COLUMNS.byName.get(name) as Column;
      const found = rows.map((row) => (row[name] instanceof DuckDBListValue ? row[name].items : row[name]));
      const expected = found.map((_, row) => valueAt(column, row));
      expect(found, name).toEqual(expected.map((value) => (typeof value === 'string' ? Buffer.from(value).toString('hex').toUpperCase() : value)));
    }
  });

  test('sees the types that we meant', async () => {
    const rows = await queried(`describe select * from read_parquet('${path}')`);
    expect(rows.map((row) => row['column_type'])).toEqual(['BIGINT', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE', 'VARCHAR', 'JSON', 'FLOAT[]', 'JSON']);
  });

  test('reads the key-values, and a file without rows', async () => {
    const pairs = await queried(`select decode(key) as key, decode(value) as value from parquet_kv_metadata('${path}')`);
    expect(pairs.map((pair) => pair['key'])).toEqual(['elanus.version', 'elanus.schema', 'elanus.vectors']);
    expect(JSON.parse(pairs[1]?.['value'] as string)).toEqual(SCHEMA);
    expect(JSON.parse(pairs[2]?.['value'] as string)).toHaveLength(4);
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

describe('pyarrow', () => {
  const missing = ((): string | undefined => {
    try {
      execFileSync('python3', ['-c', 'import pyarrow.parquet'], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return (error as Error).message.trim().split('\n').at(-1);
    }
  })();

  test('reads every value with page checksums verified', (context) => {
    if (missing !== undefined) context.skip(`pyarrow is not here: ${missing}`);
    const script = [
      'import sys, json, pyarrow.parquet as pq',
      'table = pq.read_table(sys.argv[1], page_checksum_verification=True)',
      'print(json.dumps({name: table[name].to_pylist() for name in table.column_names}))',
    ].join('\n');
    const found = JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8', maxBuffer: 1 << 26 }).replace(/(?<=[[ ])(-?\d{16,})(?=[,\]])/g, '"$1"')) as Record<string, unknown[]>;
    for (const { name, type } of FIELDS) {
      const column = COLUMNS.byName.get(name) as Column;
      const values = found[name]?.map((value) => (type === 'Int64' ? BigInt(value as string | number) : value));
      expect(values, name).toEqual(Array.from({ length: ROWS }, (_, row) => valueAt(column, row)));
    }
  });
});
