// The command line from end to end on a tiny made-up set, in processes of its own.

import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createDistance } from '../../bench/distance.js';
import { targetNames } from '../../bench/registry.js';
import { random } from '../support/random.js';
import { scratchFolder, store, vecs } from './vecs.js';

const SEED = 11;
const KEYS = ['target', 'index', 'params', 'n', 'd', 'k', 'recall', 'qps', 'qpsCpu', 'p50Ms', 'p99Ms', 'buildS', 'fileBytes', 'ramBytes'];

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const next = random(SEED);
const randomRows = (n: number) => Array.from({ length: n }, () => Array.from({ length: 4 }, () => next()));
const baseRows = randomRows(40);
const queryRows = randomRows(6);
const base = store(folder, 'base.fvecs.gz', vecs('fvecs', baseRows));
const query = store(folder, 'query.fvecs', vecs('fvecs', queryRows));
const gt = store(folder, 'gt.ivecs', vecs('ivecs', trueNeighbours(10)));
const DATA = ['ann', '--base', base, '--query', query, '--gt', gt, '--k', '3'];

function trueNeighbours(count: number): number[][] {
  const vectors = (rows: number[][]) => ({ n: rows.length, d: 4, values: Float32Array.from(rows.flat()) });
  const distance = createDistance('l2', vectors(queryRows), vectors(baseRows));
  return queryRows.map((_, q) => baseRows.map((__, row) => row).sort((a, b) => distance(q, a) - distance(q, b)).slice(0, count));
}

function bench(...args: readonly string[]) {
  const temporary = scratchFolder();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { encoding: 'utf8', env: { ...process.env, TMPDIR: temporary } });
  // What tsx caches below the temporary folder is its own.
  const left = readdirSync(temporary).filter((name) => name.startsWith('elanus-bench-'));
  rmSync(temporary, { recursive: true });
  return { status, stderr, left, lines: stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const fake = (name: string): string => `./test/bench/fakes/${name}.ts`;

describe('ann', () => {
  test('prints a line a target and a line a pair, and drops nothing', () => {
    const { status, lines, stderr, left } = bench(...DATA, '--recall', '0.9', '--json', '--targets', ['own', 'peer', 'short', 'absent', 'crash'].map(fake).join(','));
    expect(status, stderr).toBe(0);
    expect(left).toEqual([]);
    expect(lines.map((line) => line['target'] ?? line['ratio'])).toEqual([...['own', 'peer', 'short', 'absent', 'crash'].map(fake), `${fake('own')}/${fake('peer')}`]);
    const [own, peer, short, absent, crash, ratio] = lines;
    for (const line of [own, peer]) {
      expect(Object.keys(line ?? {})).toEqual(KEYS);
      expect(line).toMatchObject({ index: 'FAKE', n: 40, d: 4, k: 3, params: { fake: true } });
      expect(line?.['recall']).toBeGreaterThanOrEqual(0.9);
      for (const key of ['qps', 'qpsCpu', 'p50Ms', 'p99Ms']) expect(line?.[key], key).toBeGreaterThan(0);
    }
    expect(own?.['params']).toEqual(peer?.['params']);
    expect(Object.keys(short ?? {})).toEqual([...KEYS, 'note']);
    expect(short).toMatchObject({ qps: null, note: expect.stringContaining('recall 0.9 is out of reach') as unknown });
    expect(Object.keys(absent ?? {})).toEqual([...KEYS, 'error']);
    expect(absent).toMatchObject({ index: null, error: 'absent: not installed' });
    expect(crash).toMatchObject({ index: null, error: 'ended with code 7: out of luck' });
    expect(Object.keys(ratio ?? {})).toEqual(['ratio', 'qpsCpu']);
    const [least, middle, greatest] = ratio?.['qpsCpu'] as [number, number, number];
    expect(least).toBeLessThanOrEqual(middle);
    expect(middle).toBeLessThanOrEqual(greatest);
    expect(stderr).not.toContain('QPS by CPU');
  });

  test('cuts the base to --rows and says that it computes the ground truth', () => {
    const { status, lines, stderr } = bench(...DATA, '--rows', '20', '--recall', '1', '--targets', fake('peer'));
    expect(status, stderr).toBe(0);
    expect(lines).toMatchObject([{ n: 20, recall: 1 }]);
    expect(stderr).toContain('computing the ground truth exactly');
    expect(stderr).toContain('QPS by CPU');
  });
});

describe('what the caller can mend ends with 2, a message and nothing on stdout', () => {
  const narrow = store(folder, 'narrow.fvecs', vecs('fvecs', queryRows.map((row) => row.slice(1))));
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown flag', [...DATA, '--fast'], /--fast/],
    ['an absent file', [...DATA, '--base', `${base}.fvecs`], /ENOENT/],
    ['queries of another dimension', [...DATA, '--query', narrow], /expected the dimension 4 .* found 3/],
    ['more rows than there are', [...DATA, '--rows', '41'], /at least the 41 rows/],
    ['a ground truth that is too short', [...DATA.slice(0, -1), '11'], /at least k = 11 neighbours/],
  ])('%s', (_, args, message) => {
    const { status, lines, stderr } = bench(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    expect(lines).toEqual([]);
  });
});

test('the targets are those of the contract, ours first', () => {
  expect([...targetNames()].sort()).toEqual(
    ['db-native', 'db-wasm', 'native', 'native-avx2', 'peer:edgevec', 'peer:faiss', 'peer:hnswlib', 'peer:hnswlib-node', 'peer:hnswlib-wasm', 'peer:usearch', 'wasm', 'wasm-relaxed'],
  );
  const firstPeer = targetNames().findIndex((name) => name.startsWith('peer:'));
  expect(targetNames().slice(firstPeer).every((name) => name.startsWith('peer:'))).toBe(true);
});
