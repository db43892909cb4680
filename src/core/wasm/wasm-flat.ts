// WasmFlat: a flat index in the memory of core.wasm. Queries and results cross through the instance's scratch, in
// portions, so that a big batch needs no second copy there.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Candidates, DenseElement, FlatIndex, MetricOf, QueryValues, ScoreRange, VectorElement, VectorValues } from '../../ports/core.js';
import { checkRange, checkRows, checkSearch, checkStatus, METRIC_NUMBERS, rangeNumbers } from '../native/abi.js';
import { checkDense, checkFlat, type ElementTraits } from '../native/elements.js';
import type { Instance } from './instance.js';
import { searchInPortions } from './portions.js';

/** What crosses at once, unless one row takes more. */
const PORTION_BYTES = 1024 * 1024;

export class WasmFlat<E extends VectorElement = 'FloatVector'> implements FlatIndex<E> {
  readonly dim: number;
  readonly metric: MetricOf<E>;
  readonly element: E;
  readonly #core: Instance;
  readonly #traits: ElementTraits<E>;
  readonly #width: number; // values of a row
  #flat: number; // 0 when closed
  #size = 0;

  constructor(core: Instance, dim: number, metric: MetricOf<E>, element: E, kernels: number) {
    this.#traits = checkFlat(dim, metric, element);
    const out = core.scratch(4);
    checkStatus(core.calls.elanus_flat_open(dim, METRIC_NUMBERS[metric], this.#traits.number, kernels, out), 'createFlat');
    this.dim = dim;
    this.metric = metric;
    this.element = element;
    this.#width = dim / this.#traits.perValue;
    this.#core = core;
    this.#flat = core.u32[out / 4] as number;
  }

  /** Errors: `InvalidArgument` if it is of another core, or holds bits. */
  static of(core: Instance, rows: FlatIndex<DenseElement>): WasmFlat<DenseElement> {
    require(rows instanceof WasmFlat && rows.#core === core, () => 'rows: expected a flat index of this core');
    checkDense(rows.element);
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

  append(vectors: VectorValues<E>): void {
    this.#checkOpen();
    const count = checkRows('append', vectors, this.#width, this.#traits.Rows);
    const { calls } = this.#core;
    const portion = this.#portion(count);
    const at = this.#core.scratch(portion * this.#rowBytes);
    checkStatus(calls.elanus_flat_reserve(this.#flat, count), 'append');
    for (let done = 0; done < count; done += portion) {
      const rows = Math.min(portion, count - done);
      this.#core.put(vectors.subarray(done * this.#width, (done + rows) * this.#width), at);
      checkStatus(calls.elanus_flat_append(this.#flat, at, rows), 'append');
    }
    this.#size += count;
  }

  read(first: number, count: number, out: VectorValues<E, ArrayBuffer> = new this.#traits.Rows(count * this.#width)): VectorValues<E, ArrayBuffer> {
    this.#checkOpen();
    checkRange(first, count, this.#size);
    require(out.length === count * this.#width, () => `read: expected room for ${count} rows, found ${out.length} values`);
    const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    const portion = this.#portion(count);
    const at = this.#core.scratch(portion * this.#rowBytes);
    for (let done = 0; done < count; done += portion) {
      const rows = Math.min(portion, count - done);
      checkStatus(this.#core.calls.elanus_flat_read(this.#flat, first + done, rows, at), 'read');
      bytes.set(this.#core.u8.subarray(at, at + rows * this.#rowBytes), done * this.#rowBytes);
    }
    return out;
  }

  search(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Candidates {
    this.#checkOpen();
    const count = checkSearch(queries, this.#width, k, alive, this.#size, this.#traits.Queries);
    const bounds = rangeNumbers(range, this.metric);
    const { calls } = this.#core;
    return searchInPortions(this.#core, { queries, dim: this.#width, count, k, alive, range: bounds }, (at) =>
      calls.elanus_flat_search(this.#flat, at.queries, at.count, k, at.alive, at.range, at.counts, at.rows, at.scores),
    );
  }

  close(): void {
    this.#core.calls.elanus_flat_close(this.#flat);
    this.#flat = 0;
  }

  get #rowBytes(): number {
    return this.#width * this.#traits.Rows.BYTES_PER_ELEMENT;
  }

  /** How many of `count` rows cross at once. */
  #portion(count: number): number {
    return Math.max(1, Math.min(count, Math.floor(PORTION_BYTES / this.#rowBytes)));
  }

  #checkOpen(): void {
    if (this.#flat === 0) throw new ElanusError('Closed', 'the flat index is closed');
  }
}
