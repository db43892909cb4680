// Addon: what native/bind/node exports, as types. Numbers returned are statuses of native/include/elanus.h.

import type { Bitset } from '../../model/bitset.js';

export interface Addon {
  readonly abiVersion: number;
  readonly kernels: readonly string[];
  readonly Flat: new () => AddonFlat;
  readonly Builder: new () => AddonBuilder;
  readonly Index: new () => AddonIndex;
  readonly Searcher: new () => AddonSearcher;
  /** out: [bytes]; more: [0 or 1]. */
  indexExtent(head: Uint8Array, stage: number, bytes: BigUint64Array, more: Uint32Array): number;
  /** Writes as many as `positions` has room for, at most as many as there are vectors. */
  rank(dim: number, metric: number, element: number, kernels: number, query: Float32Array, vectors: ArrayBufferView, positions: Uint32Array, scores: Float32Array): number;
  readonly Codes: new () => AddonCodes;
  crc32(bytes: Uint8Array, seed: number): number;
  crc32c(bytes: Uint8Array, seed: number): number;
  /** The CRC-32 of each of `sums.length` rows of `rowBytes` bytes. */
  crc32Rows(bytes: Uint8Array, rowBytes: number, sums: Uint32Array): number;
  /** Gives memory that was freed back to the system, in another thread. */
  trim(): void;
  readonly SparseBuilder: new () => AddonSparseBuilder;
  readonly Sparse: new () => AddonSparse;
}

/** A status that tells at once, or what a search in other threads gives: a status other than success, or its answers. */
export type AddonSearch = number | Promise<number | { readonly counts: Uint32Array; readonly rows: Uint32Array; readonly scores: Float32Array }>;

/** What a build that was closed while it ran gives. */
export const ADDON_CANCELLED = -1;

/** The arrays are those of the element that was opened. `range` is radius and range_filter. */
export interface AddonFlat {
  open(dim: number, metric: number, element: number, kernels: number): number;
  close(): void;
  append(vectors: ArrayBufferView): number;
  read(first: number, out: ArrayBufferView): number;
  search(queries: ArrayBufferView, k: number, alive: Bitset | undefined, range: Float32Array | undefined, counts: Uint32Array, rows: Uint32Array, scores: Float32Array): number;
  searchAsync(threads: number, queries: Float32Array, k: number, alive: Bitset | undefined): AddonSearch;
  bytes(): number;
}

export interface AddonSparseBuilder {
  open(weights: number): number;
  append(indptr: Uint32Array, indices: Uint32Array, values: Float32Array, lengths: Uint32Array | undefined): number;
  /** A copy of the file, or a status. */
  finish(sha256: Uint8Array): Uint8Array<ArrayBuffer> | number;
  close(): void;
}

export interface AddonSparse {
  open(bytes: Uint8Array): number;
  size(): number;
  weights(): number;
  /** `bm25` is k1, b and average length. */
  search(
    indptr: Uint32Array,
    indices: Uint32Array,
    values: Float32Array,
    k: number,
    dropRatio: number,
    bm25: Float32Array | undefined,
    alive: Bitset | undefined,
    range: Float32Array | undefined,
    counts: Uint32Array,
    rows: Uint32Array,
    scores: Float32Array,
  ): number;
  having(terms: Uint32Array, alive: Bitset | undefined, out: Uint32Array): number;
  /** out: [rows, length total]. */
  totals(alive: Bitset | undefined, out: BigUint64Array): number;
  cost(out: BigUint64Array): number;
  bytes(): number;
  close(): void;
}

export interface AddonBuilder {
  open(rows: AddonFlat, kind: number, lists: number, seed: number, sha256: Uint8Array, kernels: number): number;
  step(pairs: number, done: Uint32Array): number;
  /** Instead of steps; the status or `ADDON_CANCELLED` when it has ended. Until then all but `close` is refused. */
  run(threads: number): number | Promise<number>;
  write(kind: number, calibration: Uint8Array | undefined): number;
  /** A copy; undefined before `write`. */
  bytes(): Uint8Array<ArrayBuffer> | undefined;
  close(): void;
}

export interface AddonIndex {
  open(bytes: Uint8Array, flags: number, kernels: number): number;
  /** The same in another thread. Until it has ended all else is refused, and the bytes must not change. */
  openAsync(bytes: Uint8Array, flags: number, kernels: number): number | Promise<number>;
  /** out: [kind, stage, lists, rows, dim, metric]. */
  info(out: Uint32Array): number;
  /** A copy; undefined if there are none. */
  calibration(): Uint8Array<ArrayBuffer> | undefined;
  bytes(): number;
  close(): void;
}

export interface AddonSearcher {
  open(index: AddonIndex, rows: AddonFlat | undefined, effortMax: number): number;
  /** `room`: k, effort, keep, rerank, patience as a float, three words more; then counts, rows, scores and, without rows, errors as floats. */
  search(queries: Float32Array, room: Uint32Array, alive: Bitset | undefined): number;
  searchAsync(queries: Float32Array, k: number, effort: number, keep: number, rerank: number, patience: number, alive: Bitset | undefined, threads: number): AddonSearch;
  searchRows(selves: Uint32Array, k: number, effort: number, keep: number, rerank: number, patience: number, counts: Uint32Array, rows: Uint32Array, scores: Float32Array): number;
  /** out: hops, scored, scanned, lists, reranked, scans. */
  cost(out: BigUint64Array): number;
  close(): void;
}

export interface AddonCodes {
  open(rows: AddonFlat, seed: number, kernels: number): number;
  update(rowsMax: number, left: Uint32Array): number;
  search(queries: Float32Array, k: number, deviations: number, alive: Bitset | undefined, counts: Uint32Array, rows: Uint32Array, scores: Float32Array): number;
  recall(deviations: number): number;
  cost(out: BigUint64Array): number;
  bytes(): number;
  close(): void;
}
