// Vectors of every type through files: what is exported and imported again is the same, nulls included.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { concatBytes } from '../../src/format/bytes.js';
import { exportBytes, type ExportOptions } from '../../src/io/export.js';
import { importCollection, importRows } from '../../src/io/import.js';
import type { RowInput } from '../../src/model/row.js';
import { testDatabase } from '../support/database.js';
import { random } from '../support/random.js';

const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'f', type: 'FloatVector', dim: 3, metric: 'L2' },
  { name: 'h', type: 'Float16Vector', dim: 3, nullable: true },
  { name: 'b', type: 'BFloat16Vector', dim: 3, metric: 'IP' },
  { name: 'i', type: 'Int8Vector', dim: 3 },
  { name: 'x', type: 'BinaryVector', dim: 16, nullable: true },
  { name: 's', type: 'SparseFloatVector', nullable: true },
] as const;

function rowsOf(count: number): readonly RowInput[] {
  const next = random(8);
  const numbers = (): number[] => Array.from({ length: 3 }, () => 1 + Math.floor(next() * 100));
  return Array.from({ length: count }, (_, id) => ({
    id,
    f: numbers().map((x) => x / 3),
    h: id % 3 === 0 ? null : numbers().map((x) => x / 7),
    b: numbers().map((x) => -x / 5),
    i: numbers(),
    x: id % 4 === 0 ? null : numbers().slice(1),
    s: id % 5 === 0 ? null : Object.fromEntries(numbers().slice(id % 3).map((x) => [x * 40_000_000, x / 9])),
  }));
}

async function exported(collection: Collection, options: ExportOptions): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of exportBytes(collection, options)) parts.push(part.slice());
  return concatBytes(parts);
}

test.each(['parquet', 'jsonl', 'csv'] as const)('%s keeps them all', async (format) => {
  const database = await testDatabase();
  const collection: Collection = await database.createCollection({ name: 'from', fields: FIELDS });
  await collection.insert(rowsOf(40));
  const into: Collection = await database.createCollection({ name: 'into', fields: FIELDS });
  expect(await importRows(into, await exported(collection, { format }), { format })).toMatchObject({ rows: 40, skipped: 0 });
  const ids = Array.from({ length: 40 }, (_, id) => id);
  const expected = await collection.get({ ids });
  expect(await into.get({ ids })).toEqual(expected);
  if (format === 'parquet') {
    await importCollection(database, 'anew', await exported(collection, { format }), { format });
    const anew = await database.collection('anew');
    expect(anew.schema.fields).toEqual(collection.schema.fields);
    expect(await anew.get({ ids })).toEqual(expected);
  }
  await database.close();
});

test('npy and fvecs hold FloatVectors alone', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({ name: 'c', fields: [FIELDS[0], FIELDS[4]] });
  for (const format of ['npy', 'fvecs'] as const) await expect(exported(collection, { format })).rejects.toMatchObject({ code: 'InvalidArgument', message: `format ${format}: expected a FloatVector without nulls, "i" is Int8Vector` });
  await database.close();
});
