// NativeCore: the Core port over the addon elanus.node. The caller loads the addon; nothing here knows of Node.
// The vectors live outside the JavaScript heap until `close`.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Metric } from '../../model/metric.js';
import type { Candidates, Core, FlatIndex, Predicates } from '../../ports/core.js';
import type { Addon, AddonFlat } from './addon.js';
import { buildNative, nativeExtent, openNative } from './native-index.js';
import { awaitSearch } from './native-search.js';
import { ABI_VERSION, checkFlat, checkRange, checkRows, checkSearch, checkStatus, kernelsPosition, METRIC_NUMBERS, type CoreOptions } from './abi.js';

export interface NativeOptions extends CoreOptions {
  /** That searches and builds off the JavaScript thread use, 1 to 256. Default 1. */
  readonly threads?: number;
}

/** Places for results that are reused: a small typed array given to the addon costs more than a small search. */
interface Scratch {
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

const SCRATCH_PLACES = 1024;
export const THREADS_MAX = 256;

/** Errors: `Unsupported` if `addon` is not elanus.node of this version, or lacks the kernels asked for. */
export function createNativeCore(addon: unknown, predicates: Predicates, options: NativeOptions = {}): Core {
  const checked = checkAddon(addon);
  const { threads = 1 } = options;
  require(Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX, () => `threads: expected 1 to ${THREADS_MAX}, found ${String(threads)}`);
  const kernels = kernelsPosition(checked.kernels, options.kernels);
  const open = new Set<NativeFlat>();
  const scratch = room(SCRATCH_PLACES, SCRATCH_PLACES);
  return {
    kind: 'native',
    kernels: checked.kernels[kernels] as string,
    predicates,
    createFlat: (dim, metric) => new NativeFlat(new checked.Flat(), dim, metric, { kernels, threads, scratch, open }),
    buildIndex: (rows, options) => buildNative(checked, NativeFlat.addonOf(rows), options, kernels, threads),
    openIndex: (bytes, rows, options) => openNative(checked, bytes, rows && NativeFlat.addonOf(rows), kernels, threads, options),
    indexExtent: (head, stage) => nativeExtent(checked, head, stage),
    memoryBytes: () => [...open].reduce((bytes, flat) => bytes + flat.bytes(), 0),
  };
}

/** Names of the kernel sets that this machine can run, best first. */
export function kernelSets(addon: unknown): readonly string[] {
  return checkAddon(addon).kernels;
}

function room(queries: number, places: number): Scratch {
  return { counts: new Uint32Array(queries), rows: new Uint32Array(places), scores: new Float32Array(places) };
}

function checkAddon(given: unknown): Addon {
  const addon = (typeof given === 'object' && given !== null ? given : {}) as Partial<Addon>;
  if (addon.abiVersion !== ABI_VERSION || addon.kernels === undefined || addon.Flat === undefined) {
    throw new ElanusError('Unsupported', `addon: expected elanus.node with ABI version ${ABI_VERSION}, found ${String(addon.abiVersion)}`);
  }
  return addon as Addon;
}

/** What the flat indexes of a core have in common. */
interface Shared {
  readonly kernels: number;
  readonly threads: number;
  readonly scratch: Scratch;
  readonly open: Set<NativeFlat>;
}

class NativeFlat implements FlatIndex {
  readonly dim: number;
  readonly metric: Metric;
  readonly #flat: AddonFlat;
  readonly #shared: Shared;
  #size = 0;
  #closed = false;

  constructor(flat: AddonFlat, dim: number, metric: Metric, shared: Shared) {
    checkFlat(dim, metric);
    checkStatus(flat.open(dim, METRIC_NUMBERS[metric], shared.kernels), 'createFlat');
    this.dim = dim;
    this.metric = metric;
    this.#flat = flat;
    this.#shared = shared;
    shared.open.add(this);
  }

  /** Errors: `InvalidArgument` if it is of another core. */
  static addonOf(rows: FlatIndex): AddonFlat {
    require(rows instanceof NativeFlat, () => 'rows: expected a flat index of this core');
    rows.#checkOpen();
    return rows.#flat;
  }

  get size(): number {
    return this.#size;
  }

  append(vectors: Float32Array): void {
    this.#checkOpen();
    const rows = checkRows('append', vectors, this.dim);
    checkStatus(this.#flat.append(vectors), 'append');
    this.#size += rows;
  }

  read(first: number, count: number): Float32Array<ArrayBuffer> {
    this.#checkOpen();
    checkRange(first, count, this.#size);
    const out = new Float32Array(count * this.dim);
    checkStatus(this.#flat.read(first, out), 'read');
    return out;
  }

  search(queries: Float32Array, k: number, alive?: Bitset): Candidates {
    this.#checkOpen();
    const count = checkSearch(queries, this.dim, k, alive, this.#size);
    const places = count * k;
    const reused = places <= SCRATCH_PLACES;
    const { counts, rows, scores } = reused ? this.#shared.scratch : room(count, places);
    checkStatus(this.#flat.search(queries, k, alive, counts, rows, scores), 'search');
    if (!reused) return { k, counts, rows, scores };
    return { k, counts: counts.slice(0, count), rows: rows.slice(0, places), scores: scores.slice(0, places) };
  }

  async searchAsync(queries: Float32Array, k: number, alive?: Bitset): Promise<Candidates> {
    this.#checkOpen();
    checkSearch(queries, this.dim, k, alive, this.#size);
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
