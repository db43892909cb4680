// Nulls, arrays, geometries and moments come back equal through every format: null where nothing stands, in a field
// that takes it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { importRows } from '../../src/io/import.js';
import type { Field } from '../../src/model/field.js';
import type { Row, RowInput } from '../../src/model/row.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { bytesOfExport, rowsOf } from './support.js';

const NULLABLE = ['Bool', 'Int8', 'Int64', 'Float', 'Double', 'VarChar', 'JSON', 'Geometry', 'Timestamptz'] as const;
const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
  ...NULLABLE.map((type): Field => ({ name: `n${type}`, type, nullable: true })),
  { name: 'tags', type: 'Array', elementType: 'VarChar', maxCapacity: 4, nullable: true },
  { name: 'counts', type: 'Array', elementType: 'Int64', maxCapacity: 4 },
  { name: 'shares', type: 'Array', elementType: 'Double', maxCapacity: 4 },
  { name: 'flags', type: 'Array', elementType: 'Bool', maxCapacity: 4 },
  { name: 'title', type: 'VarChar' },
  { name: 'stars', type: 'Int8', nullable: true, defaultValue: 3 },
];

const full = { nBool: false, nInt8: -1, nInt64: 2n ** 62n + 1n, nFloat: 0.5, nDouble: -0, nVarChar: '', nJSON: { a: null }, nGeometry: 'POINT (1 2)', nTimestamptz: '2026-01-02T03:04:05.678Z' };
const none = Object.fromEntries(Object.keys(full).map((name) => [name, null]));
const ROWS: readonly Row[] = [
  { id: 1n, v: Float32Array.of(0, 1), ...full, tags: ['', 'a,"b"'], counts: [2n ** 62n + 1n, -1n], shares: [0.1, -0], flags: [true, false], title: '', stars: 1 },
  { id: 2n, v: Float32Array.of(1, 1), ...none, tags: null, counts: [], shares: [], flags: [], title: 'null', stars: 3 },
  { id: 3n, v: Float32Array.of(1, 0), ...none, nInt8: 0, nVarChar: 'null', tags: [], counts: [1n], shares: [1], flags: [true], title: ' ', stars: -3 },
];

let database: SyncDatabase;
let made = 0;
const fresh = (): Promise<Collection> => database.createCollection({ name: `c${made++}`, fields: FIELDS });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe.each(['jsonl', 'csv', 'parquet'] as const)('%s', (format) => {
  test('brings rows with nulls back equal', async () => {
    const before = await fresh();
    await before.insert(ROWS as readonly RowInput[]);
    expect(await rowsOf(before)).toEqual(ROWS);
    const after = await fresh();
    expect(await importRows(after, await bytesOfExport(before, { format }), { format })).toMatchObject({ rows: 3, skipped: 0 });
    expect(await rowsOf(after)).toEqual(ROWS);
  });
});

test('a field that takes no null refuses it, by its name', async () => {
  const text = '{"id":1,"v":[1,2],"counts":null,"shares":[],"flags":[],"title":"x"}\n';
  await expect(importRows(await fresh(), new TextEncoder().encode(text), { format: 'jsonl' })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('field "counts": missing') as string });
});
