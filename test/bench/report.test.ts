// The lines are a contract: exact keys, medians over rounds, ratios paired round by round, nothing dropped.

import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../bench/contest.js';
import { ratioLines, table, targetLine } from '../../bench/report.js';

const SHAPE = { n: 100, d: 8, k: 10, recall: 0.95 };
const VARIANT = { index: 'HNSW', params: { M: 16 }, knob: { name: 'ef', min: 10, max: 100 }, buildS: 1.5, fileBytes: 10, ramBytes: 20 };

function outcome(name: string, own: boolean, qpsCpu: readonly number[]): Outcome {
  const rounds = qpsCpu.map((value) => ({ qps: value / 2, qpsCpu: value, p50Ms: 1, p99Ms: null }));
  return { name, own, variant: VARIANT, tuned: { value: 33, recall: 0.951, reached: true }, rounds };
}

describe('targetLine', () => {
  test('holds medians, the knob among the params, and exactly the agreed keys', () => {
    const line = targetLine(outcome('peer:x', false, [100, 300, 200]), SHAPE);
    expect(JSON.stringify(line)).toBe(
      '{"target":"peer:x","index":"HNSW","params":{"M":16,"ef":33},"n":100,"d":8,"k":10,"recall":0.951,"qps":100,"qpsCpu":200,"p50Ms":1,"p99Ms":null,"buildS":1.5,"fileBytes":10,"ramBytes":20}',
    );
  });

  test('says that the recall is out of reach, and the best there was', () => {
    const line = targetLine({ ...outcome('peer:x', false, []), tuned: { value: 100, recall: 0.7, reached: false }, unreached: true }, SHAPE);
    expect(line).toMatchObject({ recall: 0.7, qps: null, qpsCpu: null, note: 'recall 0.95 is out of reach; this is its best, not timed' });
  });

  test('says why a target is absent', () => {
    expect(targetLine({ name: 'peer:x', own: false, rounds: [], error: 'absent: no' }, SHAPE)).toMatchObject({ target: 'peer:x', index: null, recall: null, buildS: null, error: 'absent: no' });
  });
});

describe('ratioLines', () => {
  test('each of ours is set against every other, round by round, a pair of ours once', () => {
    const lines = ratioLines([outcome('peer:x', false, [10, 20, 40]), outcome('a', true, [20, 20, 20]), outcome('b', true, [10, 10, 10]), outcome('peer:y', false, [5, 5, 5])]);
    expect(lines).toEqual([
      { ratio: 'a/peer:x', qpsCpu: [0.5, 1, 2] },
      { ratio: 'a/b', qpsCpu: [2, 2, 2] },
      { ratio: 'a/peer:y', qpsCpu: [4, 4, 4] },
      { ratio: 'b/peer:x', qpsCpu: [0.25, 0.5, 1] },
      { ratio: 'b/peer:y', qpsCpu: [2, 2, 2] },
    ]);
  });

  test('peers are not set against each other, nor what was not timed against anything', () => {
    expect(ratioLines([outcome('peer:x', false, [1]), outcome('peer:y', false, [1]), { name: 'a', own: true, rounds: [], error: 'absent' }])).toEqual([]);
  });
});

test('the table has a line for every target, with the reason of one that is absent', () => {
  const lines = [outcome('a', true, [1]), { name: 'peer:x', own: false, rounds: [], error: 'absent: no compiler' }].map((each) => targetLine(each, SHAPE));
  const text = table(lines, [{ ratio: 'a/peer:x', qpsCpu: [1, 2, 3] }]);
  expect(text.split('\n')).toHaveLength(4);
  expect(text).toContain('absent: no compiler');
  expect(text).toContain('a/peer:x: 2x by CPU time (1 to 3)');
});
