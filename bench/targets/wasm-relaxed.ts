// The core as the WebAssembly module with relaxed SIMD, through its C ABI, in Node. Absent where no compiler built it.

import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import { coreTarget } from '../own-core.js';
import { compileWasm, missingBuild } from '../repository.js';

export const target = coreTarget(
  async () => missingBuild('dist/core-relaxed.wasm', 'dist/filter.wasm'),
  async () => createWasmCore(await compileWasm('dist/core-relaxed.wasm'), createPredicates(await compileWasm('dist/filter.wasm'))),
);
