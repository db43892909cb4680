// What is read into memory at once stays below the limit together, whatever it is.

import { beforeAll, expect, test } from 'vitest';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { CollectionFiles } from '../../src/engine/files/collection-files.js';
import { SegmentFiles } from '../../src/engine/files/segment-files.js';
import { plainVault } from '../../src/engine/files/vault.js';
import { Residency, type Need } from '../../src/engine/table/residency.js';
import { Segment } from '../../src/engine/table/segment.js';
import { Table } from '../../src/engine/table/table.js';
import { columnsOf } from '../../src/engine/upkeep/sealer.js';
import { buildSparseIndex } from '../../src/engine/upkeep/sparse-indexer.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { encodeCalibration } from '../../src/format/calibration.js';
import { bytesOfHex } from '../../src/format/bytes.js';
import { indexName, rowsName } from '../../src/format/keys.js';
import type { FileEntry, SegmentEntry } from '../../src/format/manifest.js';
import { encodeRows } from '../../src/format/rows-file.js';
import type { SparseColumn } from '../../src/model/columns.js';
import { checkSchema, sparseFields, type SparseField } from '../../src/model/schema.js';
import type { Core, FlatIndex } from '../../src/ports/core.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { addon } from '../core/flat-cores.js';
import { compileAsset } from '../support/assets.js';
import { testAmbient } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const DIM = 16;
const ROWS = 1500;
const SEGMENTS = 8;
const schema = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'text', type: 'VarChar', maxLength: 200 },
    { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' },
    { name: 's', type: 'SparseFloatVector', metric: 'IP' },
  ],
});

let core: Core;
let files: CollectionFiles;
let entry: SegmentEntry;
beforeAll(async () => {
  core = createNativeCore(addon, createPredicates(await compileAsset('filter.wasm')));
  files = new CollectionFiles('0123456789abcdef', { storage: memoryStorage(), core, ambient: testAmbient(1), durable: false }, plainVault);
  const next = random(1);
  const sparse = (): Record<number, number> => Object.fromEntries(Array.from({ length: 20 }, () => [randomInteger(next, 5000), next()]));
  const table = new Table(schema, core);
  table.write(rowsToBatch(Array.from({ length: ROWS }, (_, id) => ({ id, text: `row ${id} `.repeat(15), v: randomVector(next, DIM), s: sparse() })), schema, undefined).columns);
  const segment = table.freeze() as Segment;
  const { bytes, vectors } = encodeRows(columnsOf(segment, schema), schema, 500);
  const rowsFile = await files.putFile(bytes, rowsName);
  const build = core.buildIndex(segment.part('v').loaded as FlatIndex, { kind: 'graph', seed: 1, rowsSha256: bytesOfHex(rowsFile.sha256) });
  while (!build.step(1_000_000));
  const dense = await files.putFile(build.bytes('graph', encodeCalibration({ far: 0, points: [{ k: 10, effort: 80, keep: 80, rerank: 40, patience: 0, recall: 9500 }] })), indexName('graph'));
  build.close();
  const column = columnsOf(segment, schema).byName.get('s') as SparseColumn;
  const built = await buildSparseIndex(sparseFields(schema)[0] as SparseField, column, bytesOfHex(rowsFile.sha256), core, async () => undefined);
  if (built === undefined) return fail('there is no sparse index');
  const indexes = new Map<string, FileEntry>([['v', dense], ['s', await files.putFile(built.bytes, indexName('sparse'))]]);
  built.index.close();
  entry = { id: 0, rows: ROWS, rowsFile, vectors, indexes };
  table.close();
});

function fail(message: string): never {
  throw new Error(message);
}

/** As many segments of the same files, nothing of them in memory. */
function segmentsOf(withIndexes: boolean): readonly Segment[] {
  const stored = withIndexes ? entry : { ...entry, indexes: new Map() };
  return Array.from({ length: SEGMENTS }, (_, ordinal) => Segment.sealed(ordinal, schema, { entry: stored, files: new SegmentFiles(files, stored, schema, { schema }) }, new Uint32Array(0)));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['columns', { columns: ['text'] }, true],
  ['indexes', { columns: [], field: 'v', part: 'index' }, true],
  ['vectors and the indexes over them', { columns: [], field: 'v', part: 'vectors' }, true],
  ['sparse indexes', { columns: [], field: 's', part: 'index' }, true],
  ['sparse indexes that are made of their column', { columns: [], field: 's', part: 'index' }, false],
] as readonly (readonly [string, Need, boolean])[])('%s of many segments at once are read as far as there is room, and the rest is refused', async (_what, need, withIndexes) => {
  const segments = segmentsOf(withIndexes);
  const alone = new Residency(core, undefined, fail);
  segments.forEach((segment) => alone.watch(segment));
  const before = alone.usedBytes;
  await alone.use(segments[0] as Segment, need, () => undefined);
  const each = alone.usedBytes - before;
  segments[0]?.dropVectors();
  segments[0]?.dropColumns();

  const limit = before + 3.5 * each;
  const residency = new Residency(core, limit, fail);
  segments.forEach((segment) => residency.watch(segment));
  let mostBytes = 0;
  const look = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns++) {
      await turn();
      mostBytes = Math.max(mostBytes, residency.usedBytes);
    }
  };
  const uses = await Promise.allSettled(segments.map((segment) => residency.use(segment, need, look)));
  expect(mostBytes).toBeGreaterThanOrEqual(before + each);
  expect(mostBytes).toBeLessThanOrEqual(limit);
  const refused = uses.flatMap((use) => (use.status === 'rejected' ? [use.reason as unknown] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) expect(error).toMatchObject({ code: 'OutOfMemory' });
  // What was on its way is counted no more.
  for (const segment of segments) {
    segment.dropVectors();
    segment.dropColumns();
  }
  expect(residency.usedBytes).toBe(before);
});
