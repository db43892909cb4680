// Our cores by the names of their targets: each with what it needs built, and how it is made.

import { setFlagsFromString } from 'node:v8';
import { createNativeCore, kernelSets as nativeKernelSets } from '../src/core/native/native-core.js';
import { createPredicates } from '../src/core/predicates/wasm-predicates.js';
import { takesRelaxedSimd } from '../src/core/wasm/relaxed.js';
import { createWasmCore, kernelSets } from '../src/core/wasm/wasm-core.js';
import type { Core } from '../src/ports/core.js';
import { compileWasm, load, missingBuild } from './repository.js';

export const CORE_NAMES = ['native', 'native-avx2', 'wasm', 'wasm-relaxed'] as const;
export type CoreName = (typeof CORE_NAMES)[number];

export interface CoreRecipe {
  /** Resolves to why it is absent, or to nothing. */
  absent(): Promise<string | undefined>;
  create(): Promise<Core>;
}

const ADDON = 'dist/elanus.node';
const FILTER = 'dist/filter.wasm';
const RELAXED = 'dist/core-relaxed.wasm';

const predicates = async () => createPredicates(await compileWasm(FILTER));

const RECIPES: Readonly<Record<CoreName, CoreRecipe>> = {
  native: {
    absent: async () => missingBuild(ADDON, FILTER),
    create: async () => createNativeCore(load(ADDON), await predicates()),
  },
  'native-avx2': {
    absent: async () => missingBuild(ADDON, FILTER) ?? (nativeKernelSets(load(ADDON)).includes('avx2') ? undefined : 'this machine has no AVX2'),
    create: async () => createNativeCore(load(ADDON), await predicates(), { kernels: 'avx2' }),
  },
  wasm: {
    absent: async () => missingBuild('dist/core.wasm', FILTER),
    create: async () => createWasmCore(await compileWasm('dist/core.wasm'), await predicates()),
  },
  'wasm-relaxed': {
    absent: async () => missingBuild(RELAXED, FILTER) ?? relaxedAbsent(),
    create: async () => {
      allowRelaxed();
      return createWasmCore(await compileWasm(RELAXED), await predicates());
    },
  },
};

export function coreRecipe(name: CoreName): CoreRecipe {
  return RECIPES[name];
}

// V8 of Node 20 must be told to take relaxed SIMD; later ones know no such flag.
function allowRelaxed(): void {
  if (!takesRelaxedSimd()) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

// Where no compiler built it, its file is a copy of core.wasm.
async function relaxedAbsent(): Promise<string | undefined> {
  allowRelaxed();
  if (!takesRelaxedSimd()) return `V8 of Node ${process.version} takes no relaxed SIMD`;
  return kernelSets(await compileWasm(RELAXED)).includes('relaxed') ? undefined : `${RELAXED} is a copy of core.wasm: no compiler here makes relaxed SIMD`;
}
