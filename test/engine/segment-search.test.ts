// Random tables against brute force in f64: whatever indexes its segments have, whatever was deleted, filtered, skipped or
// bounded, an answer has as many rows as there are, each once, alive and matching, with its exact score, in order.

import { beforeAll, describe, expect, test } from 'vitest';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import type { SearchOptions } from '../../src/engine/api.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { runSearch, type Engines } from '../../src/engine/search/search.js';
import { planSearch, type SearchPlan } from '../../src/engine/search/search-plan.js';
import type { Segment } from '../../src/engine/table/segment.js';
import { CollectionFiles } from '../../src/engine/files/collection-files.js';
import { Residency } from '../../src/engine/table/residency.js';
import { columnsOf } from '../../src/engine/upkeep/sealer.js';
import { SegmentFiles } from '../../src/engine/files/segment-files.js';
import { plainVault } from '../../src/engine/files/vault.js';
import { Table } from '../../src/engine/table/table.js';
import type { Reader } from '../../src/engine/read/visit.js';
import { encodeCalibration, type Calibration, type CalibrationPoint } from '../../src/format/calibration.js';
import { indexName, rowsName } from '../../src/format/keys.js';
import type { SegmentEntry } from '../../src/format/manifest.js';
import { encodeRows } from '../../src/format/rows-file.js';
import type { Hit } from '../../src/model/hit.js';
import type { IndexKind } from '../../src/model/index-kind.js';
import { isDistance, METRICS, type Metric } from '../../src/model/metric.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';
import type { AnnIndex, Candidates, Core, FlatIndex, ScoreRange } from '../../src/ports/core.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { addon, CORES, NO_PREDICATES, type NamedCore } from '../core/flat-cores.js';
import { trueScore } from '../core/rows-support.js';
import { compileAsset } from '../support/assets.js';
import { testAmbient } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const DIM = 64;
const CLUSTERS = 6;
const SEARCHES = 40;
const KINDS = ['graph', 'ivf', 'codes', 'none'] as const;

type Random = () => number;

interface StoredRow {
  readonly id: number;
  readonly cluster: number;
  readonly part: number;
  readonly vector: Float32Array;
}

/** A way for every k and recall: little effort, so that what is missing at the edges shows. */
const CALIBRATION: Calibration = {
  far: 0,
  points: [10, 100].flatMap((k): readonly CalibrationPoint[] => [
    { k, effort: 1, keep: k, rerank: k, patience: 0, recall: 9000 },
    { k, effort: 4 * k, keep: 4 * k, rerank: 2 * k, patience: 0, recall: 9990 },
    { k, effort: 0, keep: k, rerank: k, patience: 30, recall: 9000 },
    { k, effort: 0, keep: 4 * k, rerank: 2 * k, patience: 800, recall: 9990 },
  ]),
};

function schemaOf(metric: Metric): Schema {
  return checkSchema({
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'cluster', type: 'Int32' },
      { name: 'part', type: 'Int32' },
      { name: 'v', type: 'FloatVector', dim: DIM, metric },
    ],
  });
}

/** One of zeros now and then, which COSINE does not take. */
function drawVector(centre: Float32Array, metric: Metric, next: Random): Float32Array {
  return metric !== 'COSINE' && next() < 0.02 ? new Float32Array(DIM) : randomVector(next, DIM).map((x, i) => (centre[i] as number) + 0.5 * x);
}

/** Now and then one like another. */
function drawRows(count: number, first: number, centres: readonly Float32Array[], metric: Metric, next: Random): readonly StoredRow[] {
  const rows: StoredRow[] = [];
  for (let at = 0; at < count; at++) {
    const cluster = randomInteger(next, CLUSTERS);
    const same = at > 0 && next() < 0.05 ? rows[randomInteger(next, at)] : undefined;
    const vector = same?.vector ?? drawVector(centres[cluster] as Float32Array, metric, next);
    rows.push({ id: first + at, cluster: same?.cluster ?? cluster, part: randomInteger(next, 1000), vector });
  }
  return rows;
}

function giveIndex(segment: Segment, kind: (typeof KINDS)[number], core: Core): void {
  if (kind === 'none') return;
  const part = segment.part('v');
  if (kind === 'codes') {
    part.codes = core.codesOf(part.loaded as FlatIndex);
    while (part.codes.update(4096) > 0);
    return;
  }
  const build = core.buildIndex(part.loaded as FlatIndex, { kind, seed: 1, rowsSha256: new Uint8Array(32) });
  while (!build.step(1_000_000));
  part.useIndex({ ann: core.openIndex(build.bytes(), part.loaded as FlatIndex), calibration: CALIBRATION });
  build.close();
}

/** Reads what is in memory. */
function readerOf(table: () => Table, residency = new Residency(undefined as unknown as Core, undefined, fail)): Reader {
  return { table, residency, environment: { ambient: { pause: async () => {} } }, quarantine: (_, error) => fail(error.message) };
}

function fail(message: string): never {
  throw new Error(message);
}

/** Puts the sealed segments into files as well. */
async function store(table: Table, schema: Schema, core: Core): Promise<Residency> {
  const residency = new Residency(core, undefined, fail);
  for (const segment of table.sealed) residency.watch(segment);
  const files = new CollectionFiles('0123456789abcdef', { storage: memoryStorage(), core, ambient: testAmbient(1), durable: false }, plainVault);
  for (const segment of table.sealed) {
    const { bytes, vectors } = encodeRows(columnsOf(segment, schema), schema, 500);
    const rowsFile = await files.putFile(bytes, rowsName);
    const kind = segment.part('v').approximate?.ann.kind;
    const indexes = new Map(kind === undefined ? [] : [['v', await files.putFile(indexBytes(segment, kind, core), indexName(kind))] as const]);
    const entry: SegmentEntry = { id: segment.ordinal, rows: segment.rows, rowsFile, vectors, indexes };
    segment.stored = { entry, files: new SegmentFiles(files, entry, schema, { schema }) };
  }
  return residency;
}

/** Releases some of what is in memory. */
function forget(table: Table, next: Random): void {
  for (const segment of table.sealed) {
    if (next() < 0.8) segment.dropVectors();
    if (next() < 0.6) segment.dropColumns();
  }
}

function indexBytes(segment: Segment, kind: IndexKind, core: Core): Uint8Array {
  const build = core.buildIndex(segment.part('v').loaded as FlatIndex, { kind, seed: 1, rowsSha256: new Uint8Array(32) });
  while (!build.step(1_000_000));
  const bytes = build.bytes(kind, encodeCalibration(CALIBRATION));
  build.close();
  return bytes;
}

/** Segments of random sizes and kinds, the last still growing, some of whose rows were deleted: all but one, or some. */
function drawTable(schema: Schema, core: Core, centres: readonly Float32Array[], next: Random): { readonly table: Table; readonly live: readonly StoredRow[] } {
  const table = new Table(schema, core);
  const live: StoredRow[] = [];
  let first = 0;
  for (const size of [1200, 1 + randomInteger(next, 5), 600 + randomInteger(next, 600)]) {
    const rows = drawRows(size, first, centres, schema.fields.at(-1)?.metric as Metric, next);
    first += size;
    table.write(rowsToBatch(rows.map(({ vector, ...scalars }) => ({ ...scalars, v: vector })), schema, undefined).columns);
    giveIndex(table.growing as Segment, KINDS[randomInteger(next, KINDS.length)] as (typeof KINDS)[number], core);
    table.seal(table.freeze() as Segment, { entry: { indexes: new Map() } as unknown as SegmentEntry, files: {} as SegmentFiles });
    const kept = next() < 0.15 ? randomInteger(next, size) : undefined;
    const share = next() < 0.5 ? 0 : next();
    const dead = rows.filter((_, at) => (kept === undefined ? next() < share : at !== kept));
    expect(table.delete(dead.map(({ id }) => BigInt(id)))).toBe(dead.length);
    live.push(...rows.filter((row) => !dead.includes(row)));
  }
  return { table, live };
}

interface Asked {
  readonly options: SearchOptions & { readonly data: Float32Array };
  readonly matches: (row: StoredRow) => boolean;
}

function drawSearch(live: readonly StoredRow[], centres: readonly Float32Array[], metric: Metric, next: Random): Asked {
  const near = randomInteger(next, CLUSTERS);
  const data = drawVector(centres[near] as Float32Array, metric, next);
  const [part, other] = [randomInteger(next, 1000), (near + 1) % CLUSTERS];
  const [filter, matches] = ([
    [undefined, () => true],
    [undefined, () => true],
    [`part < ${part}`, (row) => row.part < part],
    [`part == ${part}`, (row) => row.part === part],
    [`cluster != ${near}`, (row) => row.cluster !== near],
    [`cluster == ${other}`, (row) => row.cluster === other],
    ['part > 1000', () => false],
  ] as readonly (readonly [string | undefined, Asked['matches']])[])[randomInteger(next, 7)] as readonly [string | undefined, Asked['matches']];
  const limit = [1, 10, 100, live.length, live.length + 10][randomInteger(next, 5)] as number;
  const offset = next() < 0.7 ? 0 : randomInteger(next, live.length);
  const recall = [0.8, 0.95, 1][randomInteger(next, 3)] as number;
  return { options: { data, limit, offset, recall, ...(filter === undefined ? {} : { filter }), ...drawRange(live, data, metric, next) }, matches };
}

function drawRange(live: readonly StoredRow[], data: Float32Array, metric: Metric, next: Random): ScoreRange {
  if (next() < 0.7) return {};
  const bounds = [0, 1].map(() => trueScore(metric, data, (live[randomInteger(next, live.length)] as StoredRow).vector)).sort((a, b) => a - b);
  const [low, high] = bounds as [number, number];
  // Off the score itself, which is rounded one way or the other.
  const [from, to] = [low - 1e-3, high + 1e-3];
  if (next() < 0.5) return { radius: isDistance(metric) ? to : from };
  return isDistance(metric) ? { radius: to, rangeFilter: from } : { radius: from, rangeFilter: to };
}

/** Beyond what rounding explains. */
function toleranceOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  return metric === 'COSINE' ? 1e-5 : 1e-5 * (trueScore('IP', a, a) + trueScore('IP', b, b));
}

function check(hits: readonly Hit[], live: readonly StoredRow[], { options, matches }: Asked, metric: Metric): void {
  const { data, limit = 0, offset = 0, recall, radius, rangeFilter } = options;
  const sign = isDistance(metric) ? 1 : -1;
  const isIn = (score: number, slack: number): boolean => sign * score < sign * (radius ?? sign * Infinity) + slack && sign * score >= sign * (rangeFilter ?? -sign * Infinity) - slack;
  const byId = new Map(live.filter(matches).map((row) => [row.id, { row, score: trueScore(metric, data, row.vector) }]));
  const best = [...byId.values()].filter(({ score }) => isIn(score, 0)).sort((a, b) => sign * (a.score - b.score));
  const expected = Math.max(0, Math.min(limit, best.length - offset));
  const isBounded = radius !== undefined || rangeFilter !== undefined;
  // Bounds cut what was found, and that some of it was missed is what a recall below 1 means.
  if (recall === 1 || !isBounded) expect(hits).toHaveLength(expected);
  else expect(hits.length).toBeLessThanOrEqual(expected);
  expect(new Set(hits.map(({ id }) => id)).size).toBe(hits.length);
  hits.forEach(({ id, score }, at) => {
    const found = byId.get(Number(id));
    if (found === undefined) throw new Error(`row ${String(id)} is deleted or does not match`);
    const tolerance = toleranceOf(metric, data, found.row.vector);
    expect(Math.abs(score - found.score)).toBeLessThanOrEqual(tolerance);
    expect(isIn(score, tolerance)).toBe(true);
    if (at > 0) expect(sign * (score - (hits[at - 1] as Hit).score)).toBeGreaterThanOrEqual(0);
    if (recall === 1) expect(Math.abs(score - (best[offset + at]?.score ?? NaN))).toBeLessThanOrEqual(tolerance);
  });
}

const isTried = ({ name }: NamedCore): boolean => ['wasm simd128', CORES[0]?.name].includes(name);

describe.each(CORES.filter(isTried))('$name', ({ create }) => {
  let engines: Engines;
  beforeAll(async () => {
    const core = { ...create(), predicates: createPredicates(await compileAsset('filter.wasm')) };
    engines = { core, pause: async () => undefined, accelerator: undefined, wantAccelerator: async () => undefined, acceleratorFailed: (error) => expect(error).toBeUndefined() };
  });

  test.each(METRICS.flatMap((metric) => [1, 2, 3].flatMap((seed) => ['memory', 'files'].map((place) => ({ metric, seed, place })))))('finds what there is in $place under $metric, seed $seed', async ({ metric, seed, place }) => {
    const next = random(seed);
    const schema = schemaOf(metric);
    const centres = Array.from({ length: CLUSTERS }, () => randomVector(next, DIM));
    const { table, live } = drawTable(schema, engines.core, centres, next);
    const residency = place === 'files' ? await store(table, schema, engines.core) : undefined;
    for (let search = 0; search < SEARCHES; search++) {
      const asked = drawSearch(live, centres, metric, next);
      if (place === 'files' && search % 5 === 0) forget(table, next);
      // Every other as a server does.
      const { hits } = await runSearch(readerOf(() => table, residency), planSearch(schema, [], asked.options), { ...engines, concurrent: search % 2 === 1 });
      const { data, ...shown } = asked.options;
      expect(data).toHaveLength(DIM);
      try {
        check(hits[0] ?? [], live, asked, metric);
      } catch (error) {
        throw new Error(`search ${search} ${JSON.stringify(shown)}`, { cause: error });
      }
    }
    table.close();
  });
});

describe('in threads of the addon', () => {
  const engines: Engines = { core: createNativeCore(addon, NO_PREDICATES, { threads: 2 }), pause: async () => undefined, accelerator: undefined, wantAccelerator: async () => undefined, acceleratorFailed: (error) => expect(error).toBeUndefined() };
  const schema = schemaOf('L2');

  function tableOf(seed: number): { readonly table: Table; readonly segment: Segment; readonly data: readonly Float32Array[] } {
    const rows = drawRows(1500, 0, [...Array(CLUSTERS).keys()].map(() => new Float32Array(DIM)), 'L2', random(seed));
    const table = new Table(schema, engines.core);
    table.write(rowsToBatch(rows.map(({ vector, ...scalars }) => ({ ...scalars, v: vector })), schema, undefined).columns);
    const segment = table.growing as Segment;
    giveIndex(segment, 'graph', engines.core);
    table.seal(table.freeze() as Segment, { entry: { indexes: new Map() } as unknown as SegmentEntry, files: {} as SegmentFiles });
    return { table, segment, data: rows.slice(0, 32).map(({ vector }) => vector) };
  }

  const planOf = (data: readonly Float32Array[], recall: number): SearchPlan => planSearch(schema, [], { data, limit: 10, recall });

  /** Lets something happen while `index` is searched in threads. */
  function during(index: FlatIndex | AnnIndex, happen: () => void): void {
    const search = index.searchAsync?.bind(index) as (...given: unknown[]) => Promise<Candidates>;
    const searchAsync = async (...given: unknown[]): Promise<Candidates> => {
      const found = await search(...given);
      happen();
      return found;
    };
    Object.assign(index, { searchAsync });
  }

  test('a search answers when its index is replaced on the way', async () => {
    const { table, segment, data } = tableOf(1);
    during(segment.part('v').approximate?.ann as AnnIndex, () => giveIndex(segment, 'ivf', engines.core));
    const { hits } = await runSearch(readerOf(() => table), planOf(data, 0.8), engines);
    expect(segment.part('v').approximate?.ann.kind).toBe('ivf');
    expect(hits.map((found) => found.length)).toEqual(data.map(() => 10));
    table.close();
  });

  test('one query is searched in threads where others wait for this one, and gives the same', async () => {
    const { table, segment, data } = tableOf(3);
    let searches = 0;
    during(segment.part('v').approximate?.ann as AnnIndex, () => searches++);
    const plan = planOf([data[0] as Float32Array], 0.8);
    const alone = await runSearch(readerOf(() => table), plan, engines);
    expect(searches).toBe(0);
    // As large as it would have to be.
    Object.defineProperty(segment, 'rows', { value: 200_000 });
    expect(await runSearch(readerOf(() => table), plan, { ...engines, concurrent: true })).toEqual(alone);
    expect(searches).toBe(1);
    table.close();
  });

  test('rows that are written and deleted on the way change nothing of an answer, and it is not looked for again', async () => {
    const { table, data } = tableOf(4);
    const plan = planOf(data, 0.8);
    const before = await runSearch(readerOf(() => table), plan, engines);
    const [nearest] = before.hits[0] as [Hit];
    let searches = 0;
    during(table.sealed[0]?.part('v').approximate?.ann as AnnIndex, () => {
      searches++;
      table.delete([nearest.id]);
      table.write(rowsToBatch(drawRows(3, 100_000, [...Array(CLUSTERS).keys()].map(() => new Float32Array(DIM)), 'L2', random(9)).map(({ vector, ...scalars }) => ({ ...scalars, v: vector })), schema, undefined).columns);
    });
    expect(await runSearch(readerOf(() => table), plan, engines)).toEqual(before);
    expect(searches).toBe(1);
    const after = await runSearch(readerOf(() => table), plan, engines);
    expect(after.hits[0]?.some(({ id }) => id === nearest.id)).toBe(false);
    table.close();
  });

  test.each([0.8, 1])('a search answers of the table that took the place of its own, recall %d', async (recall) => {
    const [first, second] = [tableOf(1), tableOf(2)];
    let { table } = first;
    const happen = (): void => {
      table = second.table;
      first.table.close();
    };
    during(first.segment.part('v').approximate?.ann as AnnIndex, happen);
    during(first.segment.part('v').loaded as FlatIndex, happen);
    const plan = planOf(second.data, recall);
    expect(await runSearch(readerOf(() => table), plan, engines)).toEqual(await runSearch(readerOf(() => second.table), plan, engines));
    expect(table).toBe(second.table);
    second.table.close();
  });
});
