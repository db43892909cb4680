// A peer that reaches every recall.

import { fakeTarget } from './fake.js';

export const target = fakeTarget(false, (n) => n);
