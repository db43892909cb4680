// The cores that the flat suite runs on: every kernel set of the native addon and of both WebAssembly modules on this
// machine. Where no compiler could build the relaxed one, its file is a copy of core.wasm and adds no set.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createNativeCore, kernelSets as nativeSets } from '../../src/core/native/native-core.js';
import { createWasmCore, kernelSets as wasmSets } from '../../src/core/wasm/wasm-core.js';
import type { Core, Predicates } from '../../src/ports/core.js';
import { enableRelaxedSimd, relaxedBuild } from '../support/relaxed.js';

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

async function relaxedModule(): Promise<WebAssembly.Module | undefined> {
  if ((await relaxedBuild()).compiler === undefined) return undefined;
  await enableRelaxedSimd();
  return new WebAssembly.Module(readFileSync(built('dist/core-relaxed.wasm')));
}

export interface NamedCore {
  readonly name: string;
  readonly create: () => Core;
}

const wasmCores = (label: string, module: WebAssembly.Module): readonly NamedCore[] =>
  wasmSets(module).map((kernels) => ({ name: `${label} ${kernels}`, create: () => createWasmCore(module, NO_PREDICATES, { kernels }) }));

const relaxed = await relaxedModule();

export const CORES: readonly NamedCore[] = [
  ...nativeSets(addon).map((kernels) => ({ name: `native ${kernels}`, create: () => createNativeCore(addon, NO_PREDICATES, { kernels }) })),
  ...wasmCores('wasm', wasmModule),
  ...(relaxed === undefined ? [] : wasmCores('core-relaxed.wasm', relaxed)),
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
