// Searches beside calls that need the memory of what they look at: an answer has every row, and nobody's call fails for it.

import { beforeAll, describe, expect, test } from 'vitest';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { CollectionFiles } from '../../src/engine/files/collection-files.js';
import { SegmentFiles } from '../../src/engine/files/segment-files.js';
import { plainVault } from '../../src/engine/files/vault.js';
import type { Reader } from '../../src/engine/read/visit.js';
import { planSearch, type SearchPlan } from '../../src/engine/search/search-plan.js';
import { runSearch, type Engines } from '../../src/engine/search/search.js';
import { Residency } from '../../src/engine/table/residency.js';
import type { Segment } from '../../src/engine/table/segment.js';
import { Table } from '../../src/engine/table/table.js';
import { columnsOf } from '../../src/engine/upkeep/sealer.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { encodeCalibration, type Calibration } from '../../src/format/calibration.js';
import { indexName, rowsName } from '../../src/format/keys.js';
import type { SegmentEntry } from '../../src/format/manifest.js';
import { encodeRows } from '../../src/format/rows-file.js';
import type { Bitset } from '../../src/model/bitset.js';
import { ElanusError } from '../../src/model/errors.js';
import { checkSchema } from '../../src/model/schema.js';
import type { Accelerator, AnnIndex, Candidates, Core, FlatIndex } from '../../src/ports/core.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { addon } from '../core/flat-cores.js';
import { compileAsset } from '../support/assets.js';
import { testAmbient } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 16;
const LIMIT = 64 * 2 ** 20;
const SEALED = 1500;
const OTHERS = 200;
const QUERIES = 32;
const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' }] });
const CALIBRATION: Calibration = { far: 0, points: [{ k: 10, effort: 80, keep: 80, rerank: 40, patience: 0, recall: 9500 }, { k: 10, effort: 0, keep: 80, rerank: 40, patience: 30, recall: 9500 }] };

let core: Core;
beforeAll(async () => {
  core = createNativeCore(addon, createPredicates(await compileAsset('filter.wasm')), { threads: 2 });
});

interface Opened {
  readonly table: Table;
  readonly sealed: Segment;
  readonly residency: Residency;
  readonly reader: Reader;
  /** Others' calls have taken all the memory that they could get. */
  readonly takeAll: () => void;
  /** It is in memory again. */
  readonly reload: () => Promise<void>;
}

/** A sealed segment in files and in memory, a frozen and a growing one. */
async function opened(): Promise<Opened> {
  const table = new Table(schema, core);
  const next = random(1);
  const write = (first: number, count: number): void => table.write(rowsToBatch(Array.from({ length: count }, (_, at) => ({ id: first + at, v: randomVector(next, DIM) })), schema, undefined).columns);
  write(0, SEALED);
  const sealed = table.freeze() as Segment;
  const part = sealed.part('v');
  const build = core.buildIndex(part.loaded as FlatIndex, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
  while (!build.step(1_000_000));
  part.useIndex({ ann: core.openIndex(build.bytes(), part.loaded as FlatIndex), calibration: CALIBRATION });
  const files = new CollectionFiles('0123456789abcdef', { storage: memoryStorage(), core, ambient: testAmbient(1), durable: false }, plainVault);
  const { bytes, vectors } = encodeRows(columnsOf(sealed, schema), schema, 500);
  const indexes = new Map([['v', await files.putFile(build.bytes('graph', encodeCalibration(CALIBRATION)), indexName('graph'))]]);
  build.close();
  const entry: SegmentEntry = { id: 0, rows: SEALED, rowsFile: await files.putFile(bytes, rowsName), vectors, indexes };
  table.seal(sealed, { entry, files: new SegmentFiles(files, entry, schema, { schema }) });
  write(SEALED, OTHERS);
  table.freeze();
  write(SEALED + OTHERS, OTHERS);
  const residency = new Residency(core, LIMIT, fail);
  residency.watch(sealed);
  const takeAll = (): void => {
    try {
      residency.admit(LIMIT - 1);
    } catch (error) {
      if (!(error instanceof ElanusError && error.code === 'OutOfMemory')) throw error;
    }
  };
  const reload = (): Promise<void> => residency.use(sealed, { columns: ['id'], field: 'v', part: 'vectors' }, () => undefined);
  return { table, sealed, residency, reader: { table: () => table, residency, environment: { ambient: { pause: async () => {} } }, quarantine: (_, error) => fail(error.message) }, takeAll, reload };
}

function fail(message: string): never {
  throw new Error(message);
}

function enginesOf(given: Partial<Engines> = {}): Engines {
  return { core, pause: async () => undefined, accelerator: undefined, wantAccelerator: async () => undefined, acceleratorFailed: (error) => fail(`the accelerator failed: ${String(error)}`), ...given };
}

function planOf(recall: number, next = random(2)): SearchPlan {
  return planSearch(schema, [], { data: Array.from({ length: QUERIES }, () => randomVector(next, DIM)), limit: 10, recall });
}

/** Lets something happen when `index` was searched in threads, before that is told. */
function during(index: FlatIndex | AnnIndex, happen: () => void | Promise<void>): void {
  const search = index.searchAsync?.bind(index) as (...given: unknown[]) => Promise<Candidates>;
  Object.assign(index, {
    searchAsync: async (...given: unknown[]): Promise<Candidates> => {
      const found = await search(...given);
      await happen();
      return found;
    },
  });
}

describe('in threads', () => {
  test('a search has the rows that are not sealed, though memory is asked for and given back while it runs', async () => {
    const { table, sealed, reader, takeAll, reload } = await opened();
    const plan = planOf(1);
    const expected = await runSearch(reader, plan, enginesOf());
    expect(expected.hits.flat().filter(({ id }) => Number(id) >= SEALED).length).toBeGreaterThan(0);
    during(sealed.part('v').loaded as FlatIndex, reload);
    let pauses = 0;
    const pause = async (): Promise<void> => (pauses++, takeAll());
    expect(await runSearch(reader, plan, enginesOf({ concurrent: true, pause }))).toEqual(expected);
    expect(pauses).toBeGreaterThan(0);
    table.close();
  });

  test('a search by an index answers where memory is asked for meanwhile', async () => {
    const { table, sealed, reader, takeAll } = await opened();
    const plan = planOf(0.9);
    const expected = await runSearch(reader, plan, enginesOf());
    let searched = 0;
    during(sealed.part('v').approximate?.ann as AnnIndex, () => (searched++, takeAll()));
    expect(await runSearch(reader, plan, enginesOf())).toEqual(expected);
    expect(searched).toBe(1);
    table.close();
  });

  test('a search of which a part fails says so once, and leaves no other failure behind', async () => {
    const { table, sealed, reader } = await opened();
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
    try {
      const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      during(sealed.part('v').loaded as FlatIndex, async () => {
        for (let turns = 0; turns < 3; turns++) await turn();
      });
      const pause = (): Promise<void> => Promise.reject(new Error('no turn'));
      await expect(runSearch(reader, planOf(1), enginesOf({ concurrent: true, pause }))).rejects.toThrow('no turn');
      for (let turns = 0; turns < 9; turns++) await turn();
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const other of others) process.on('unhandledRejection', other);
    }
    expect(unhandled).toEqual([]);
    table.close();
  });
});

describe('on an accelerator', () => {
  test('a search answers where memory is asked for meanwhile, and the accelerator is not given up', async () => {
    const { table, reader, takeAll } = await opened();
    const plan = planOf(1);
    const expected = await runSearch(reader, plan, enginesOf());
    let searched = 0;
    const accelerator: Accelerator = {
      name: 'test', queriesMin: 1, close: () => undefined,
      attach: async (index) => {
        takeAll();
        const search = async (queries: Float32Array, k: number, alive?: Bitset): Promise<Candidates> => (searched++, index.search(queries, k, alive));
        return { kMax: 100, search, close: () => undefined };
      },
    };
    expect(await runSearch(reader, plan, enginesOf({ accelerator }))).toEqual(expected);
    expect(searched).toBe(1);
    table.close();
  });
});
