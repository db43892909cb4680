// A peer that looks at half of the rows at most.

import { fakeTarget } from './fake.js';

export const target = fakeTarget(false, (n) => n / 2);
