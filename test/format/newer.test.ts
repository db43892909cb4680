// Files of a later version: every kind is refused as Unsupported, by its number, however little of it we understand.

import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../../src/format/batch.js';
import { bytesOf, concatBytes, dataViewOf, encodeText } from '../../src/format/bytes.js';
import { decodeCalibration, encodeCalibration } from '../../src/format/calibration.js';
import { decodeCatalog } from '../../src/format/catalog.js';
import { crc32c } from '../../src/format/crc.js';
import { decodeFileIndex } from '../../src/format/file-index.js';
import { checkIndexVersion } from '../../src/format/index-version.js';
import { encodeLogHeader, readLog } from '../../src/format/log.js';
import { decodeManifest } from '../../src/format/manifest.js';
import { decodePublication } from '../../src/format/publication.js';
import { encodeFooter } from '../../src/format/parquet.js';
import { decodeRows } from '../../src/format/rows-file.js';
import { RowsReader } from '../../src/format/rows-reader.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import { wasmModule } from '../core/flat-cores.js';
import { flipped, refusalOf } from './damage.js';
import { columnsOf, SMALL_SCHEMA } from './samples.js';

const VERSION = 7;

/** What an envelope of that version may hold, sealed. */
function envelope(): Uint8Array {
  const head = encodeText(`{"formatVersion":${VERSION},"news":[1,2]`);
  return concatBytes([head, encodeText(`,"crc32c":"${crc32c(head).toString(16).padStart(8, '0')}"}`)]);
}

/** `bytes` with that version at `at`, and behind `crcAt` bytes the checksum of all before it. */
function versioned(bytes: Uint8Array, at: number, crcAt?: number): Uint8Array {
  const changed = bytes.slice();
  dataViewOf(changed).setUint32(at, VERSION, true);
  if (crcAt !== undefined) dataViewOf(changed).setUint32(crcAt, crc32c(changed.subarray(0, crcAt)), true);
  return changed;
}

function rows(): Uint8Array {
  const footer = encodeFooter({ rows: 0, groups: [], keyValues: new Map([['elanus.version', `${VERSION}`], ['elanus.news', 'x']]) }, []);
  return concatBytes([encodeText('PAR1'), footer, bytesOf(Uint32Array.of(footer.length)), encodeText('PAR1')]);
}

function indexHeader(version: number): Uint8Array {
  const header = new Uint8Array(128);
  header.set(encodeText('ELANUSIX'));
  dataViewOf(header).setUint32(8, version, true);
  dataViewOf(header).setUint32(124, crc32c(header.subarray(0, 124)), true);
  return header;
}

const batch = encodeBatch({ kind: 'write', columns: columnsOf(SMALL_SCHEMA, 2, 1) }, SMALL_SCHEMA);

test.each<[string, () => unknown]>([
  ['catalog', () => decodeCatalog(envelope(), 'FILE')],
  ['manifest', () => decodeManifest(envelope(), 'FILE')],
  ['publication', () => decodePublication(envelope(), 'FILE')],
  ['file index', () => decodeFileIndex(envelope(), 'FILE')],
  ['log', () => readLog(versioned(encodeLogHeader('00000000000000ff', 1n, 7), 8, 44), 'FILE')],
  ['batch', () => decodeBatch(Uint8Array.of(1, VERSION, ...batch.subarray(2)), { schema: SMALL_SCHEMA }, 'FILE')],
  ['rows file', () => decodeRows(rows(), SMALL_SCHEMA, 'FILE')],
  ['index file', () => checkIndexVersion(indexHeader(VERSION), 'FILE')],
  ['calibration', () => decodeCalibration(versioned(encodeCalibration({ far: 1, points: [] }), 0), 'FILE')],
])('a %s of a newer version is unsupported, by its number', (_, read) => {
  const error = refusalOf(read, 'newer');
  expect(error.code).toBe('Unsupported');
  expect(error.message).toMatch(/^FILE: .*version 7 is newer than 1, the newest that this release reads$/);
});

test('a rows file of a newer version is unsupported when it is read piece by piece too', async () => {
  const bytes = rows();
  const opening = RowsReader.open(async (offset, length) => bytes.slice(offset, offset + length), bytes.length, SMALL_SCHEMA, 'FILE');
  await expect(opening).rejects.toMatchObject({ code: 'Unsupported', file: 'FILE', message: expect.stringContaining('rows format version 7') as string });
});

test('the core does not open an index file of a newer version', () => {
  const core = createWasmCore(wasmModule, {} as never);
  expect(() => core.openSparse(indexHeader(VERSION))).toThrow(expect.objectContaining({ code: 'Unsupported' }));
});

test('an index file that is none, of version 0 or damaged is Corrupt', () => {
  expect(() => checkIndexVersion(indexHeader(1), 'FILE')).not.toThrow();
  const headers = [indexHeader(0), indexHeader(1).subarray(0, 127), ...Array.from({ length: 128 }, (_, at) => flipped(indexHeader(1), at, at % 8))];
  for (const header of headers) expect(refusalOf(() => checkIndexVersion(header, 'FILE'), 'damaged').code).toBe('Corrupt');
});
