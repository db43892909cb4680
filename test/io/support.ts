// What the tests of import and export share: a collection of every type with awkward values, and bytes in pieces.

import type { Collection } from '../../src/engine/api.js';
import { exportBytes, type ExportOptions } from '../../src/io/export.js';
import type { Field } from '../../src/model/field.js';
import type { Row } from '../../src/model/row.js';
import type { SyncDatabase } from '../../src/sync/database.js';

export const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'good', type: 'Bool' },
  { name: 'tiny', type: 'Int8' },
  { name: 'small', type: 'Int16' },
  { name: 'medium', type: 'Int32' },
  { name: 'large', type: 'Int64' },
  { name: 'single', type: 'Float' },
  { name: 'twice', type: 'Double' },
  { name: 'title', type: 'VarChar', maxLength: 200 },
  { name: 'more', type: 'JSON' },
  { name: 'meaning', type: 'FloatVector', dim: 3, metric: 'L2' },
  { name: 'maybe', type: 'Int32', nullable: true },
  { name: 'label', type: 'VarChar', maxLength: 100, nullable: true },
  { name: 'note', type: 'JSON', nullable: true },
  { name: 'level', type: 'Int16', defaultValue: 7 },
  { name: 'tags', type: 'Array', elementType: 'VarChar', maxLength: 100, maxCapacity: 8 },
  { name: 'counts', type: 'Array', elementType: 'Int64', maxCapacity: 8, nullable: true },
  { name: 'weights', type: 'Array', elementType: 'Float', maxCapacity: 8, nullable: true },
  { name: 'flags', type: 'Array', elementType: 'Bool', maxCapacity: 8 },
  { name: 'at', type: 'Timestamptz', nullable: true },
  { name: 'place', type: 'Geometry', nullable: true },
];

const TEXTS = ['', ' ', ',', '"', '""', 'a "quoted" word', 'two\nlines', 'two\r\nlines', '\r', 'x,y', '🪁 kite', 'é', 'null', '[1,2]', '123', 'true', '\ufefffirst', '\u2028'];
const INT64S = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

/** Row `i`, each with other awkward values. */
export function awkwardRow(i: number): Row {
  const text = TEXTS[i % TEXTS.length] as string;
  return {
    id: i === 0 ? -(2n ** 63n) : i === 1 ? 2n ** 63n - 1n : 2n ** 53n + BigInt(i),
    good: i % 2 === 0,
    tiny: -128 + (i % 256),
    small: -32_768 + i,
    medium: 2_147_483_647 - i,
    large: INT64S[i % INT64S.length] as bigint,
    single: Math.fround([0.1, -0, 3.4028234663852886e38, 2 ** -149][i % 4] as number),
    twice: [0.1, -0, Number.MAX_VALUE, Number.MIN_VALUE, 1e21][i % 5] as number,
    title: text,
    more: [{ a: [1, text], b: null }, text, [], 1.5, { large: [2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n], double: 2 ** 60 }][i % 5] as Row[string],
    meaning: Float32Array.of(0.1 * i, -1 / 3, 1e-40),
    maybe: i % 3 === 1 ? null : -i,
    label: i % 4 === 2 ? null : text,
    note: i % 3 === 2 ? null : { text },
    level: i % 5,
    tags: TEXTS.slice(i % 5, (i % 5) + (i % 4)),
    counts: i % 4 === 3 ? null : INT64S.slice(0, i % 5),
    weights: i % 6 === 5 ? null : [0.1, -0, 2 ** -149].slice(0, i % 4).map(Math.fround),
    flags: [true, false, true].slice(i % 3),
    at: i % 5 === 4 ? null : ['1969-12-31T23:59:59.999999Z', '2024-02-29T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'][i % 4] as string,
    place: i % 7 === 6 ? null : `POINT (${i} -0.5)`,
    ...(i % 3 === 0 ? {} : { extra: i % 3 === 1 ? text : { deep: [text, 2n ** 53n + 1n] }, 'a key': i }),
  };
}

export const awkwardRows = (count: number): Row[] => Array.from({ length: count }, (_, i) => awkwardRow(i));

export async function awkwardCollection(database: SyncDatabase, name: string, rows: number): Promise<Collection> {
  const collection = await database.createCollection({ name, fields: FIELDS, enableDynamicField: true });
  if (rows > 0) await collection.insert(awkwardRows(rows));
  return collection;
}

export async function bytesOfExport(collection: Collection, options: ExportOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of exportBytes(collection, options)) parts.push(part.slice());
  return Buffer.concat(parts);
}

/** Every row, by key. */
export async function rowsOf(collection: Collection): Promise<readonly Row[]> {
  return collection.get({ ids: [...(await collection.keys())] });
}

/** The bytes in pieces of `size`, in one buffer that is filled anew each time, as a reader of files may do. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
