// What is on disk, read by those that data teams read with: pyarrow with page checksums verified, Polars and DuckDB, from a
// database's own folder after flushes and deletions, and from an exported file. Every value is compared bit for bit.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDeletions } from '../../src/format/deletion-vector.js';
import { readExactJson } from '../../src/format/exact-json.js';
import type { Row } from '../../src/model/row.js';
import { timestampOf } from '../../src/model/timestamp.js';
import { open } from '../../src/presets/node.js';
import { missingPython, runPython } from '../support/python.js';
import { awkwardRow, bytesOfExport, FIELDS } from './support.js';

const READERS = ['pyarrow', 'polars', 'duckdb'] as const;
const missing = missingPython([...READERS]);
/** Texts that careless readers break, some in every row. */
const UNICODE = ['\u0000', 'a\u0000b', '\u200b', 'é', '🪁👩‍👩‍👧', '\ufffd', '\ufeff', '\u{10ffff}', 'עברית', '\r\n\t', '', '漢字'.repeat(20)];
const TYPES = Object.fromEntries(FIELDS.map(({ name, type, elementType }) => [name, type === 'Array' ? `Array ${elementType}` : type]));

type Read = Record<(typeof READERS)[number], Record<string, unknown[]>>;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elanus-python-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const rowAt = (i: number): Row => ({ ...awkwardRow(i), title: UNICODE[i % UNICODE.length] as string });

/** A value as readers.py writes it. */
function written(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'FloatVector') return Buffer.from((value as Float32Array).buffer, (value as Float32Array).byteOffset, (value as Float32Array).byteLength).toString('hex');
  if (type === 'Float') return Buffer.from(Float32Array.of(value as number).buffer).toString('hex');
  if (type === 'Double') return Buffer.from(Float64Array.of(value as number).buffer).toString('hex');
  if (type.startsWith('Array ')) return (value as readonly unknown[]).map((element) => written(element, type.slice('Array '.length)));
  if (type === 'Timestamptz') return String(timestampOf(value as string));
  return type.startsWith('Int') ? String(value) : value;
}

function expectRead(path: string, rows: readonly Row[]): void {
  const read = JSON.parse(runPython('test/io/readers.py', [path, JSON.stringify(TYPES)])) as Read;
  for (const reader of READERS) {
    for (const { name, type } of FIELDS) {
      const found = read[reader][name] as unknown[];
      const values = type === 'JSON' ? found.map((text) => (text === null ? null : readExactJson(text as string))) : found;
      expect(values, `${reader}, ${name}`).toEqual(rows.map((row) => (type === 'JSON' ? row[name] : written(row[name], TYPES[name] as string))));
    }
  }
}

describe('pyarrow, Polars and DuckDB', () => {
  test('read the rows files of a database as they were written, the deleted rows among them', async (context) => {
    if (missing !== undefined) context.skip(missing);
    const database = await open('library', { directory: folder });
    const books = await database.createCollection({ name: 'books', fields: FIELDS, enableDynamicField: true });
    const batches = [0, 700].map((first) => Array.from({ length: 700 }, (_, i) => rowAt(first + i)));
    for (const batch of batches) {
      await books.insert(batch);
      await books.flush();
    }
    const deleted = batches.flatMap((batch, b) => batch.filter((_, i) => i % (3 + b) === 1));
    await books.delete({ ids: deleted.map(({ id }) => id as bigint) });
    await books.flush();
    await database.close();
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
    const rowsFiles = files.filter((path) => /rows-[0-9a-f]{64}\.parquet$/.test(path));
    expect(rowsFiles).toHaveLength(2);
    for (const path of rowsFiles) {
      const [first] = batches.filter((batch) => readFileSync(path).includes(Buffer.from(BigInt64Array.of(batch[5]?.['id'] as bigint).buffer)));
      expectRead(path, first as readonly Row[]);
    }
    const vectors = files.filter((path) => path.endsWith('.dv')).map((path) => decodeDeletions(readFileSync(path), 700, path));
    expect(vectors.map((rows) => rows.length).sort()).toEqual([175, 233]);
  }, 120_000);

  test('read an exported file', async (context) => {
    if (missing !== undefined) context.skip(missing);
    const database = await open('export', { directory: folder });
    const books = await database.createCollection({ name: 'books', fields: FIELDS, enableDynamicField: true });
    await books.insert(Array.from({ length: 500 }, (_, i) => rowAt(i)));
    const path = join(folder, 'books.parquet');
    writeFileSync(path, await bytesOfExport(books, { format: 'parquet', order: 'stored' }));
    const rows = await books.get({ ids: [...(await books.keys({ order: 'stored' }))] });
    await database.close();
    expectRead(path, rows);
  }, 120_000);
});
