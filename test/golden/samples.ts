// What the golden files of version 1 hold. Neither this nor they ever change: a new format gets a new folder.

import type { Batch } from '../../src/format/batch.js';
import type { Catalog } from '../../src/format/catalog.js';
import { concatBytes } from '../../src/format/bytes.js';
import { encodeBatch } from '../../src/format/batch.js';
import { encodeCatalog } from '../../src/format/catalog.js';
import { encodeDeletions } from '../../src/format/deletion-vector.js';
import { encodeFileIndex, type IndexedFile } from '../../src/format/file-index.js';
import { indexName } from '../../src/format/keys.js';
import { encodeEndMark, encodeLogHeader, encodeRecordHeader } from '../../src/format/log.js';
import { encodeManifest, type Manifest } from '../../src/format/manifest.js';
import { encodeRows } from '../../src/format/rows-file.js';
import type { Column, Columns } from '../../src/model/columns.js';
import { checkSchema, checkStoredSchema } from '../../src/model/schema.js';

export const SCHEMA = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'flag', type: 'Bool' },
    { name: 'tiny', type: 'Int8' },
    { name: 'small', type: 'Int16' },
    { name: 'medium', type: 'Int32' },
    { name: 'single', type: 'Float' },
    { name: 'double', type: 'Double' },
    { name: 'title', type: 'VarChar', maxLength: 100, description: 'Žlutý "kůň"' },
    { name: 'vector', type: 'FloatVector', dim: 3, metric: 'L2' },
  ],
  enableDynamicField: true,
  description: 'every type',
});

export const COLUMNS: Columns = {
  rows: 3,
  byName: new Map([
    ['id', { type: 'Int64', values: BigInt64Array.of(-(1n << 63n), 0n, (1n << 63n) - 1n) }],
    ['flag', { type: 'Bool', values: Uint8Array.of(1, 0, 1) }],
    ['tiny', { type: 'Int8', values: Int8Array.of(-128, 0, 127) }],
    ['small', { type: 'Int16', values: Int16Array.of(-32_768, 0, 32_767) }],
    ['medium', { type: 'Int32', values: Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1) }],
    ['single', { type: 'Float', values: Float32Array.of(-0, 1e-40, 3.4e38) }],
    ['double', { type: 'Double', values: Float64Array.of(-0, 5e-324, 1.7e308) }],
    ['title', { type: 'VarChar', values: ['', 'naïve 日本語', '😀'] }],
    ['vector', { type: 'FloatVector', dim: 3, values: Float32Array.of(1, 2, 3, -4, 5.5, 1e-3, 0, -0, 0.1) }],
    ['$meta', { type: 'JSON', values: ['{}', '{"a":[1,null]}', '{"é":"\\u0000"}'] }],
  ]),
};

const bitsOf = (bits: number): Uint8Array => Uint8Array.of(bits, 0, 0, 0, 0, 0, 0, 0);

/** SCHEMA after two changes: a text may be longer, then a field was added, and columns of the collection's own. */
export const EVOLVED_SCHEMA = checkStoredSchema({
  ...SCHEMA,
  fields: [...SCHEMA.fields.map((field) => (field.name === 'title' ? { ...field, maxLength: 200, mmapEnabled: true } : field)), { name: 'year', type: 'Int16', nullable: true, defaultValue: 1999 }],
  version: 2,
  hidden: [{ name: '$partition', type: 'Int32', defaultValue: 0 }, { name: '$time', type: 'Timestamptz', defaultValue: '2026-01-02T03:04:05Z' }],
});

export const EVOLVED_COLUMNS: Columns = {
  rows: 3,
  byName: new Map<string, Column>([
    ...COLUMNS.byName,
    ['year', { type: 'Int16', values: Int16Array.of(1, 0, 3), valid: bitsOf(0b101) }],
    ['$partition', { type: 'Int32', values: Int32Array.of(0, 1, 1023) }],
    ['$time', { type: 'Timestamptz', values: BigInt64Array.of(1n, 2n, 3n) }],
  ]),
};

/** What came to the scalars and the one vector above: the other types, nulls, several vectors. */
export const FULL_SCHEMA = checkSchema({
  fields: [
    { name: 'key', type: 'VarChar', primaryKey: true, maxLength: 8 },
    { name: 'flag', type: 'Bool', nullable: true },
    { name: 'tiny', type: 'Int8', nullable: true, defaultValue: -7 },
    { name: 'large', type: 'Int64', nullable: true, defaultValue: 9_223_372_036_854_775_807n },
    { name: 'text', type: 'VarChar', nullable: true },
    { name: 'document', type: 'JSON', nullable: true },
    { name: 'place', type: 'Geometry' },
    { name: 'moment', type: 'Timestamptz', defaultValue: '2026-01-02T03:04:05.5+01:00' },
    { name: 'tags', type: 'Array', elementType: 'VarChar', maxCapacity: 4, maxLength: 20, nullable: true },
    { name: 'counts', type: 'Array', elementType: 'Int16', maxCapacity: 4096, defaultValue: [1, 2] },
    { name: 'vector', type: 'FloatVector', dim: 2, nullable: true },
    { name: 'half', type: 'Float16Vector', dim: 2 },
    { name: 'brain', type: 'BFloat16Vector', dim: 3, metric: 'IP' },
    { name: 'bytes', type: 'Int8Vector', dim: 3, metric: 'L2' },
    { name: 'bits', type: 'BinaryVector', dim: 16, metric: 'JACCARD' },
    { name: 'terms', type: 'SparseFloatVector', nullable: true },
  ],
});

export const FULL_COLUMNS: Columns = {
  rows: 4,
  byName: new Map<string, Column>([
    ['key', { type: 'VarChar', values: ['a', 'b', 'c', 'd'] }],
    ['flag', { type: 'Bool', values: Uint8Array.of(1, 0, 0, 0), valid: bitsOf(0b1011) }],
    ['tiny', { type: 'Int8', values: Int8Array.of(-128, 0, 127, 1) }],
    ['large', { type: 'Int64', values: BigInt64Array.of(0n, 0n, 1n, 0n), valid: bitsOf(0b0100) }],
    ['text', { type: 'VarChar', values: ['', '', 'é', ''], valid: bitsOf(0b0101) }],
    ['document', { type: 'JSON', values: ['null', '', '{}', '[1]'], valid: bitsOf(0b1101) }],
    ['place', { type: 'Geometry', values: ['POINT (1 2)', 'POINT EMPTY', 'LINESTRING (0 0, 1 1)', 'POINT Z (1 2 3)'] }],
    ['moment', { type: 'Timestamptz', values: BigInt64Array.of(0n, -1n, 253_402_300_799_999_999n, -62_167_219_200_000_000n) }],
    ['tags', { type: 'Array', offsets: Uint32Array.of(0, 2, 2, 2, 3), values: { type: 'VarChar', values: ['x', '', 'ž'] }, valid: bitsOf(0b1011) }],
    ['counts', { type: 'Array', offsets: Uint32Array.of(0, 1, 1, 1, 4), values: { type: 'Int16', values: Int16Array.of(-32_768, 1, 2, 32_767) } }],
    ['vector', { type: 'FloatVector', dim: 2, values: Float32Array.of(1, -2, 0, 0, 0, 0, 0.1, 3e38), valid: bitsOf(0b1001) }],
    ['half', { type: 'Float16Vector', dim: 2, values: Uint16Array.of(0x3c00, 0, 1, 0x7bff, 0x8000, 2, 3, 4) }],
    ['brain', { type: 'BFloat16Vector', dim: 3, values: Uint16Array.from({ length: 12 }, (_, i) => 0x3f80 + i) }],
    ['bytes', { type: 'Int8Vector', dim: 3, values: Int8Array.from({ length: 12 }, (_, i) => i * 20 - 128) }],
    ['bits', { type: 'BinaryVector', dim: 16, values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255) }],
    ['terms', { type: 'SparseFloatVector', offsets: Uint32Array.of(0, 2, 2, 2, 3), indices: Uint32Array.of(0, 4_294_967_294, 7), values: Float32Array.of(0.5, -1, 2), valid: bitsOf(0b1011) }],
  ]),
};

const SHA_A = '0a'.repeat(32);
const SHA_B = 'f9'.repeat(32);

export const MANIFEST: Manifest = {
  formatVersion: 1,
  collection: '00000000000000ff',
  name: 'songs',
  version: 12,
  schema: SCHEMA,
  nextLsn: 9_007_199_254_740_993n,
  segments: [
    {
      id: 3,
      rows: 100,
      rowsFile: { name: `rows-${SHA_A}.parquet`, sha256: SHA_A, sizeBytes: 5000 },
      vectors: { vector: [{ offset: 64, rows: 60 }, { offset: 1088, rows: 40 }] },
      deletions: { name: `del-${SHA_B}.dv`, sha256: SHA_B, sizeBytes: 60, count: 4 },
      indexes: new Map(),
    },
  ],
};

/** A segment of FULL_SCHEMA. */
export const FULL_MANIFEST: Manifest = {
  ...MANIFEST,
  schema: FULL_SCHEMA,
  segments: [
    {
      id: 1,
      rows: 4,
      rowsFile: { name: `rows-${SHA_A}.parquet`, sha256: SHA_A, sizeBytes: 5000 },
      vectors: encodeRows(FULL_COLUMNS, FULL_SCHEMA, 3).vectors,
      indexes: new Map(),
    },
  ],
};

/** Its statistics, as they are kept of rows like these. */
export const STATISTICS_MANIFEST: Manifest = { ...FULL_MANIFEST, segments: FULL_MANIFEST.segments.map((segment) => ({ ...segment, statistics: encodeRows(FULL_COLUMNS, FULL_SCHEMA, 3).statistics })) };
/** The same with index files: of the only vector, and of some of several. */
export const INDEXED_MANIFEST = withIndexes(MANIFEST, ['vector']);
export const FULL_INDEXED_MANIFEST = withIndexes(FULL_MANIFEST, ['vector', 'half']);
export const SPARSE_INDEXED_MANIFEST = withIndexes(FULL_MANIFEST, ['bytes', 'terms']);

/** Segments of three schemas. */
export const EVOLVED_MANIFEST: Manifest = {
  ...MANIFEST,
  schema: EVOLVED_SCHEMA,
  schemas: [SCHEMA, { ...SCHEMA, description: 'once changed', version: 1 }],
  segments: MANIFEST.segments.flatMap((segment) => [segment, { ...segment, id: 4, schema: 1 }, { ...segment, id: 5, schema: 2 }]),
};

/** Partitions of which one was dropped, and what was set by name. */
export const PARTITIONS_MANIFEST: Manifest = {
  ...EVOLVED_MANIFEST,
  partitions: { list: [{ name: '_default', number: 0 }, { name: 'late', number: 2 }], next: 3 },
  properties: { 'collection.ttl.seconds': '60', note: 'é' },
  consistencyLevel: 'Strong',
};

/** Two databases, and an alias in each. */
export const NAMES_CATALOG: Catalog = {
  formatVersion: 1,
  version: 6,
  collections: [
    { id: '0000000000000001', name: 'songs' },
    { id: '00000000000000ff', name: 'songs', database: 'other' },
  ],
  aliases: [
    { name: 'now', collection: '0000000000000001' },
    { name: 'now', collection: '00000000000000ff', database: 'other' },
  ],
  databases: [{ name: 'other' }, { name: 'default', properties: { 'database.replica.number': '1', ä: '' } }],
};

/** When things were made, and what of them is released. */
export const KEPT_CATALOG: Catalog = {
  formatVersion: 1,
  version: 8,
  collections: [
    { id: '0000000000000001', name: 'songs', createdMs: 1_790_000_000_123, released: 'all' },
    { id: '00000000000000ff', name: 'parts', createdMs: 0, released: [0, 7] },
  ],
  databases: [{ name: 'other', createdMs: 1_790_000_000_000 }],
};

/** A partition that tells when it was made. */
export const DATED_MANIFEST: Manifest = { ...PARTITIONS_MANIFEST, partitions: { list: [{ name: '_default', number: 0 }, { name: 'late', number: 2, createdMs: 1_790_000_000_123 }], next: 3 } };

export const CATALOG: Catalog = {
  formatVersion: 1,
  version: 4,
  collections: [
    { id: '0000000000000001', name: 'songs' },
    { id: '00000000000000ff', name: 'pulled', origin: 'https://example.org/' },
  ],
};

export const FILE_INDEX: readonly IndexedFile[] = [
  { key: `c00000000000000ff/rows-${SHA_A}.parquet`, sizeBytes: 5000 },
  { key: 'catalog/00000000000000000004.json', sizeBytes: 0 },
];

export const FIRST_LSN = 41n;
export const LOG_SEED = 0xe1a4_0501;
export const BATCHES: readonly Batch[] = [
  { kind: 'write', columns: COLUMNS },
  { kind: 'delete', keys: BigInt64Array.of(0n, -1n) },
];

/** Two arrays, and a bitmap between them. */
export const DELETIONS = Uint32Array.from([0, 5, 65_535, ...Array.from({ length: 5000 }, (_, i) => 65_536 + i * 13), 0x7fff_fffe]);

/** Every golden file by its name. */
export function encodeAll(): ReadonlyMap<string, Uint8Array> {
  const records = BATCHES.flatMap((batch, i) => {
    const payload = encodeBatch(batch, SCHEMA);
    return [encodeRecordHeader(LOG_SEED, FIRST_LSN + BigInt(i), FIRST_LSN, payload), payload];
  });
  const log = [encodeLogHeader(MANIFEST.collection, FIRST_LSN, LOG_SEED), ...records, encodeEndMark(LOG_SEED, FIRST_LSN + BigInt(BATCHES.length))];
  const full = encodeBatch({ kind: 'write', columns: FULL_COLUMNS }, FULL_SCHEMA);
  return new Map<string, Uint8Array>([
    ['catalog.json', encodeCatalog(CATALOG)],
    ['catalog-names.json', encodeCatalog(NAMES_CATALOG)],
    ['catalog-kept.json', encodeCatalog(KEPT_CATALOG)],
    ['manifest-dated.json', encodeManifest(DATED_MANIFEST)],
    ['manifest.json', encodeManifest(MANIFEST)],
    ['manifest-evolved.json', encodeManifest(EVOLVED_MANIFEST)],
    ['manifest-partitions.json', encodeManifest(PARTITIONS_MANIFEST)],
    ['batch-evolved.bin', encodeBatch({ kind: 'write', columns: EVOLVED_COLUMNS }, EVOLVED_SCHEMA)],
    ['rows-evolved.parquet', encodeRows(EVOLVED_COLUMNS, EVOLVED_SCHEMA, 2).bytes],
    ['wal.bin', concatBytes(log)],
    ['rows.parquet', encodeRows(COLUMNS, SCHEMA, 2).bytes],
    ['manifest-full.json', encodeManifest(FULL_MANIFEST)],
    ['manifest-statistics.json', encodeManifest(STATISTICS_MANIFEST)],
    ['manifest-indexed.json', encodeManifest(INDEXED_MANIFEST)],
    ['manifest-full-indexed.json', encodeManifest(FULL_INDEXED_MANIFEST)],
    ['manifest-sparse-indexed.json', encodeManifest(SPARSE_INDEXED_MANIFEST)],
    ['wal-full.bin', concatBytes([encodeLogHeader(MANIFEST.collection, FIRST_LSN, LOG_SEED), encodeRecordHeader(LOG_SEED, FIRST_LSN, FIRST_LSN, full), full])],
    ['rows-full.parquet', encodeRows(FULL_COLUMNS, FULL_SCHEMA, 3).bytes],
    ['deletions.dv', encodeDeletions(DELETIONS)],
    ['index.json', encodeFileIndex(FILE_INDEX)],
  ]);
}

function withIndexes(manifest: Manifest, fields: readonly string[]): Manifest {
  const indexes = new Map(fields.map((field, i) => [field, { name: indexName(field === 'terms' ? 'sparse' : i === 0 ? 'graph' : 'ivf')(SHA_B), sha256: SHA_B, sizeBytes: 7000 + i }]));
  return { ...manifest, segments: manifest.segments.map((segment) => ({ ...segment, indexes })) };
}
