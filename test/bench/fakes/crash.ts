// A peer whose process dies while it builds.

import type { NodeTarget } from '../../../bench/target.js';
import { fakeTarget } from './fake.js';

export const target: NodeTarget = {
  ...fakeTarget(false, (n) => n),
  open() {
    process.stderr.write('out of luck\n');
    process.exit(7);
  },
};
