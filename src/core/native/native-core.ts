// NativeCore: the Core port over the addon elanus.node. The caller loads the addon; nothing here knows of Node.
// The vectors live outside the JavaScript heap until `close`.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Candidates, Core, DenseElement, FlatIndex, MetricOf, Predicates, QueryValues, ScoreRange, VectorElement, VectorValues } from '../../ports/core.js';
import type { Addon, AddonFlat } from './addon.js';
import { withAnswers } from './answers.js';
import { codesNative } from './native-codes.js';
import { checkDense, checkFlat, type ElementTraits } from './elements.js';
import { buildNative, nativeExtent, openNative } from './native-index.js';
import { rankNative } from './native-rank.js';
import { NativeSparse, NativeSparseBuild } from './native-sparse.js';
import { ABI_VERSION, checkRange, checkRows, checkSearch, checkStatus, kernelsPosition, METRIC_NUMBERS, rangeNumbers, type CoreOptions } from './abi.js';

/** What holds memory of the core and is not closed. */
export type Open = Set<{ bytes(): number }>;

/** Errors: `Unsupported` if `addon` is not elanus.node of this version, or lacks the kernels asked for. */
export function createNativeCore(addon: unknown, predicates: Predicates, options: CoreOptions = {}): Core {
  const checked = checkAddon(addon);
  const kernels = kernelsPosition(checked.kernels, options.kernels);
  const open: Open = new Set();
  return {
    kind: 'native',
    kernels: checked.kernels[kernels] as string,
    predicates,
    createFlat: <E extends VectorElement = 'FloatVector'>(dim: number, metric: MetricOf<E>, element = 'FloatVector' as E) =>
      new NativeFlat(new checked.Flat(), dim, metric, element, kernels, open),
    buildSparse: () => new NativeSparseBuild(new checked.SparseBuilder()),
    openSparse: (bytes) => new NativeSparse(new checked.Sparse(), bytes, open),
    codesOf: (rows) => codesNative(checked, rows, NativeFlat.addonOf(rows), kernels),
    buildIndex: (rows, options) => buildNative(checked, NativeFlat.addonOf(rows), options, kernels),
    openIndex: (bytes, rows, options) => openNative(checked, bytes, rows && NativeFlat.addonOf(rows), kernels, options),
    indexExtent: (head, stage) => nativeExtent(checked, head, stage),
    rank: (metric, element, dim, query, vectors, k) => rankNative(checked, { metric, element, dim, query, vectors, k, kernels }),
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

class NativeFlat<E extends VectorElement> implements FlatIndex<E> {
  readonly dim: number;
  readonly metric: MetricOf<E>;
  readonly element: E;
  readonly #flat: AddonFlat;
  readonly #traits: ElementTraits<E>;
  readonly #width: number; // values of a row
  readonly #open: Open;
  #size = 0;
  #closed = false;

  constructor(flat: AddonFlat, dim: number, metric: MetricOf<E>, element: E, kernels: number, open: Open) {
    this.#traits = checkFlat(dim, metric, element);
    checkStatus(flat.open(dim, METRIC_NUMBERS[metric], this.#traits.number, kernels), 'createFlat');
    this.dim = dim;
    this.metric = metric;
    this.element = element;
    this.#width = dim / this.#traits.perValue;
    this.#flat = flat;
    this.#open = open;
    open.add(this);
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

  read(first: number, count: number): VectorValues<E, ArrayBuffer> {
    this.#checkOpen();
    checkRange(first, count, this.#size);
    const out = new this.#traits.Rows(count * this.#width);
    checkStatus(this.#flat.read(first, out), 'read');
    return out;
  }

  search(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Candidates {
    this.#checkOpen();
    const count = checkSearch(queries, this.#width, k, alive, this.#size, this.#traits.Queries);
    const bounds = rangeNumbers(range, this.metric);
    return withAnswers(count, k, ({ counts, rows, scores }) => checkStatus(this.#flat.search(queries, k, alive, bounds, counts, rows, scores), 'search'));
  }

  bytes(): number {
    return this.#flat.bytes();
  }

  close(): void {
    this.#closed = true;
    this.#open.delete(this);
    this.#flat.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ElanusError('Closed', 'the flat index is closed');
  }
}
