// The core as the baseline WebAssembly module (SIMD128), through its C ABI, in Node.

import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import { coreTarget } from '../own-core.js';
import { compileWasm, missingBuild } from '../repository.js';

export const target = coreTarget(
  async () => missingBuild('dist/core.wasm', 'dist/filter.wasm'),
  async () => createWasmCore(await compileWasm('dist/core.wasm'), createPredicates(await compileWasm('dist/filter.wasm'))),
);
