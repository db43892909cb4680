// The relaxed-SIMD module as the build left it, which says in build/core-relaxed.json what compiled it, or why nothing
// could; then its file is a copy of core.wasm. Tests run on what there is and expect what the record says.

import { takesRelaxedSimd } from '../../src/core/wasm/relaxed.js';
import { readAsset } from './assets.js';

export interface RelaxedBuild {
  readonly compiler?: string;
  readonly reason?: string;
}

export async function relaxedBuild(): Promise<RelaxedBuild> {
  return JSON.parse(new TextDecoder().decode(await readAsset('core-relaxed.json'))) as RelaxedBuild;
}

/** The best kernel set of core-relaxed.wasm. */
export async function relaxedKernels(): Promise<'relaxed' | 'simd128'> {
  return (await relaxedBuild()).compiler === undefined ? 'simd128' : 'relaxed';
}

/** Makes this process of Node accept relaxed SIMD: 20 must be told, later ones do. */
export async function enableRelaxedSimd(): Promise<void> {
  if (takesRelaxedSimd()) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!takesRelaxedSimd()) throw new Error(`V8 of Node ${process.version} takes no relaxed SIMD`);
}
