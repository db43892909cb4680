// Manifest and catalog: canonical bytes that come back equal; damage, shape and limits are all checked.

import { describe, expect, test } from 'vitest';
import { decodeCatalog, encodeCatalog, type Catalog } from '../../src/format/catalog.js';
import { canonicalJson, encodeEnvelope, type JsonObject } from '../../src/format/envelope.js';
import { crc32c } from '../../src/format/crc.js';
import { decodeManifest, encodeManifest, type Manifest, type SegmentEntry } from '../../src/format/manifest.js';
import { deletionsName, indexName, rowsName } from '../../src/format/keys.js';
import { expectEveryDamageRefused, refusalOf } from './damage.js';
import { SCHEMA } from './samples.js';
import { checkSchema } from '../../src/model/schema.js';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const SEGMENT: SegmentEntry = {
  id: 3,
  rows: 100,
  rowsFile: { name: rowsName(A), sha256: A, sizeBytes: 5000 },
  vectors: { vector: [{ offset: 64, rows: 60 }, { offset: 1088, rows: 40 }] },
  deletions: { name: deletionsName(B), sha256: B, sizeBytes: 60, count: 4 },
  indexes: new Map([['vector', { name: indexName('graph')(B), sha256: B, sizeBytes: 700 }]]),
};
const MANIFEST: Manifest = {
  formatVersion: 1,
  collection: '00000000000000ff',
  name: 'songs',
  version: 12,
  schema: SCHEMA,
  nextLsn: (1n << 64n) - 1n,
  segments: [SEGMENT, { id: 7, rows: 0, rowsFile: { name: rowsName(B), sha256: B, sizeBytes: 900 }, vectors: { vector: [] }, indexes: new Map() }],
};
const CATALOG: Catalog = {
  formatVersion: 1,
  version: 4,
  collections: [
    { id: '0000000000000001', name: 'songs' },
    { id: '00000000000000ff', name: 'pulled', origin: 'https://example.org/é' },
  ],
};

/** `text` and the tail that makes it an envelope. */
function sealed(text: string): Uint8Array {
  const head = new TextEncoder().encode(text);
  return new TextEncoder().encode(`${text},"crc32c":"${crc32c(head).toString(16).padStart(8, '0')}"}`);
}

function readChanged(change: JsonObject): () => unknown {
  return () => decodeManifest(encodeEnvelope({ ...plainManifest(MANIFEST), ...change }, 1e7, 'manifest'), 'FILE');
}

function readSegment(change: JsonObject): () => unknown {
  return readChanged({ segments: [{ ...plainSegment(MANIFEST), ...change }] });
}

/** A manifest as its JSON has it, less the checksum. */
function plainManifest(manifest: Manifest): JsonObject {
  const { crc32c: _, ...plain } = JSON.parse(new TextDecoder().decode(encodeManifest(manifest))) as JsonObject;
  return plain;
}

/** Its first segment. */
function plainSegment(manifest: Manifest): JsonObject {
  return (plainManifest(manifest)['segments'] as readonly JsonObject[])[0] as JsonObject;
}

describe('a manifest', () => {
  test('comes back equal, and its bytes are canonical', () => {
    const bytes = encodeManifest(MANIFEST);
    expect(decodeManifest(bytes, 'FILE')).toEqual(MANIFEST);
    const text = new TextDecoder().decode(bytes);
    expect(text).toMatch(/^\{"collection":"00000000000000ff","formatVersion":1,"name":"songs","nextLsn":"18446744073709551615","schema":\{"description".*,"version":12,"crc32c":"[0-9a-f]{8}"\}$/);
    expect(JSON.parse(text)).toMatchObject({ name: 'songs', version: 12 });
  });

  test('with any bit flipped, any truncation or a byte more is refused', () => {
    expectEveryDamageRefused(encodeManifest(MANIFEST), (bytes) => decodeManifest(bytes, 'FILE'));
  });

  test('of a newer format is unsupported, by its number', () => {
    const error = refusalOf(() => decodeManifest(sealed('{"formatVersion":2,"news":[]'), 'FILE'), 'newer');
    expect(error.code).toBe('Unsupported');
    expect(error.message).toContain('format version 2');
  });

  test.each([
    ['not JSON', '{"formatVersion":1,', 'expected JSON'],
    ['no object', '["formatVersion"', 'expected JSON'],
    ['no version', '{"a":1', 'expected a formatVersion'],
    ['nested too deep', `{"a":${'['.repeat(100_000)}`, 'nested deeper than 16'],
    ['spaced', canonicalJson(plainManifest(MANIFEST)).slice(0, -1).replace(':', ': '), 'canonical'],
  ])('that is %s is refused', (_, text, message) => {
    expect(refusalOf(() => decodeManifest(sealed(text), 'FILE'), message).message).toContain(message);
  });

  test.each<[string, JsonObject, string]>([
    ['a member that we do not know', { more: 1 }, 'without other members'],
    ['a collection id with a path in it', { collection: '../../../../../ff' }, 'collection'],
    ['a name that is none', { name: 'a/b' }, 'name'],
    ['a negative version', { version: -1 }, 'version'],
    ['a version that is no integer', { version: 1.5 }, 'version'],
    ['an LSN that is a number', { nextLsn: 9 }, 'nextLsn'],
    ['an LSN beyond 64 bits', { nextLsn: '18446744073709551616' }, 'nextLsn'],
    ['a schema without vector', { schema: { fields: [{ name: 'id', type: 'Int64', primaryKey: true }], enableDynamicField: false } }, 'expected 1 to 10 vectors'],
    ['a schema with defaults left out', { schema: { fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'vector', type: 'FloatVector', dim: 3 }] } }, 'canonical'],
    ['segments that are no list', { segments: {} }, 'segments: expected an array'],
    ['too many segments', { segments: new Array(100_001).fill(0) }, 'at most 100000'],
    ['a segment twice', { segments: [plainSegment(MANIFEST), plainSegment(MANIFEST)] }, 'duplicate id'],
  ])('with %s is refused', (_, change, message) => {
    expect(refusalOf(readChanged(change), message).message).toContain(message);
  });

  test.each<[string, JsonObject, string]>([
    ['a file name with a path in it', { rowsFile: { name: '../rows', sha256: A, sizeBytes: 5000 } }, 'rowsFile.name'],
    ['a file name of another hash', { rowsFile: { name: rowsName(B), sha256: A, sizeBytes: 5000 } }, 'rowsFile.name'],
    ['a file of another kind', { rowsFile: { name: deletionsName(A), sha256: A, sizeBytes: 5000 } }, 'rowsFile.name'],
    ['a hash that is none', { rowsFile: { name: rowsName('x'), sha256: 'x', sizeBytes: 5000 } }, 'rowsFile.sha256'],
    ['more deletions than rows', { deletions: { name: deletionsName(B), sha256: B, sizeBytes: 60, count: 101 } }, 'deletions.count'],
    ['too many rows', { rows: 2 ** 31 }, 'rows'],
    ['rows beyond its extents', { rows: 101 }, 'expected 101 rows, found 100'],
    ['extents that overlap', { vectors: { vector: [{ offset: 64, rows: 60 }, { offset: 768, rows: 40 }] } }, 'vectors.vector[1].offset'],
    ['extents out of order', { vectors: { vector: [{ offset: 1024, rows: 60 }, { offset: 64, rows: 40 }] } }, 'vectors.vector[1].offset'],
    ['an extent beyond the file', { vectors: { vector: [{ offset: 64, rows: 60 }, { offset: 4544, rows: 40 }] } }, 'beyond the file'],
    ['an extent that is not aligned', { vectors: { vector: [{ offset: 68, rows: 100 }] } }, 'multiple of 64'],
    ['no extents of a vector', { vectors: {} }, 'expected the 1 dense vectors'],
    ['extents of another field', { vectors: { title: [] } }, 'vectors.vector: expected an array'],
    ['nulls of a vector that has none', { vectors: { vector: [{ offset: 64, rows: 100, nulls: 1 }] } }, 'vectors.vector[0].nulls'],
    ['an index of another kind of file', { index: { name: rowsName(B), sha256: B, sizeBytes: 700 } }, 'index.name'],
    ['an index that is none', { index: 7 }, 'index: expected an object'],
    ['indexes by field where there is one vector', { index: undefined, indexes: { vector: { name: indexName('graph')(B), sha256: B, sizeBytes: 700 } } }, 'canonical'],
    ['an extent of no rows', { vectors: { vector: [{ offset: 64, rows: 100 }, { offset: 2048, rows: 0 }] } }, 'vectors.vector[1].rows'],
  ])('with a segment with %s is refused', (_, change, message) => {
    expect(refusalOf(readSegment(change), message).message).toContain(message);
  });

  const TWO: Manifest = {
    ...MANIFEST,
    schema: checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'a', type: 'FloatVector', dim: 4 }, { name: 'b', type: 'Int8Vector', dim: 4 }] }),
    segments: [{ ...SEGMENT, vectors: { a: [{ offset: 64, rows: 100 }], b: [{ offset: 2176, rows: 100 }] }, indexes: new Map([['b', { name: indexName('ivf')(B), sha256: B, sizeBytes: 700 }]]) }],
  };

  test('with index files of one of several vectors comes back equal', () => {
    expect(decodeManifest(encodeManifest(TWO), 'FILE')).toEqual(TWO);
    expect(plainSegment(TWO)).toMatchObject({ indexes: { b: { sizeBytes: 700 } } });
  });

  test.each<[string, JsonObject, string]>([
    ['of no vector of the schema', { indexes: { id: plainSegment(TWO)['indexes'] as JsonObject } }, 'canonical'],
    ['of no vector at all', { indexes: {} }, 'canonical'],
    ['that are a list', { indexes: [] }, 'indexes: expected an object'],
    ['without a field', { indexes: undefined, index: (plainSegment(TWO)['indexes'] as JsonObject)['b'] }, 'canonical'],
    ['of another hash', { indexes: { b: { name: indexName('ivf')(A), sha256: B, sizeBytes: 700 } } }, 'indexes.b.name'],
  ])('of several vectors, with index files %s is refused', (_, change, message) => {
    const bytes = encodeEnvelope({ ...plainManifest(TWO), segments: [{ ...plainSegment(TWO), ...change }] }, 1e7, 'manifest');
    expect(refusalOf(() => decodeManifest(bytes, 'FILE'), message).message).toContain(message);
  });

  test('of several vectors, one within the bytes of another is refused', () => {
    const change = { vectors: { a: [{ offset: 64, rows: 100 }], b: [{ offset: 1664, rows: 100 }] } };
    const bytes = encodeEnvelope({ ...plainManifest(TWO), segments: [{ ...plainSegment(TWO), ...change }] }, 1e7, 'manifest');
    expect(refusalOf(() => decodeManifest(bytes, 'FILE'), 'apart').message).toMatch(/^FILE: segments\[0\]\.vectors\.b\[0\]\.offset: 1664 lies within .*\.vectors\.a\[0\], which ends at \d+$/);
  });

  test('with indexes comes back equal, numbers that came as text still text, and canonical', () => {
    const indexes = [
      { fieldName: 'id', indexName: 'by_id', indexType: 'STL_SORT', params: {} },
      { fieldName: 'vector', indexName: 'near', indexType: 'HNSW_SQ', metricType: 'L2', params: { refine: true, M: '16', efConstruction: 200, sq_type: 'sq8' } },
    ] as const;
    const bytes = encodeManifest({ ...MANIFEST, indexes });
    expect(decodeManifest(bytes, 'FILE')).toEqual({ ...MANIFEST, indexes });
    expect(new TextDecoder().decode(bytes)).toContain(
      '"indexes":[{"fieldName":"id","indexName":"by_id","indexType":"STL_SORT","params":{}},{"fieldName":"vector","indexName":"near","indexType":"HNSW_SQ","metricType":"L2","params":{"M":"16","efConstruction":200,"refine":true,"sq_type":"sq8"}}]',
    );
    expectEveryDamageRefused(bytes, (damaged) => decodeManifest(damaged, 'FILE'));
    expect(encodeManifest({ ...MANIFEST, indexes: [] })).toEqual(encodeManifest(MANIFEST));
  });

  const index: JsonObject = { fieldName: 'vector', indexName: 'near', indexType: 'HNSW', metricType: 'L2', params: { M: 16 } };
  const other: JsonObject = { fieldName: 'id', indexName: 'by_id', indexType: 'INVERTED', params: {} };
  test.each<[string, unknown, string]>([
    ['no list', {}, 'indexes: expected an array'],
    ['an empty list', [], 'indexes: expected at least one'],
    ['too long a list', new Array(65).fill(index), 'at most 64'],
    ['no object', [7], 'indexes[0]: expected an object'],
    ['of no field', [{ ...index, fieldName: 'none' }], 'found "none"'],
    ['of a field twice', [index, { ...index, indexName: 'again' }], 'indexes[1].fieldName'],
    ['out of order', [index, other], 'indexes[1].fieldName'],
    ['of one name', [{ ...other, indexName: 'near' }, index], 'duplicate indexName'],
    ['without a name', [{ ...index, indexName: undefined }], 'canonical'],
    ['with a name that is none', [{ ...index, indexName: 'a/b' }], 'index name'],
    ['of no type', [{ ...index, indexType: 'ANNOY' }], 'invalid index type: ANNOY'],
    ['of a type for other fields', [{ ...index, indexType: 'BIN_FLAT', params: {} }], 'do not support data type'],
    ['of another metric', [{ ...index, metricType: 'IP' }], 'metric type not match'],
    ['without its metric', [{ ...index, metricType: undefined }], 'canonical'],
    ['with a metric that its field has not', [{ ...other, metricType: 'L2' }], 'metric type L2 not found'],
    ['with params that are none', [{ ...index, params: [] }], 'expected an object'],
    ['without params', [{ ...index, params: undefined }], 'canonical'],
    ['with a parameter out of range', [{ ...index, params: { M: 1 } }], "param 'M' (1)"],
    ['with a parameter that it has not', [{ ...index, params: { nlist: 1 } }], "invalid param 'nlist'"],
    ['with a member more', [{ ...index, more: 1 }], 'canonical'],
  ])('with indexes that are %s is refused', (_, indexes, message) => {
    expect(refusalOf(readChanged({ indexes: indexes as JsonObject[] }), message).message).toContain(message);
  });

  test('that would be longer than can be read is not written', () => {
    const segments = Array.from({ length: 30_000 }, (_, id) => ({ ...SEGMENT, id }));
    expect(() => encodeManifest({ ...MANIFEST, segments })).toThrow('manifest: at most 8388608 bytes');
  });
});

describe('a catalog', () => {
  test('comes back equal, empty or not', () => {
    for (const catalog of [CATALOG, { formatVersion: 1, version: 0, collections: [] } as const]) expect(decodeCatalog(encodeCatalog(catalog), 'FILE')).toEqual(catalog);
  });

  test('with any bit flipped, any truncation or a byte more is refused', () => {
    expectEveryDamageRefused(encodeCatalog(CATALOG), (bytes) => decodeCatalog(bytes, 'FILE'));
  });

  test.each<[string, JsonObject[], string]>([
    ['an id twice', [{ id: '0000000000000001', name: 'a' }, { id: '0000000000000001', name: 'b' }], 'duplicate id'],
    ['a name twice', [{ id: '0000000000000001', name: 'a' }, { id: '0000000000000002', name: 'a' }], 'duplicate name'],
    ['an id that is none', [{ id: '1', name: 'a' }], 'collections[0].id'],
    ['a name that is none', [{ id: '0000000000000001', name: '' }], 'collections[0].name'],
    ['a time before 1970', [{ id: '0000000000000001', name: 'a', createdMs: -1 }], 'collections[0].createdMs'],
    ['a release of nothing', [{ id: '0000000000000001', name: 'a', released: [] }], 'collections[0].released'],
    ['a release of what is no number', [{ id: '0000000000000001', name: 'a', released: ['all'] }], 'collections[0].released[0]'],
    ['a release that is none', [{ id: '0000000000000001', name: 'a', released: 'some' }], 'collections[0].released'],
    ['an origin that is no text', [{ id: '0000000000000001', name: 'a', origin: 1 }], 'collections[0].origin'],
  ])('with %s is refused', (_, collections, message) => {
    expect(refusalOf(() => decodeCatalog(encodeEnvelope({ version: 1, collections }, 1e6, 'catalog'), 'FILE'), message).message).toContain(message);
  });
});
