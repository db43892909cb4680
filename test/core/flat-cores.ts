// The cores that the flat suite runs on: every kernel set of the native addon and of core.wasm on this machine.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createNativeCore, kernelSets as nativeSets } from '../../src/core/native/native-core.js';
import { createWasmCore, kernelSets as wasmSets } from '../../src/core/wasm/wasm-core.js';
import type { Core, Predicates } from '../../src/ports/core.js';

/** A flat index needs no filter: whoever asks for one finds out. */
export const NO_PREDICATES = new Proxy({} as Predicates, {
  get: (_, name) => {
    throw new Error(`predicates are not part of this test, ${String(name)} was used`);
  },
});

function built(path: string): string {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${path} is not built: run \`npm run build\` first`);
  return file;
}

export const addon: unknown = createRequire(import.meta.url)(built('build/native/elanus.node'));
export const wasmModule = new WebAssembly.Module(readFileSync(built('build/wasm/core.wasm')));

export interface NamedCore {
  readonly name: string;
  readonly create: () => Core;
}

export const CORES: readonly NamedCore[] = [
  ...nativeSets(addon).map((kernels) => ({ name: `native ${kernels}`, create: () => createNativeCore(addon, NO_PREDICATES, { kernels }) })),
  ...wasmSets(wasmModule).map((kernels) => ({ name: `wasm ${kernels}`, create: () => createWasmCore(wasmModule, NO_PREDICATES, { kernels }) })),
];

const SEED = 20261122;

/** Values of -1 to 1, always the same. */
export function randomVectors(count: number, seed = SEED): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
