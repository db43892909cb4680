// The core as the WebAssembly module with relaxed SIMD, through its C ABI, in Node. Absent where no compiler built it: its
// file is then a copy of core.wasm.

import { setFlagsFromString } from 'node:v8';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { takesRelaxedSimd } from '../../src/core/wasm/relaxed.js';
import { createWasmCore, kernelSets } from '../../src/core/wasm/wasm-core.js';
import { coreTarget } from '../own-core.js';
import { compileWasm, missingBuild } from '../repository.js';

const MODULE = 'dist/core-relaxed.wasm';

// V8 of Node 20 must be told to take relaxed SIMD; later ones know no such flag.
if (!takesRelaxedSimd()) setFlagsFromString('--experimental-wasm-relaxed-simd');

async function prepare(): Promise<string | undefined> {
  const missing = missingBuild(MODULE, 'dist/filter.wasm');
  if (missing !== undefined) return missing;
  if (!takesRelaxedSimd()) return `V8 of Node ${process.version} takes no relaxed SIMD`;
  return kernelSets(await compileWasm(MODULE)).includes('relaxed') ? undefined : `${MODULE} is a copy of core.wasm: no compiler here makes relaxed SIMD`;
}

export const target = coreTarget(prepare, async () => createWasmCore(await compileWasm(MODULE), createPredicates(await compileWasm('dist/filter.wasm'))));
