// WasmFlat: a flat index in the memory of core.wasm. Queries and results cross through the instance's scratch, in
// portions, so that a big batch needs no second copy there.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Metric } from '../../model/metric.js';
import type { Candidates, FlatIndex } from '../../ports/core.js';
import { checkFlat, checkRange, checkRows, checkSearch, checkStatus, METRIC_NUMBERS } from '../native/abi.js';
import type { Instance } from './instance.js';
import { searchInPortions } from './portions.js';

/** What crosses at once, unless one row takes more. */
const PORTION_BYTES = 1024 * 1024;

export class WasmFlat implements FlatIndex {
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

  /** Errors: `InvalidArgument` if it is of another core. */
  static of(core: Instance, rows: FlatIndex): WasmFlat {
    require(rows instanceof WasmFlat && rows.#core === core, () => 'rows: expected a flat index of this core');
    rows.#checkOpen();
    return rows;
  }

  /** Where the index is in the core's memory. */
  get address(): number {
    return this.#flat;
  }

  get size(): number {
    return this.#size;
  }

  append(vectors: Float32Array): void {
    this.#checkOpen();
    const count = checkRows('append', vectors, this.dim);
    const { calls } = this.#core;
    const portion = this.#portion(count);
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
    const portion = this.#portion(count);
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
    const { calls } = this.#core;
    return searchInPortions(this.#core, { queries, dim: this.dim, count, k, alive }, (at) =>
      calls.elanus_flat_search(this.#flat, at.queries, at.count, k, at.alive, at.counts, at.rows, at.scores),
    );
  }

  close(): void {
    this.#core.calls.elanus_flat_close(this.#flat);
    this.#flat = 0;
  }

  /** How many of `count` rows cross at once. */
  #portion(count: number): number {
    return Math.max(1, Math.min(count, Math.floor(PORTION_BYTES / (this.dim * 4))));
  }

  #checkOpen(): void {
    if (this.#flat === 0) throw new ElanusError('Closed', 'the flat index is closed');
  }
}
