// The core as the WebAssembly module with relaxed SIMD, through its C ABI, in Node.

import { coreTarget } from '../own-core.js';

export const target = coreTarget('wasm-relaxed');
