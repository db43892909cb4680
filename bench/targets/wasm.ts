// The core as the baseline WebAssembly module (SIMD128), through its C ABI, in Node.

import { coreTarget } from '../own-core.js';

export const target = coreTarget('wasm');
