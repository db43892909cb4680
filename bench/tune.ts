// Tuning: the least setting of a knob that reaches a recall, by doubling and then bisection. Exact where recall
// grows with the knob; where it wavers, a setting that reaches, next above one that does not.

import type { Knob } from './target.js';

export interface Tuned {
  /** The least setting that reaches; else the best one tried. */
  readonly value: number;
  readonly recall: number;
  readonly reached: boolean;
}

export async function leastSetting(knob: Knob, recallWanted: number, recallAt: (value: number) => Promise<number>): Promise<Tuned> {
  let best: Tuned = { value: knob.min, recall: -1, reached: false };
  const reaches = async (value: number): Promise<boolean> => {
    const recall = await recallAt(value);
    const reached = recall >= recallWanted;
    if (reached || (!best.reached && recall > best.recall)) best = { value, recall, reached };
    return reached;
  };
  let below = knob.min - 1;
  let value = knob.min;
  while (!(await reaches(value))) {
    if (value >= knob.max) return best;
    below = value;
    value = Math.min(value * 2, knob.max);
  }
  while (value - below > 1) {
    const middle = Math.floor((below + value) / 2);
    if (await reaches(middle)) value = middle;
    else below = middle;
  }
  return best;
}
