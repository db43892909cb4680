// The commands beside `ann`, from end to end on a tiny made-up set, and what each refuses.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bars } from '../../bench/commands/bars.js';
import { bytes, mixture } from '../../bench/commands/bytes.js';
import { filter } from '../../bench/commands/filter.js';
import { filtered, readFilteredArgs } from '../../bench/commands/filtered.js';
import { overhead, takeTurns } from '../../bench/commands/overhead.js';
import { plot } from '../../bench/commands/plot.js';
import { createDistance } from '../../bench/distance.js';
import type { Run } from '../../bench/running-target.js';
import { UsageError } from '../../bench/usage-error.js';
import { random } from '../support/random.js';
import { scratchFolder, store, vecs } from './vecs.js';

const SEED = 23;
const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const next = random(SEED);
const rows = (n: number) => Array.from({ length: n }, () => Array.from({ length: 4 }, () => next()));
const baseRows = rows(300);
const queryRows = rows(8);
const base = store(folder, 'tiny.base.fvecs', vecs('fvecs', baseRows));
const query = store(folder, 'tiny.query.fvecs', vecs('fvecs', queryRows));
const vectors = (all: number[][]) => ({ n: all.length, d: 4, values: Float32Array.from(all.flat()) });
const distance = createDistance('l2', vectors(queryRows), vectors(baseRows));
const gt = store(folder, 'tiny.gt.ivecs', vecs('ivecs', queryRows.map((_, q) => baseRows.map((__, row) => row).sort((a, b) => distance(q, a) - distance(q, b)).slice(0, 10))));
const DATA = ['--base', base, '--query', query, '--k', '3'];

function bench(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { encoding: 'utf8' });
  return { status, stderr, stdout };
}
const linesOf = (stdout: string) => stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
const commands = { plot, overhead, filtered, bytes, bars };
const fake = (name: string): string => `./test/bench/fakes/${name}.ts`;

test('plot writes one picture and its points, and names who is absent', () => {
  const out = join(folder, 'tiny.svg');
  const { status, stdout, stderr } = bench('plot', ...DATA, '--gt', gt, '--json', '--out', out, '--seconds', '0.01', '--targets', ['own', 'peer', 'absent'].map(fake).join(','));
  expect(status, stderr).toBe(0);
  const lines = linesOf(stdout);
  expect(lines[0]).toEqual({ point: fake('absent'), error: 'absent: not installed' });
  for (const name of [fake('own'), fake('peer')]) {
    const points = lines.filter((line) => line['point'] === name);
    expect(points.length).toBeGreaterThan(0);
    for (const point of points) expect(point).toMatchObject({ index: 'FAKE', knob: 'rows', n: 300, d: 4, k: 3 });
    const recalls = points.map((point) => point['recall'] as number);
    expect(recalls).toEqual([...recalls].sort((a, b) => a - b));
    expect(recalls.at(-1)).toBe(1);
  }
  expect(readFileSync(out, 'utf8')).toContain('>tiny: 300 x 4, l2<');
});

test('calibration sets what was asked for beside what came and what was promised', () => {
  const { status, stdout, stderr } = bench('calibration', ...DATA, '--gt', gt, '--json', '--targets', [fake('promising'), fake('own')].join(','));
  expect(status, stderr).toBe(0);
  const lines = linesOf(stdout);
  expect(lines.slice(0, 6).map((line) => line['asked'])).toEqual([0.5, 0.7, 0.8, 0.9, 0.95, 0.99]);
  for (const line of lines.slice(0, 6)) {
    expect(line['promised']).toBeCloseTo((line['asked'] as number) - 0.01, 4);
    expect(line['measured']).toBeGreaterThan(0);
    expect(line['qpsCpu']).toBeGreaterThan(0);
  }
  expect(lines[6]).toMatchObject({ calibration: fake('own'), measured: null, error: 'it is not asked for a recall' });
});

test('filtered answers every cell with rows that pass, and tells the worst', () => {
  const { status, stdout, stderr } = bench('filtered', ...DATA, '--json', '--queries', '5', '--targets', 'native');
  expect(status, stderr).toBe(0);
  const lines = linesOf(stdout);
  expect(lines).toHaveLength(22);
  for (const line of lines.slice(0, 21)) {
    expect(Object.keys(line)).toEqual(['filtered', 'kind', 'selectivity', 'asked', 'recall', 'short', 'qpsCpu', 'exactQpsCpu', 'plainQpsCpu', 'cost', 'counts', 'n', 'd', 'k']);
    expect(line).toMatchObject({ filtered: 'native', asked: 0.95, short: 0, n: 300, d: 4, k: 3 });
  }
  expect(lines[21]).toMatchObject({ filteredWorst: 'native', recall: Math.min(...lines.slice(0, 21).map((line) => line['recall'] as number)) });
});

test('bytes are told of a vector and of the module', () => {
  const { status, stdout, stderr } = bench('bytes', '--dim', '64', '--rows', '500', '--json');
  expect(status, stderr).toBe(0);
  expect(linesOf(stdout).map((line) => line['bytes'])).toEqual(['ram', 'wire', 'core.wasm']);
  for (const line of linesOf(stdout)) expect(line['value']).toBeGreaterThan(0);
});

test('made-up rows are the same at every call and lie in clusters', () => {
  expect(mixture(50, 8)).toEqual(mixture(50, 8));
  expect(new Set(mixture(50, 8).values).size).toBeGreaterThan(390);
});

describe('overhead', () => {
  const target = (name: string, us: number, tried: number[]) => ({
    name,
    variants: [{ index: 'GRAPH', params: {}, knob: { name: 'ef', min: 10, max: 100 }, buildS: 0, fileBytes: null, ramBytes: null }],
    async run(_: number, knob: number | null): Promise<Run> {
      tried.push(knob ?? 0);
      return { passes: 1, wallS: 1, cpuS: 1, p50Ms: null, p99Ms: null, recall: (knob ?? 0) / 100, cpuSeconds: us / 1e6 };
    },
  });

  test('is the difference at the same effort, which the core alone chooses', async () => {
    const api: number[] = [];
    expect(await takeTurns(target('core', 30, []), target('api', 37, api), 0.4)).toEqual({ ef: 40, recallCore: 0.4, recallApi: 0.4, usCore: 30, usApi: 37, usAdded: [7, 7, 7], segments: 1 });
    expect(new Set(api)).toEqual(new Set([40]));
  });
});

describe('refused', () => {
  test.each<[string, readonly [keyof typeof commands, ...string[]], RegExp]>([
    ['a plot without a place', ['plot', ...DATA, '--gt', gt], /--out is missing/],
    ['a plot without a truth', ['plot', ...DATA, '--out', 'x.svg'], /--gt is missing/],
    ['an overhead of a peer', ['overhead', ...DATA, '--gt', gt, '--targets', 'peer:faiss'], /expected some of native, wasm, found peer:faiss/],
    ['labels that are too few', ['filtered', ...DATA, '--labels', store(folder, 'labels.txt', Buffer.from('a\nb\n'))], /expected a label for each of the 300 rows, found 2/],
    ['labels that are absent', ['filtered', ...DATA, '--labels', join(folder, 'none')], /ENOENT/],
    ['a set without a metric', ['bars', '--sets', 'tiny'], /expected NAME:METRIC, found "tiny"/],
    ['a part that there is not', ['bars', '--data', folder, '--sets', 'tiny:l2', '--only', 'all'], /--only: expected some of bytes, ann95-tiny/],
    ['an unknown flag', ['bytes', '--fast'], /--fast/],
  ])('%s', async (_, argv, message) => {
    const refusal = commands[argv[0]](argv).catch((error: unknown) => error);
    expect(await refusal).toBeInstanceOf(UsageError);
    expect(((await refusal) as Error).message).toMatch(message);
    expect(existsSync('x.svg')).toBe(false);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['a metric of bits', ['--metric', 'hamming'], /expected l2, ip or cosine/],
    ['a target that is no core', ['--targets', 'db-native'], /expected some of native, native-avx2, wasm, wasm-relaxed, found "db-native"/],
    ['no query', ['--queries', '0'], /--queries: expected an integer from 1/],
  ])('filtered: %s', (_, more, message) => {
    expect(() => readFilteredArgs(['filtered', ...DATA, ...more])).toThrow(UsageError);
    expect(() => readFilteredArgs(['filtered', ...DATA, ...more])).toThrow(message);
  });
});

test('filter holds every target to the same counts, and says the times of each', () => {
  const { status, stdout, stderr } = bench('filter', '--rows', '500', '--rounds', '1', '--only', 'and,range,text', '--targets', 'elanus,elanus-scan,loop', '--json');
  expect(status, stderr).toBe(0);
  const lines = linesOf(stdout);
  for (const predicate of ['and', 'range', 'text']) {
    const [ours, scan, theirs] = lines.filter((line) => line['predicate'] === predicate && 'target' in line);
    expect(ours).toMatchObject({ target: 'elanus', rows: 500, cpuMs: expect.any(Number) as number });
    expect(scan).toMatchObject({ target: 'elanus-scan', matches: ours?.['matches'] as number });
    expect(theirs).toMatchObject({ target: 'loop', matches: ours?.['matches'] as number });
    expect(lines).toContainEqual(expect.objectContaining({ ratio: 'loop/elanus', predicate }));
  }
});

test('filter refuses a predicate and a target that it does not know', async () => {
  await expect(filter(['filter', '--only', 'all'])).rejects.toThrow(/--only: expected some of and/);
  await expect(filter(['filter', '--targets', 'sqlite'])).rejects.toThrow(/--targets: expected some of elanus, elanus-scan, loop/);
});
