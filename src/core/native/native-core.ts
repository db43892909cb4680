// NativeCore: the Core port over the addon elanus.node. The caller loads the addon; nothing here knows of Node.
// The vectors live outside the JavaScript heap until `close`.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Candidates, Core, DenseElement, FlatIndex, MetricOf, Predicates, QueryValues, ScoreRange, VectorElement, VectorValues } from '../../ports/core.js';
import { useChecksums } from '../../format/crc.js';
import type { Addon, AddonFlat } from './addon.js';
import { withAnswers } from './answers.js';
import { codesNative } from './native-codes.js';
import { checkDense, checkFlat, type ElementTraits } from './elements.js';
import { buildNative, nativeExtent, openNative, openNativeAsync } from './native-index.js';
import { rankNative } from './native-rank.js';
import { awaitSearch } from './native-search.js';
import { NativeSparse, NativeSparseBuild } from './native-sparse.js';
import { ABI_VERSION, checkRange, checkRows, checkSearch, checkStatus, kernelsPosition, METRIC_NUMBERS, rangeNumbers, type CoreOptions } from './abi.js';

/** What holds memory of the core and is not closed. */
export type Open = Set<{ bytes(): number }>;

export interface NativeOptions extends CoreOptions {
  /** That searches and builds off the JavaScript thread use, 1 to 256. Default 1. */
  readonly threads?: number;
}

export const THREADS_MAX = 256;

/** Errors: `Unsupported` if `addon` is not elanus.node of this version, or lacks the kernels asked for. */
export function createNativeCore(addon: unknown, predicates: Predicates, options: NativeOptions = {}): Core {
  const checked = checkAddon(addon);
  const { threads = 1 } = options;
  require(Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX, () => `threads: expected 1 to ${THREADS_MAX}, found ${String(threads)}`);
  const kernels = kernelsPosition(checked.kernels, options.kernels);
  const open: Open = new Set();
  const shared: Shared = { kernels, threads, open };
  useChecksums({ crc32: checked.crc32, crc32c: checked.crc32c, crc32Rows: (bytes, rowBytes, sums) => checkStatus(checked.crc32Rows(bytes, rowBytes, sums), 'crc32Rows') });
  return {
    kind: 'native',
    kernels: checked.kernels[kernels] as string,
    predicates,
    createFlat: <E extends VectorElement = 'FloatVector'>(dim: number, metric: MetricOf<E>, element = 'FloatVector' as E) =>
      new NativeFlat(new checked.Flat(), dim, metric, element, shared),
    buildSparse: (weights = 'impacts') => new NativeSparseBuild(new checked.SparseBuilder(), weights),
    openSparse: (bytes) => new NativeSparse(new checked.Sparse(), bytes, open),
    codesOf: (rows) => codesNative(checked, rows, NativeFlat.addonOf(rows), shared),
    buildIndex: (rows, options) => buildNative(checked, NativeFlat.addonOf(rows), options, shared),
    openIndexAsync: (bytes, rows, options) => openNativeAsync(checked, bytes, () => rows && NativeFlat.addonOf(rows), shared, options),
    openIndex: (bytes, rows, options) => openNative(checked, bytes, rows && NativeFlat.addonOf(rows), shared, options),
    indexExtent: (head, stage) => nativeExtent(checked, head, stage),
    rank: (metric, element, dim, query, vectors, k) => rankNative(checked, { metric, element, dim, query, vectors, k, kernels }),
    trim: () => checked.trim(),
    memoryBytes: () => [...open].reduce((bytes, held) => bytes + held.bytes(), 0),
  };
}

/** Names of the kernel sets that this machine can run, best first. */
export function kernelSets(addon: unknown): readonly string[] {
  return checkAddon(addon).kernels;
}

function checkAddon(given: unknown): Addon {
  const addon = (typeof given === 'object' && given !== null ? given : {}) as Partial<Addon>;
  if (addon.abiVersion !== ABI_VERSION || addon.kernels === undefined || addon.Flat === undefined) {
    throw new ElanusError('Unsupported', `addon: expected elanus.node with ABI version ${ABI_VERSION}, found ${String(addon.abiVersion)}`);
  }
  return addon as Addon;
}

/** What the indexes of a core have in common. */
export interface Shared {
  readonly kernels: number;
  readonly threads: number;
  readonly open: Open;
}

class NativeFlat<E extends VectorElement> implements FlatIndex<E> {
  readonly dim: number;
  readonly metric: MetricOf<E>;
  readonly element: E;
  readonly #flat: AddonFlat;
  readonly #traits: ElementTraits<E>;
  readonly #width: number; // values of a row
  readonly #shared: Shared;
  #size = 0;
  #closed = false;

  constructor(flat: AddonFlat, dim: number, metric: MetricOf<E>, element: E, shared: Shared) {
    this.#traits = checkFlat(dim, metric, element);
    checkStatus(flat.open(dim, METRIC_NUMBERS[metric], this.#traits.number, shared.kernels), 'createFlat');
    this.dim = dim;
    this.metric = metric;
    this.element = element;
    this.#width = dim / this.#traits.perValue;
    this.#flat = flat;
    this.#shared = shared;
    shared.open.add(this);
  }

  /** Errors: `InvalidArgument` if it is of another core, or holds bits. */
  static addonOf(rows: FlatIndex<DenseElement>): AddonFlat {
    require(rows instanceof NativeFlat, () => 'rows: expected a flat index of this core');
    checkDense(rows.element);
    rows.#checkOpen();
    return rows.#flat;
  }

  get size(): number {
    return this.#size;
  }

  append(vectors: VectorValues<E>): void {
    this.#checkOpen();
    const rows = checkRows('append', vectors, this.#width, this.#traits.Rows);
    checkStatus(this.#flat.append(vectors), 'append');
    this.#size += rows;
  }

  read(first: number, count: number, out: VectorValues<E, ArrayBuffer> = new this.#traits.Rows(count * this.#width)): VectorValues<E, ArrayBuffer> {
    this.#checkOpen();
    checkRange(first, count, this.#size);
    require(out.length === count * this.#width, () => `read: expected room for ${count} rows, found ${out.length} values`);
    checkStatus(this.#flat.read(first, out), 'read');
    return out;
  }

  search(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Candidates {
    this.#checkOpen();
    const count = checkSearch(queries, this.#width, k, alive, this.#size, this.#traits.Queries);
    const bounds = rangeNumbers(range, this.metric);
    return withAnswers(count, k, ({ counts, rows, scores }) => checkStatus(this.#flat.search(queries, k, alive, bounds, counts, rows, scores), 'search'));
  }

  // Searches of bit vectors, and within a range, have no other thread to go to yet.
  async searchAsync(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Promise<Candidates> {
    if (range !== undefined || !(queries instanceof Float32Array)) return this.search(queries, k, alive, range);
    this.#checkOpen();
    checkSearch(queries, this.#width, k, alive, this.#size, this.#traits.Queries);
    return awaitSearch(k, this.#flat.searchAsync(this.#shared.threads, queries, k, alive));
  }

  bytes(): number {
    return this.#flat.bytes();
  }

  close(): void {
    this.#closed = true;
    this.#shared.open.delete(this);
    this.#flat.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ElanusError('Closed', 'the flat index is closed');
  }
}
