// A peer that is not installed.

import type { NodeTarget } from '../../../bench/target.js';
import { fakeTarget } from './fake.js';

export const target: NodeTarget = { ...fakeTarget(false, (n) => n), prepare: async () => 'not installed' };
