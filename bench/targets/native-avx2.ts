// The native core held to its AVX2 kernels: what WebAssembly, whose vectors are narrower still, is set against.

import { coreTarget } from '../own-core.js';

export const target = coreTarget('native-avx2');
