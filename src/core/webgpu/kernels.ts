// Kernels: the compiled pipelines, the one layout of bindings that they share, and the dispatches of one slab.

import type { Metric } from '../../model/metric.js';
import { STAGE_COMPUTE } from './device.js';
import { FLAT_WGSL, QUERY_TILE, ROWS_PER_PART, ROW_TILE, sortSize } from './flat.wgsl.js';

/** The numbers that a dispatch over one slab is given, as `Params` in the shader. */
export interface SlabParams {
  readonly quads: number;
  readonly rows: number;
  readonly firstRow: number;
  readonly queries: number;
  readonly k: number;
  readonly filtered: boolean;
}

export const PARAMS_BYTES = 32;

export class Kernels {
  readonly layout: GPUBindGroupLayout;
  readonly #l2: GPUComputePipeline;
  readonly #ip: GPUComputePipeline;
  readonly #selectParts: GPUComputePipeline;
  readonly #mergeParts: GPUComputePipeline;

  private constructor(layout: GPUBindGroupLayout, [l2, ip, selectParts, mergeParts]: readonly [GPUComputePipeline, GPUComputePipeline, GPUComputePipeline, GPUComputePipeline]) {
    this.layout = layout;
    this.#l2 = l2;
    this.#ip = ip;
    this.#selectParts = selectParts;
    this.#mergeParts = mergeParts;
  }

  /** Rejects with the device's own error if it does not take the kernels. */
  static async compile(gpu: GPUDevice): Promise<Kernels> {
    const types: readonly GPUBufferBindingType[] = ['uniform', 'read-only-storage', 'read-only-storage', 'read-only-storage', 'storage', 'storage', 'storage'];
    const layout = gpu.createBindGroupLayout({ entries: types.map((type, binding) => ({ binding, visibility: STAGE_COMPUTE, buffer: { type } })) });
    const module = gpu.createShaderModule({ code: FLAT_WGSL });
    const pipelineLayout = gpu.createPipelineLayout({ bindGroupLayouts: [layout] });
    const pipeline = (entryPoint: string, constants: Record<string, number> = {}): Promise<GPUComputePipeline> =>
      gpu.createComputePipelineAsync({ label: entryPoint, layout: pipelineLayout, compute: { module, entryPoint, constants } });
    return new Kernels(
      layout,
      await Promise.all([pipeline('score', { squaredDistance: 1 }), pipeline('score', { squaredDistance: 0 }), pipeline('selectParts'), pipeline('mergeParts')]),
    );
  }

  /** Records all passes over one slab. */
  encode(encoder: GPUCommandEncoder, bindings: GPUBindGroup, metric: Metric, { rows, queries }: SlabParams): void {
    const pass = encoder.beginComputePass();
    pass.setBindGroup(0, bindings);
    pass.setPipeline(metric === 'L2' ? this.#l2 : this.#ip);
    pass.dispatchWorkgroups(Math.ceil(rows / ROW_TILE), Math.ceil(queries / QUERY_TILE));
    pass.setPipeline(this.#selectParts);
    pass.dispatchWorkgroups(partsOf(rows), queries);
    pass.setPipeline(this.#mergeParts);
    pass.dispatchWorkgroups(queries);
    pass.end();
  }
}

export function partsOf(rows: number): number {
  return Math.ceil(rows / ROWS_PER_PART);
}

export function encodeParams({ quads, rows, firstRow, queries, k, filtered }: SlabParams): Uint32Array<ArrayBuffer> {
  return new Uint32Array([quads, rows, firstRow, queries, k, sortSize(k), partsOf(rows), filtered ? 1 : 0]);
}
