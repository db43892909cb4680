// Ours, asked for a recall: it looks at that share of the rows, which are in no order, and promises a little less.

import type { NodeTarget, Searcher } from '../../../bench/target.js';
import { fakeTarget } from './fake.js';

const fake = fakeTarget(true, (n) => n);

export const target: NodeTarget = {
  ...fake,
  async open(task) {
    const [searcher] = (await fake.open(task)) as readonly [Searcher];
    let recall = 1;
    return [
      {
        ...searcher,
        knob: { name: 'recallPerMille', min: 500, max: 1000 },
        set(value) {
          recall = value / 1000;
          return searcher.set?.(Math.ceil(recall * task.base.n));
        },
        promised: () => recall - 0.01,
      },
    ];
  },
};
