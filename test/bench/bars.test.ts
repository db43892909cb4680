// The table of bars: every figure from a line of a run, either way round, and a reason where there is none.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BARS, type Bar } from '../../bench/bars/bars.js';
import { partsOf, smallPart, type Set as DataSet } from '../../bench/bars/parts.js';
import { linesOf, lineWhere, ratioOf, runParts, type Results } from '../../bench/bars/results.js';
import { barsTable } from '../../bench/bars/table.js';
import { scratchFolder } from './vecs.js';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const SET: DataSet = { name: 's', metric: 'l2', n: 60_000, d: 784, base: 'b', query: 'q', gt: 'g' };

const LINES = [
  '{"target":"native","index":"GRAPH","recall":0.95,"n":7,"params":{"buildCpuS":2}}',
  '{"target":"peer:x","index":null,"error":"absent: gone"}',
  '{"ratio":"native/peer:hnswlib","qpsCpu":[2,3,4]}',
].join('\n');
const results: Results = new Map([['ann95-s', linesOf(LINES)], ['ann99-s', { failed: 'ann99-s ended with code 1' }]]);

describe('ratioOf', () => {
  test('reads a pair either way round', () => {
    expect(ratioOf(results, 'ann95-s', 'native', 'peer:hnswlib')).toEqual({ value: [2, 3, 4] });
    expect(ratioOf(results, 'ann95-s', 'peer:hnswlib', 'native')).toEqual({ value: [1 / 4, 1 / 3, 1 / 2] });
  });

  test('says why there is none: the peer’s reason, the part’s, or that it was not run', () => {
    expect(ratioOf(results, 'ann95-s', 'native', 'peer:x')).toEqual({ missing: 'peer:x: absent: gone' });
    expect(ratioOf(results, 'ann99-s', 'native', 'peer:x')).toEqual({ missing: 'ann99-s ended with code 1' });
    expect(ratioOf(results, 'none', 'native', 'peer:x')).toEqual({ missing: 'none was not run' });
  });
});

describe('barsTable', () => {
  const bar = (more: Partial<Bar>): Bar => ({ what: 'w', must: 2, aim: 4, better: 'more', unit: 'x', figures: () => [], ...more });
  const rowOf = (found: Bar): string => barsTable([found], results, [SET]).split('\n')[2] as string;
  const figure = (value: number | readonly [number, number, number]) => () => [{ set: 's', peer: 'p', found: { value } }];

  test('shows the median with its range, and judges by it', () => {
    expect(rowOf(bar({ figures: figure([1, 3, 5]) }))).toBe('| w | 2x | 4x | 3x (1 to 5) | must | s | p |');
    expect(rowOf(bar({ figures: figure(4) }))).toContain('| 4x | aim |');
    expect(rowOf(bar({ figures: figure(1.9) }))).toContain('| 1.9x | missed |');
    expect(rowOf(bar({ better: 'less', must: 20, aim: 8, figures: figure(9) }))).toContain('| 9x | must |');
  });

  test('shows a missing figure as such', () => {
    expect(rowOf(bar({}))).toContain('not measured: no such data set');
    expect(rowOf(bar({ figures: () => [{ set: 's', peer: '', found: { missing: 'a | b' } }] }))).toBe('| w | 2x | 4x | not measured: a \\| b |  | s |  |');
  });

  test('without any run no bar has a figure, and each has a row', () => {
    const rows = barsTable(BARS, new Map(), [SET]).split('\n').slice(2);
    for (const { what } of BARS) expect(rows.some((row) => row.startsWith(`| ${what} |`)), what).toBe(true);
    for (const row of rows) expect(row).toContain('not measured');
  });

  test('a bar that was measured finds its figure', () => {
    const [first] = BARS as readonly [Bar];
    expect(barsTable([first], results, [SET])).toContain('| 3x (2 to 4) | must | s, 60000 x 784; GRAPH, recall 0.95, n 7 | peer:hnswlib |');
  });
});

describe('parts', () => {
  test('each is a command line of its own name', () => {
    const parts = partsOf(SET);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
    for (const { name, argv } of parts) {
      expect(name.endsWith('-s')).toBe(true);
      expect(argv).toContain('--json');
    }
  });

  test('few rows in WebAssembly are measured where a set has them', () => {
    expect(smallPart([SET])).toBeUndefined();
    expect(smallPart([{ ...SET, d: 384 }])?.argv).toContain('--rows');
    expect(smallPart([{ ...SET, d: 384, n: 10_000 }])?.argv).not.toContain('--rows');
    expect(smallPart([{ ...SET, d: 384, n: 9999 }])).toBeUndefined();
  });

  test('one that was run is kept on resuming, one that fails leaves nothing behind and stops none', async () => {
    writeFileSync(join(folder, 'kept.jsonl'), '{"a":1}\n');
    const results = await runParts([{ name: 'kept', argv: ['ann'] }, { name: 'broken', argv: ['ann'] }], folder, 0, () => undefined);
    expect(lineWhere(results, 'kept', (line) => line['a'] === 1)).toEqual({ value: { a: 1 } });
    expect(results.get('broken')).toEqual({ failed: 'broken ended with code 2' });
    expect(existsSync(join(folder, 'broken.jsonl'))).toBe(false);
    expect(readFileSync(join(folder, 'kept.jsonl'), 'utf8')).toBe('{"a":1}\n');
    // What is older than the build is not kept.
    const again = await runParts([{ name: 'kept', argv: ['ann'] }], folder, Date.now() + 60_000, () => undefined);
    expect(again.get('kept')).toEqual({ failed: 'kept ended with code 2' });
  });
});
