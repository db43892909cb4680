// Approximate indexes through the Core port: one suite for every kernel set of both bindings. All make the same file
// of the same rows, find the same rows in it, and refuse bad arguments with an ElanusError and without a crash.

import { beforeAll, describe, expect, it } from 'vitest';
import { bitsetOf, clearBit, hasBit } from '../../src/model/bitset.js';
import { METRICS, type Metric } from '../../src/model/metric.js';
import type { AnnIndex, AnnOptions, Candidates, Core, FlatIndex, IndexBuild, IndexStage, OpenOptions } from '../../src/ports/core.js';
import { CORES, randomVectors } from './flat-cores.js';

const DIM = 40;
const ROWS = 1500;
const SHA = new Uint8Array(32).fill(7);
const K = 10;
const OPTIONS: Readonly<Record<string, AnnOptions>> = {
  graph: { effort: 60, keep: 100, rerank: 40, patience: 300 },
  patient: { effort: 0, keep: 100, rerank: 40, patience: 300 },
  thorough: { effort: 0, keep: 100, rerank: 40, patience: 0 },
};

/** Rows around a few centres, as embeddings are. */
function clustered(count: number, seed: number): Float32Array<ArrayBuffer> {
  const centres = randomVectors(20 * DIM, 5);
  return randomVectors(count * DIM, seed).map((x, at) => (centres[(Math.floor(at / DIM) % 20) * DIM + (at % DIM)] as number) + x / 2);
}

const rows = clustered(ROWS, 1);
const queries = clustered(5, 99);

function flatOf(core: Core, metric: Metric, values = rows): FlatIndex {
  const flat = core.createFlat(DIM, metric);
  flat.append(values);
  return flat;
}

function buildOf(core: Core, flat: FlatIndex, kind: 'graph' | 'ivf' = 'graph', lists?: number): IndexBuild {
  const build = core.buildIndex(flat, { kind, seed: 1, rowsSha256: SHA, ...(lists === undefined ? {} : { lists }) });
  while (!build.step(1_000_000));
  return build;
}

const OPENINGS: readonly (readonly [name: string, stage: IndexStage, options: OpenOptions])[] = [
  ['graph', 'graph', {}],
  ['as ivf', 'refine', { kind: 'ivf' }],
  ['to refine', 'refine', { partial: true }],
  ['to scan', 'scan', { partial: true }],
];

function headOf(core: Core, file: Uint8Array, stage: IndexStage): Uint8Array {
  let bytes = 0;
  for (;;) {
    const extent = core.indexExtent(file.subarray(0, bytes), stage);
    if ('bytes' in extent) return file.slice(0, extent.bytes);
    expect(extent.headBytes).toBeGreaterThan(bytes);
    bytes = extent.headBytes;
  }
}

function openPart(core: Core, file: Uint8Array, flat: FlatIndex | undefined, [, stage, options]: (typeof OPENINGS)[number]): AnnIndex {
  return core.openIndex(options.partial === true ? headOf(core, file, stage) : file, flat, options);
}

function rowsOf({ k, counts, rows: found }: Candidates): readonly (readonly number[])[] {
  return Array.from(counts, (count, q) => [...found.subarray(q * k, q * k + count)]);
}

/** What the first core gives, for the others to be held against. */
const files = new Map<Metric, Uint8Array>();
const answers = new Map<string, readonly (readonly number[])[]>();

const half = bitsetOf(ROWS, true);
for (let row = 0; row < ROWS; row += 2) clearBit(half, row);

describe.each(CORES)('$name', ({ create }) => {
  describe.each(METRICS)('under %s', (metric) => {
    let core: Core;
    let flat: FlatIndex;
    let file: Uint8Array;
    beforeAll(() => {
      core = create();
      flat = flatOf(core, metric);
      const build = buildOf(core, flat);
      file = build.bytes();
      build.close();
    });

    it('makes the same file as every other core', () => {
      if (!files.has(metric)) files.set(metric, file);
      expect(Buffer.compare(file, files.get(metric) as Uint8Array)).toBe(0);
    });

    it.each(OPENINGS)('opened %s finds what every other core finds', (...opening) => {
      for (const estimated of [false, true]) {
        const index = openPart(core, file, estimated ? undefined : flat, opening);
        expect(index.stage).toBe(opening[1]);
        expect(index.kind).toBe(opening[1] === 'graph' ? 'graph' : 'ivf');
        for (const [name, options] of Object.entries(OPTIONS)) {
          for (const alive of [undefined, half]) {
            const found = index.search(queries, K, options, alive);
            const answer = rowsOf(found);
            const key = [metric, opening[0], name, estimated, alive === undefined].join();
            if (!answers.has(key)) answers.set(key, answer);
            expect(answer, key).toEqual(answers.get(key));
            for (const row of answer.flat()) expect(alive === undefined || hasBit(alive, row)).toBe(true);
            expect([...found.counts]).toEqual([K, K, K, K, K]);
          }
        }
        expect(index.cost().reranked > 0).toBe(!estimated);
        index.close();
      }
    });

    it('finds nearly what there is', () => {
      const truth = rowsOf(flat.search(queries, K));
      for (const opening of OPENINGS) {
        const index = openPart(core, file, flat, opening);
        const found = rowsOf(index.search(queries, K, OPTIONS.thorough as AnnOptions));
        const common = truth.flatMap((hits, q) => hits.filter((row) => found[q]?.includes(row))).length;
        expect(common / (K * truth.length), opening[0]).toBeGreaterThanOrEqual(0.9);
        index.close();
      }
    });
  });

  it('writes a graph as lists, with what it was given, as often as wanted', () => {
    const core = create();
    const flat = flatOf(core, 'L2');
    const build = buildOf(core, flat, 'graph', 25);
    const lists = buildOf(core, flat, 'ivf', 25);
    expect(Buffer.compare(build.bytes('ivf'), lists.bytes())).toBe(0);
    for (const calibration of [undefined, Uint8Array.of(1, 2, 3), new Uint8Array(65_536).fill(9)]) {
      const index = core.openIndex(build.bytes('ivf', calibration), flat);
      expect(index.calibration).toEqual(calibration);
      expect(index.lists).toBe(25);
      expect(index.memoryBytes).toBeGreaterThan(ROWS * 20);
      index.close();
    }
    expect(() => build.bytes('graph', new Uint8Array(65_537))).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    expect(() => lists.bytes('graph')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    build.close();
    lists.close();
  });

  it('searches for rows as if they were not there, whatever the way', () => {
    const core = create();
    const flat = flatOf(core, 'COSINE');
    const build = buildOf(core, flat);
    const selves = Uint32Array.of(0, 700, ROWS - 1);
    for (const kind of ['graph', 'ivf'] as const) {
      const index = core.openIndex(build.bytes(kind), flat);
      for (const options of Object.values(OPTIONS)) {
        const found = rowsOf(index.searchRows(selves, K, options));
        found.forEach((hits, at) => expect(hits).not.toContain(selves[at]));
        expect(found.map((hits) => hits.length)).toEqual([K, K, K]);
      }
      index.close();
    }
    const blind = core.openIndex(build.bytes(), undefined);
    expect(() => blind.searchRows(selves, K, OPTIONS.graph as AnnOptions)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    build.close();
  });

  it('takes rows after it was opened as if it had been opened with them, where it can', () => {
    const core = create();
    const flat = flatOf(core, 'L2');
    const build = buildOf(core, flat);
    const [late, early] = [core.openIndex(build.bytes(), undefined), core.openIndex(build.bytes(), flat)];
    build.close();
    if (late.attach === undefined) return expect(core.kind).toBe('native');
    expect(() => late.attach?.(flatOf(core, 'IP'))).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    expect(late.search(queries, K, OPTIONS.graph as AnnOptions).errors).toBeDefined();
    late.attach(flat);
    for (const options of Object.values(OPTIONS)) expect(late.search(queries, K, options)).toEqual(early.search(queries, K, options));
    expect(late.searchRows(Uint32Array.of(5), K, OPTIONS.graph as AnnOptions)).toEqual(early.searchRows(Uint32Array.of(5), K, OPTIONS.graph as AnnOptions));
    late.close();
    expect(() => late.attach?.(flat)).toThrow(expect.objectContaining({ code: 'Closed' }));
    early.close();
  });

  it('refuses what breaks the contract', () => {
    const core = create();
    const flat = flatOf(core, 'L2');
    const code = (name: string) => expect.objectContaining({ code: name });
    const start = (options: object) => () => core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: SHA, ...options } as Parameters<Core['buildIndex']>[1]);
    for (const bad of [{ kind: 'hnsw' }, { lists: 0 }, { lists: 1.5 }, { seed: -1 }, { rowsSha256: new Uint8Array(31) }]) expect(start(bad)).toThrow(code('InvalidArgument'));
    const unbuilt = core.buildIndex(flat, { kind: 'ivf', seed: 1, rowsSha256: SHA });
    expect(() => unbuilt.bytes()).toThrow(code('InvalidArgument'));
    const build = buildOf(core, flat, 'ivf');
    const file = build.bytes();
    expect(() => core.openIndex(file.subarray(0, file.length - 1), flat)).toThrow(code('Corrupt'));
    expect(() => core.openIndex(file.subarray(0, 500), flat, { partial: true })).toThrow(code('Corrupt'));
    expect(() => core.openIndex(file, flatOf(core, 'IP'))).toThrow(code('InvalidArgument'));
    expect(() => core.indexExtent(file, 'graph')).toThrow(code('InvalidArgument'));
    expect(() => core.indexExtent(new Uint8Array(500), 'scan')).toThrow(code('Corrupt'));
    const index = core.openIndex(file, flat);
    for (const bad of [{ effort: -1 }, { keep: 0.5 }, { rerank: Number.NaN }, { patience: -1 }]) {
      expect(() => index.search(queries, K, { ...(OPTIONS.graph as AnnOptions), ...bad })).toThrow(code('InvalidArgument'));
    }
    expect(() => index.searchRows(Uint32Array.of(ROWS), K, OPTIONS.graph as AnnOptions)).toThrow(code('InvalidArgument'));
    index.close();
    expect(() => index.search(queries, K, OPTIONS.graph as AnnOptions)).toThrow(code('Closed'));
  });

  it('holds no memory and has no answers once it is closed', () => {
    const core = create();
    const flat = flatOf(core, 'L2');
    const build = buildOf(core, flat, 'ivf');
    const before = core.memoryBytes();
    const index = core.openIndex(build.bytes(), flat);
    build.close();
    index.search(queries, K, OPTIONS.graph as AnnOptions);
    // The memory of a module does not shrink.
    if (core.kind === 'native') expect(core.memoryBytes() - before).toBe(index.memoryBytes);
    index.close();
    index.close();
    expect(index.memoryBytes).toBe(0);
    expect(index.cost()).toEqual({ hops: 0, scored: 0, scanned: 0, lists: 0, reranked: 0, scans: 0 });
    for (const search of [() => index.search(queries, K, OPTIONS.graph as AnnOptions), () => index.searchRows(Uint32Array.of(0), K, OPTIONS.graph as AnnOptions)]) {
      expect(search).toThrow(expect.objectContaining({ code: 'Closed' }));
    }
    if (core.kind === 'native') expect(core.memoryBytes()).toBe(before);
  });

  // The addon keeps what is needed; a module is told that it is gone.
  it('never reads rows that are closed', () => {
    const core = create();
    const flat = flatOf(core, 'L2');
    const build = buildOf(core, flat, 'ivf');
    const index = core.openIndex(build.bytes(), flat);
    const unbuilt = core.buildIndex(flat, { kind: 'ivf', seed: 1, rowsSha256: SHA });
    const codes = core.codesOf(flat);
    const truth = rowsOf(index.search(queries, K, OPTIONS.thorough as AnnOptions));
    flat.close();
    const closed = expect.objectContaining({ code: 'Closed' });
    if (core.kind === 'native') {
      expect(rowsOf(index.search(queries, K, OPTIONS.thorough as AnnOptions))).toEqual(truth);
      expect(rowsOf(codes.search(queries, K, { deviations: 3 }))).toHaveLength(truth.length);
      expect(typeof unbuilt.step(1)).toBe('boolean');
    } else {
      expect(() => index.search(queries, K, OPTIONS.thorough as AnnOptions)).toThrow(closed);
      expect(() => index.searchRows(Uint32Array.of(0), K, OPTIONS.thorough as AnnOptions)).toThrow(closed);
      expect(() => codes.search(queries, K, { deviations: 3 })).toThrow(closed);
      expect(() => codes.update(10)).toThrow(closed);
      expect(() => unbuilt.step(1)).toThrow(closed);
    }
    for (const open of [index, codes, unbuilt, build]) open.close();
  });
});
