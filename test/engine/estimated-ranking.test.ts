// How many of the best are expected among candidates that were not scored exactly: held against models whose errors are known.

import { describe, expect, test } from 'vitest';
import { EstimatedRanking, normalBelow, type Estimate } from '../../src/engine/search/estimated-ranking.js';
import { random } from '../support/random.js';

const K = 10;
const ROWS = 600;

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

interface Model {
  readonly exact: readonly number[];
  readonly estimates: readonly Estimate[];
}

/** Scores that thin out towards the best, as those of neighbours do; estimates are off by `bias` and a deviation. */
function modelOf(next: () => number, sign: 1 | -1, bias: number, deviation: number): Model {
  const exact = Array.from({ length: ROWS }, (_, row) => sign * (row / ROWS) ** 0.5);
  return { exact, estimates: exact.map((score, row) => ({ part: 0, row, score: score + bias + deviation * normal(next) })) };
}

/** Scores exactly until `recall` is expected; gives what was expected, what is true, and how many were scored. */
function run({ exact, estimates }: Model, metric: 'L2' | 'COSINE', recall: number): { readonly said: number; readonly found: number; readonly scored: number } {
  const ranking = new EstimatedRanking(K, metric, estimates, []);
  const scored: number[] = [];
  for (let wave = ranking.next(); wave.length > 0; wave = ranking.recall() >= recall ? [] : ranking.next()) {
    for (const { part, row } of wave) {
      ranking.take(part, row, exact[row] as number);
      scored.push(row);
    }
  }
  return { said: ranking.recall(), found: scored.filter((row) => row < K).length / K, scored: scored.length };
}

describe('what is expected', () => {
  test.each([['L2', 1], ['COSINE', -1]] as const)('is what is found, on average: %s', (metric, sign) => {
    const next = random(3);
    for (const deviation of [0.02, 0.05, 0.08]) {
      const runs = Array.from({ length: 200 }, () => run(modelOf(next, sign, 0, deviation), metric, 0.9));
      const mean = (value: (of: (typeof runs)[number]) => number): number => runs.reduce((sum, of) => sum + value(of), 0) / runs.length;
      expect(Math.abs(mean(({ said }) => said) - mean(({ found }) => found))).toBeLessThanOrEqual(0.05);
    }
  });

  test('does not change if all estimates are off by the same', () => {
    const [straight, shifted] = [0, 0.7].map((bias) => run(modelOf(random(5), 1, bias, 0.05), 'L2', 0.9));
    expect(shifted?.scored).toBe(straight?.scored);
    expect(shifted?.said).toBeCloseTo(straight?.said as number, 9);
  });

  test('reaches what is asked for, with more scored the more that is', () => {
    const next = random(7);
    const scored = [0.6, 0.9, 0.99].map((recall) => {
      const runs = Array.from({ length: 50 }, () => run(modelOf(next, 1, 0, 0.08), 'L2', recall));
      for (const { said } of runs) expect(said).toBeGreaterThanOrEqual(recall);
      return runs.reduce((sum, of) => sum + of.scored, 0) / runs.length;
    });
    expect(scored[1]).toBeGreaterThan(scored[0] as number);
    expect(scored[2]).toBeGreaterThan(scored[1] as number);
  });

  test('is nothing before anything was scored, and all once everything was', () => {
    const { exact, estimates } = modelOf(random(9), 1, 0, 0.05);
    const ranking = new EstimatedRanking(K, 'L2', estimates, []);
    expect(ranking.recall()).toBe(0);
    for (let wave = ranking.next(); wave.length > 0; wave = ranking.next()) for (const { row } of wave) ranking.take(0, row, exact[row] as number);
    expect(ranking.recall()).toBe(1);
    expect(new EstimatedRanking(K, 'L2', [], []).recall()).toBe(1);
  });

  test('counts what other segments have: who is worse than those is not missed', () => {
    const { exact, estimates } = modelOf(random(11), 1, 0, 0.02);
    const said = [[], Array.from({ length: K }, () => -1)].map((others) => {
      const ranking = new EstimatedRanking(K, 'L2', estimates, others);
      for (const { row } of ranking.next()) ranking.take(0, row, exact[row] as number);
      return ranking.recall();
    });
    expect(said[0]).toBeLessThan(1);
    expect(said[1]).toBe(1);
  });
});

test('probabilities of the normal distribution are those of tables', () => {
  for (const [x, probability] of [[-3, 0.0013499], [-1.96, 0.0249979], [0, 0.5], [1, 0.8413447], [2.5758, 0.995]] as const) expect(normalBelow(x)).toBeCloseTo(probability, 6);
});
