// Curve: how many queries a second a target answers at which recall, over a ladder of its knob.

import type { Counts } from '../counts.js';

export interface Point {
  readonly index: string;
  readonly knob: string | null;
  readonly value: number | null;
  readonly recall: number;
  /** By CPU time. */
  readonly qps: number;
  readonly counts?: Counts;
}

export interface Curve {
  readonly name: string;
  readonly own: boolean;
  readonly points: readonly Point[];
}

const STEP = 1.35;

/** Settings from `min` to `max`, each a third above the one before. */
export function ladder(min: number, max: number): readonly number[] {
  const values: number[] = [];
  for (let value = min; value < max; value = Math.max(value + 1, Math.round(value * STEP))) values.push(value);
  return [...values, max];
}

/** The points that no other beats in both, by recall. A target with several indexes is drawn by the best of each. */
export function frontier<P extends { readonly recall: number; readonly qps: number }>(points: readonly P[]): readonly P[] {
  const byRecall = [...points].sort((a, b) => b.recall - a.recall || b.qps - a.qps);
  let best = -Infinity;
  return byRecall.filter(({ qps }) => qps > best && ((best = qps), true)).reverse();
}
