// Parquet files as pyarrow, Polars and DuckDB write them: every codec, page version, encoding and nesting that they have is
// imported equal, bit for bit, also where it is read by pieces of any size.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importCollection, importRows } from '../../src/io/import.js';
import type { Row } from '../../src/model/row.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { missingPython, runPython } from '../support/python.js';
import { rowsOf } from './support.js';

const missing = missingPython(['pyarrow', 'polars', 'duckdb']);
const FILES_MIN = 55;

let database: SyncDatabase;
let folder = '';
let expected: Record<string, Row[]> = {};

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'elanus-python-'));
  if (missing !== undefined) return;
  runPython('test/io/writers.py', [folder]);
  expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'), (_, value: unknown) => meant(value)) as Record<string, Row[]>;
}, 120_000);

afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** What writers.py says in other words, as JSON has no words for it. */
function meant(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('int' in value) return BigInt(value.int as string);
  if (!('f32' in value)) return value;
  const bytes = Buffer.from(value.f32 as string, 'hex');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

describe('Parquet of other programs', () => {
  const made: string[] = [];
  const imported = async (file: string): Promise<readonly Row[]> => {
    const bytes = readFileSync(join(folder, file));
    const fields = [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'large', type: 'Int64' },
      { name: 'vec', type: 'FloatVector', dim: 24, metric: 'L2' },
    ] as const;
    const collection = await database.createCollection({ name: `c${made.push(file)}`, fields, enableDynamicField: true });
    const { rows } = await importRows(collection, bytes, { name: file });
    expect(rows, file).toBe(expected[file]?.length);
    return rowsOf(collection);
  };

  test('makes a collection whose fields are the columns, nullable as they are', { timeout: 120_000 }, async (context) => {
    if (missing !== undefined) context.skip(missing);
    const { definition } = await importCollection(database, 'inferred', readFileSync(join(folder, 'infer.parquet')), { format: 'parquet', vector: 'vec', metric: 'L2', sampleRows: 1 });
    expect(definition.fields.map(({ name, type, nullable }) => [name, type, nullable === true])).toEqual([
      ['id', 'Int64', false],
      ['vec', 'FloatVector', false],
      ['large', 'Int64', true],
      ['title', 'VarChar', true],
      ['n', 'Int32', true],
      ['x', 'Double', true],
      ['ok', 'Bool', true],
      ['steady', 'Int16', true],
      ['at', 'Timestamptz', true],
      ['tags', 'JSON', true],
    ]);
    expect(await rowsOf(await database.collection('inferred'))).toEqual(expected['infer.parquet']);
  });

  test.for(['pyarrow', 'polars', 'duckdb'])('%s is imported as it was written', { timeout: 120_000 }, async (program, context) => {
    if (missing !== undefined) context.skip(missing);
    const files = Object.keys(expected).filter((file) => file.startsWith(program));
    for (const file of files) expect(await imported(file), file).toEqual(expected[file]);
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(FILES_MIN);
  });
});
