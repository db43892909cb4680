// SearchCore: of core.wasm what searches of dense vectors take, so that who only searches does not carry the rest.

import type { MetricOf, SearchCore, VectorElement } from '../../ports/core.js';
import { Instance } from './instance.js';
import { WasmFlat } from './wasm-flat.js';
import { openWasm } from './wasm-index.js';

/** The best kernels that the module has. */
const KERNELS = 0;

/** Errors: `Unsupported` if `module` is not core.wasm of this version. */
export function createSearchCore(module: WebAssembly.Module): SearchCore {
  const instance = new Instance(module);
  return {
    createFlat: <E extends VectorElement = 'FloatVector'>(dim: number, metric: MetricOf<E>, element = 'FloatVector' as E) => new WasmFlat(instance, dim, metric, element, KERNELS),
    openIndex: (bytes, rows, options) => openWasm(instance, bytes, rows && WasmFlat.of(instance, rows), KERNELS, options),
  };
}
