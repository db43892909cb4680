// The core as the native addon, through its C ABI, with the best kernels of this machine.

import { coreTarget } from '../own-core.js';

export const target = coreTarget('native');
