// WasmCore: the Core port over core.wasm. Each core has a memory of its own, at most 4 GB, which grows and never
// shrinks.

import type { Core, MetricOf, Predicates, VectorElement } from '../../ports/core.js';
import { kernelsPosition, type CoreOptions } from '../native/abi.js';
import { Instance } from './instance.js';
import { codesWasm } from './wasm-codes.js';
import { WasmFlat } from './wasm-flat.js';
import { buildWasm, openWasm, wasmExtent } from './wasm-index.js';
import { rankWasm } from './wasm-rank.js';
import { WasmSparse, WasmSparseBuild } from './wasm-sparse.js';

/** Errors: `Unsupported` if `module` is not core.wasm of this version, or lacks the kernels asked for. */
export function createWasmCore(module: WebAssembly.Module, predicates: Predicates, options: CoreOptions = {}): Core {
  const instance = new Instance(module);
  const kernels = kernelsPosition(instance.kernels, options.kernels);
  return {
    kind: 'wasm',
    kernels: instance.kernels[kernels] as string,
    predicates,
    createFlat: <E extends VectorElement = 'FloatVector'>(dim: number, metric: MetricOf<E>, element = 'FloatVector' as E) => new WasmFlat(instance, dim, metric, element, kernels),
    buildSparse: (weights = 'impacts') => new WasmSparseBuild(instance, weights),
    openSparse: (bytes) => new WasmSparse(instance, bytes),
    codesOf: (rows) => codesWasm(instance, WasmFlat.of(instance, rows), kernels),
    buildIndex: (rows, options) => buildWasm(instance, WasmFlat.of(instance, rows), options, kernels),
    openIndex: (bytes, rows, options) => openWasm(instance, bytes, rows && WasmFlat.of(instance, rows), kernels, options),
    indexExtent: (head, stage) => wasmExtent(instance, head, stage),
    rank: (metric, element, dim, query, vectors, k) => rankWasm(instance, { metric, element, dim, query, vectors, k, kernels }),
    memoryBytes: () => instance.sizeBytes,
  };
}

/** Names of the kernel sets that the module holds, best first. */
export function kernelSets(module: WebAssembly.Module): readonly string[] {
  return new Instance(module).kernels;
}
