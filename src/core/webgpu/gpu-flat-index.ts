// GpuFlatIndex: a copy of a flat index in the device's memory, in slabs that one binding can hold. Its vectors never
// change. A search goes batch by batch of queries, and slab by slab within; only the winners come back.

import { bitsetBytes, type Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Metric } from '../../model/metric.js';
import type { AcceleratedIndex, Candidates, FlatIndex } from '../../ports/core.js';
import { USAGE, MAP_MODE_READ, type Device } from './device.js';
import { K_MAX, QUERIES_PER_BATCH, ROWS_PER_SLAB_MAX, ROW_TILE } from './flat.wgsl.js';
import { encodeParams, type Kernels, type SlabParams } from './kernels.js';
import { PAIR_BYTES, type Scratch } from './scratch.js';
import { packVectors, quadsOf } from './vectors.js';
import { decodeWinners } from './winners.js';

/** The largest slab, so that one dispatch stays far from the seconds after which a system resets its GPU. */
export const SLAB_BYTES_MAX = 256 * 1024 * 1024;
/** Vectors copied between two chances for others to run. */
const UPLOAD_BYTES = 8 * 1024 * 1024;

/** What all indexes of one accelerator share. */
export interface Shared {
  readonly device: Device;
  readonly kernels: Kernels;
  readonly scratch: Scratch;
}

interface Slab {
  readonly firstRow: number;
  readonly rows: number;
  readonly vectors: GPUBuffer;
  readonly bindings: GPUBindGroup;
}

export class GpuFlatIndex implements AcceleratedIndex {
  readonly kMax = K_MAX;
  readonly #shared: Shared;
  readonly #dim: number;
  readonly #metric: Metric;
  readonly #size: number;
  readonly #slabs: Slab[] = [];
  #closed = false;

  private constructor(shared: Shared, index: FlatIndex) {
    this.#shared = shared;
    this.#dim = index.dim;
    this.#metric = index.metric;
    this.#size = index.size;
  }

  /** Copies `index`, which must not change meanwhile. Errors: `OutOfMemory`, `Closed`; then nothing is held. */
  static async upload(shared: Shared, index: FlatIndex): Promise<GpuFlatIndex> {
    const copy = new GpuFlatIndex(shared, index);
    const rowsMax = rowsPerSlab(shared.device, index.dim);
    try {
      for (let first = 0; first < index.size; first += rowsMax) await copy.#addSlab(index, first, Math.min(rowsMax, index.size - first));
    } catch (error) {
      copy.close();
      throw error;
    }
    return copy;
  }

  async #addSlab(index: FlatIndex, firstRow: number, rows: number): Promise<void> {
    const { device, kernels, scratch } = this.#shared;
    const stride = quadsOf(index.dim) * 16;
    const vectors = await device.allocate('vectors', rows * stride, USAGE.STORAGE);
    const { params, queries, alive, keys, candidates, winners } = scratch;
    const entries = [params, vectors, queries, alive, keys, candidates, winners].map((buffer, binding) => ({ binding, resource: { buffer } }));
    this.#slabs.push({ firstRow, rows, vectors, bindings: device.gpu.createBindGroup({ layout: kernels.layout, entries }) });
    const block = Math.max(1, Math.floor(UPLOAD_BYTES / stride));
    for (let done = 0; done < rows; done += block) {
      const read = index.read(firstRow + done, Math.min(block, rows - done));
      await device.checked(() => device.gpu.queue.writeBuffer(vectors, done * stride, packVectors(read, index.dim, index.metric)));
      await device.answered(device.gpu.queue.onSubmittedWorkDone());
    }
  }

  async search(queries: Float32Array, k: number, alive?: Bitset): Promise<Candidates> {
    require(Number.isInteger(k) && k >= 1 && k <= K_MAX, () => `k: expected 1 to ${K_MAX}, found ${k}`);
    require(queries.length % this.#dim === 0, () => `queries: expected a whole number of vectors of ${this.#dim}, found ${queries.length} values`);
    require(alive === undefined || alive.length === bitsetBytes(this.#size), () => `alive: expected ${bitsetBytes(this.#size)} bytes, found ${alive?.length}`);
    // Copies, as the caller may change its own while this search waits for its turn.
    const packed = packVectors(queries.slice(), this.#dim, this.#metric);
    const bits = alive?.slice();
    return this.#shared.device.exclusive(() => this.#searchAll(packed, k, bits));
  }

  async #searchAll(packed: Float32Array<ArrayBuffer>, k: number, alive: Uint8Array<ArrayBuffer> | undefined): Promise<Candidates> {
    const stride = quadsOf(this.#dim) * 4;
    const count = packed.length / stride;
    const found = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    for (let first = 0; first < count; first += QUERIES_PER_BATCH) {
      const batch = packed.subarray(first * stride, (first + QUERIES_PER_BATCH) * stride);
      decodeWinners(await this.#searchBatch(batch, k, alive), this.#metric, first, found);
    }
    return found;
  }

  /** The winners as pairs of key and row, k for each query. */
  async #searchBatch(batch: Float32Array<ArrayBuffer>, k: number, alive: Uint8Array<ArrayBuffer> | undefined): Promise<Uint32Array> {
    if (this.#closed) throw new ElanusError('Closed', `${this.#shared.device.name}: the index is closed`);
    const { device, scratch } = this.#shared;
    const quads = quadsOf(this.#dim);
    const queries = batch.length / (quads * 4);
    const bytes = queries * k * PAIR_BYTES;
    await device.checked(() => {
      device.gpu.queue.writeBuffer(scratch.queries, 0, batch);
      for (const slab of this.#slabs) this.#submit(slab, { quads, rows: slab.rows, firstRow: slab.firstRow, queries, k, filtered: alive !== undefined }, alive);
      const encoder = device.gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(scratch.winners, 0, scratch.answer, 0, bytes);
      device.gpu.queue.submit([encoder.finish()]);
    });
    await device.answered(scratch.answer.mapAsync(MAP_MODE_READ, 0, bytes));
    const winners = new Uint32Array(scratch.answer.getMappedRange(0, bytes).slice(0));
    scratch.answer.unmap();
    return winners;
  }

  // The queue keeps the order of writes and submits, so the small buffers serve slab after slab.
  #submit(slab: Slab, params: SlabParams, alive: Uint8Array<ArrayBuffer> | undefined): void {
    const { device, kernels, scratch } = this.#shared;
    device.gpu.queue.writeBuffer(scratch.params, 0, encodeParams(params));
    if (alive !== undefined) device.gpu.queue.writeBuffer(scratch.alive, 0, alive.subarray(slab.firstRow / 8, slab.firstRow / 8 + bitsetBytes(slab.rows)));
    const encoder = device.gpu.createCommandEncoder();
    kernels.encode(encoder, slab.bindings, this.#metric, params);
    device.gpu.queue.submit([encoder.finish()]);
  }

  close(): void {
    this.#closed = true;
    for (const { vectors } of this.#slabs) vectors.destroy();
  }
}

// A multiple of ROW_TILE, so that the liveness of a slab starts at a whole word.
function rowsPerSlab(device: Device, dim: number): number {
  const bytes = Math.min(SLAB_BYTES_MAX, device.gpu.limits.maxStorageBufferBindingSize, device.gpu.limits.maxBufferSize);
  return Math.min(ROWS_PER_SLAB_MAX, Math.floor(bytes / (quadsOf(dim) * 16 * ROW_TILE)) * ROW_TILE);
}
