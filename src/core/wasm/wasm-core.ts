// WasmCore: the Core port over core.wasm. Each core has a memory of its own, at most 4 GB, which grows and never
// shrinks. Queries and results cross through one scratch that is reused, in portions, so that a big batch needs no
// second copy in that memory.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Metric } from '../../model/metric.js';
import type { Candidates, Core, FlatIndex, Predicates } from '../../ports/core.js';
import { checkFlat, checkRange, checkRows, checkSearch, checkStatus, kernelsPosition, METRIC_NUMBERS, type CoreOptions } from '../native/abi.js';
import { Instance } from './instance.js';

/** What crosses at once, unless one row or one query takes more. */
const PORTION_BYTES = 1024 * 1024;

/** Errors: `Unsupported` if `module` is not core.wasm of this version, or lacks the kernels asked for. */
export function createWasmCore(module: WebAssembly.Module, predicates: Predicates, options: CoreOptions = {}): Core {
  const instance = new Instance(module);
  const kernels = kernelsPosition(instance.kernels, options.kernels);
  return {
    kind: 'wasm',
    kernels: instance.kernels[kernels] as string,
    predicates,
    createFlat: (dim, metric) => new WasmFlat(instance, dim, metric, kernels),
    memoryBytes: () => instance.sizeBytes,
  };
}

/** Names of the kernel sets that the module holds, best first. */
export function kernelSets(module: WebAssembly.Module): readonly string[] {
  return new Instance(module).kernels;
}

class WasmFlat implements FlatIndex {
  readonly dim: number;
  readonly metric: Metric;
  readonly #core: Instance;
  #flat: number; // 0 when closed
  #size = 0;

  constructor(core: Instance, dim: number, metric: Metric, kernels: number) {
    checkFlat(dim, metric);
    const out = core.scratch(4);
    checkStatus(core.calls.elanus_flat_open(dim, METRIC_NUMBERS[metric], kernels, out), 'createFlat');
    this.dim = dim;
    this.metric = metric;
    this.#core = core;
    this.#flat = core.u32[out / 4] as number;
  }

  get size(): number {
    return this.#size;
  }

  append(vectors: Float32Array): void {
    this.#checkOpen();
    const count = checkRows('append', vectors, this.dim);
    const { calls } = this.#core;
    const portion = this.#portion(count, 0);
    const at = this.#core.scratch(portion * this.dim * 4);
    checkStatus(calls.elanus_flat_reserve(this.#flat, count), 'append');
    for (let done = 0; done < count; done += portion) {
      const rows = Math.min(portion, count - done);
      this.#core.f32.set(vectors.subarray(done * this.dim, (done + rows) * this.dim), at / 4);
      checkStatus(calls.elanus_flat_append(this.#flat, at, rows), 'append');
    }
    this.#size += count;
  }

  read(first: number, count: number): Float32Array<ArrayBuffer> {
    this.#checkOpen();
    checkRange(first, count, this.#size);
    const out = new Float32Array(count * this.dim);
    const portion = this.#portion(count, 0);
    const at = this.#core.scratch(portion * this.dim * 4);
    for (let done = 0; done < count; done += portion) {
      const rows = Math.min(portion, count - done);
      checkStatus(this.#core.calls.elanus_flat_read(this.#flat, first + done, rows, at), 'read');
      out.set(this.#core.f32.subarray(at / 4, at / 4 + rows * this.dim), done * this.dim);
    }
    return out;
  }

  search(queries: Float32Array, k: number, alive?: Bitset): Candidates {
    this.#checkOpen();
    const count = checkSearch(queries, this.dim, k, alive, this.#size);
    const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    const portion = this.#portion(count, 4 + 8 * k);
    const aliveBytes = alive === undefined ? 0 : Math.ceil(alive.length / 4) * 4;
    const aliveAt = this.#core.scratch(aliveBytes + portion * (this.dim * 4 + 4 + 8 * k));
    if (alive !== undefined) this.#core.u8.set(alive, aliveAt);
    for (let done = 0; done < count; done += portion) {
      const part = count <= portion ? queries : queries.subarray(done * this.dim, Math.min(done + portion, count) * this.dim);
      this.#searchPortion(part, done, aliveAt, aliveBytes, result);
    }
    return result;
  }

  close(): void {
    this.#core.calls.elanus_flat_close(this.#flat);
    this.#flat = 0;
  }

  /** Searches `queries`, which are those from `first` on, with the bitset and the room for them in scratch. */
  #searchPortion(queries: Float32Array, first: number, aliveAt: number, aliveBytes: number, result: Candidates): void {
    const { k } = result;
    const count = queries.length / this.dim;
    const queriesAt = aliveAt + aliveBytes;
    const countsAt = queriesAt + queries.length * 4;
    const rowsAt = countsAt + count * 4;
    const scoresAt = rowsAt + count * k * 4;
    const { calls, f32, u32 } = this.#core;
    f32.set(queries, queriesAt / 4);
    const status = calls.elanus_flat_search(this.#flat, queriesAt, count, k, aliveBytes === 0 ? 0 : aliveAt, countsAt, rowsAt, scoresAt);
    checkStatus(status, 'search');
    result.counts.set(u32.subarray(countsAt / 4, rowsAt / 4), first);
    result.rows.set(u32.subarray(rowsAt / 4, scoresAt / 4), first * k);
    result.scores.set(f32.subarray(scoresAt / 4, scoresAt / 4 + count * k), first * k);
  }

  /** How many of `count` rows or queries cross at once, each with `extraBytes` beside its vector. */
  #portion(count: number, extraBytes: number): number {
    return Math.max(1, Math.min(count, Math.floor(PORTION_BYTES / (this.dim * 4 + extraBytes))));
  }

  #checkOpen(): void {
    if (this.#flat === 0) throw new ElanusError('Closed', 'the flat index is closed');
  }
}
