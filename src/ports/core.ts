// Core: the port for computing over bytes. A core does no I/O and keeps no clock; every call is synchronous
// and deterministic. Filled by src/core: native addon, WebAssembly; an Accelerator by WebGPU.

import type { Bitset } from '../model/bitset.js';
import type { Metric } from '../model/metric.js';

export interface Core {
  readonly kind: 'native' | 'wasm';
  /** The kernel set in use: 'scalar', 'avx2', 'avx512', 'neon', 'simd128', 'relaxed' (SIMD). */
  readonly kernels: string;
  readonly predicates: Predicates;
  /** An empty exact index. `dim` 2..32,768. Errors: `OutOfMemory`. */
  createFlat(dim: number, metric: Metric): FlatIndex;
  /** Codes of these rows, which may go on growing and close after them; none are made before `update`. Errors: `OutOfMemory`. */
  codesOf(rows: FlatIndex): FlatCodes;
  /** Begins to build an index of these rows (at least one), which neither change nor close before it ends. Errors: `OutOfMemory`. */
  buildIndex(rows: FlatIndex, options: BuildOptions): IndexBuild;
  /** Opens the bytes of an index file over its rows. Errors: `Corrupt`, `Unsupported`, `OutOfMemory`, `InvalidArgument` for other rows. */
  openIndex(bytes: Uint8Array, rows: FlatIndex): AnnIndex;
  /** Bytes that the core holds in its own memory. */
  memoryBytes(): number;
}

/** Exact search over f32 vectors that the core holds. Rows are numbered from 0 in order of appending. */
export interface FlatIndex {
  readonly dim: number;
  readonly metric: Metric;
  readonly size: number;
  /** `vectors` is row-major, a whole number of rows of finite values. Errors: `OutOfMemory`, then nothing was appended. */
  append(vectors: Float32Array): void;
  /** A copy of rows first .. first + count. */
  read(first: number, count: number): Float32Array<ArrayBuffer>;
  /**
   * The `k` best rows of each query (`queries` row-major), among the rows whose bit in `alive` is set, or all if it
   * is undefined. Best first; equal scores by row number.
   */
  search(queries: Float32Array, k: number, alive?: Bitset): Candidates;
  close(): void;
}

/**
 * Codes beside the rows of a flat index, so that scanning it takes about a tenth of the time. Rows without codes are scored
 * exactly, so every search knows every row. Made of no fewer than 1,024 rows of at least 64 dimensions; until then, and where
 * codes would not help (few rows match, k is large), searches are exact.
 */
export interface FlatCodes {
  /**
   * Works for about as long as coding `rowsMax` rows takes (2 to 30 us each), or as for 1,000 if it has to train. Gives what is
   * left in rows: 0 if there is nothing to do before more are appended. Errors: `OutOfMemory`; the codes serve on.
   */
  update(rowsMax: number): number;
  /** As FlatIndex.search, nearly exactly; if k rows take part, k are found. */
  search(queries: Float32Array, k: number, options: CodesOptions, alive?: Bitset): Candidates;
  /** The recall that searches with these options are expected to have at least, measured on the rows; 1 while they are exact. */
  recall(options: CodesOptions): number;
  /** What it holds beside the rows. */
  readonly memoryBytes: number;
  /** What searches cost so far. */
  cost(): CodesCost;
  close(): void;
}

export interface CodesOptions {
  /** A row is left out if its code says that it is worse than the k best by more than this many standard errors; above 0. Beyond 64: exact. */
  readonly deviations: number;
}

export interface CodesCost {
  /** 1-bit codes read. */
  readonly scanned: number;
  /** Full vectors read. */
  readonly reranked: number;
  /** Queries answered by looking at every row. */
  readonly scans: number;
}

export interface BuildOptions {
  readonly kind: 'graph';
  /** Unsigned, of 32 bits. The same rows and seed give the same bytes. */
  readonly seed: number;
  /** Of the file that the rows are from, 32 bytes. */
  readonly rowsSha256: Uint8Array;
}

/** An index on the way. */
export interface IndexBuild {
  /** Works for about `pairs` comparisons of two rows (5 to 40 ns each); true after the last step. Errors: `OutOfMemory`. */
  step(pairs: number): boolean;
  /** The index file, after the last step. */
  bytes(): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Approximate search over the rows of a flat index that no longer changes. */
export interface AnnIndex {
  /** What it holds beside the rows. */
  readonly memoryBytes: number;
  /** As FlatIndex.search, approximately; if k rows take part, k are found. */
  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates;
  /**
   * As search, for rows of the index, each as if it were not there: what these options give for queries that are no
   * rows. `ef` is at least k. Errors: `InvalidArgument`.
   */
  searchRows(selves: Uint32Array, k: number, options: AnnOptions): Candidates;
  /** What searches cost so far. */
  cost(): SearchCost;
  close(): void;
}

export interface AnnOptions {
  /** Rows kept on the way, the nearest by their codes; at least k. */
  readonly ef: number;
  /** Of these, rows scored exactly; at least k. */
  readonly rerank: number;
}

export interface SearchCost {
  readonly hops: number;
  /** Codes read. */
  readonly scored: number;
  /** Full vectors read. */
  readonly reranked: number;
  /** Queries answered by looking at every row. */
  readonly scans: number;
}

/** Query q has `counts[q]` rows at `rows[q * k ..]` with `scores[q * k ..]`; the rest of its k places is unspecified. */
export interface Candidates {
  readonly k: number;
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

/** Optional hardware for batches of queries over a flat index that no longer changes. */
export interface Accelerator {
  readonly name: string;
  /** Batches smaller than this are not worth the way there. */
  readonly queriesMin: number;
  /** Uploads a copy. Undefined if the index or k is beyond what the device takes. */
  attach(index: FlatIndex): Promise<AcceleratedIndex | undefined>;
  close(): void;
}

export interface AcceleratedIndex {
  readonly kMax: number;
  /** As FlatIndex.search; scores agree with it within 1e-5 relative. Rejects if the device was lost. */
  search(queries: Float32Array, k: number, alive?: Bitset): Promise<Candidates>;
  close(): void;
}

export type NumericColumn = Int32Array | BigInt64Array | Float32Array | Float64Array;
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/**
 * Filter kernels over scalar columns. A bigint column is compared with a bigint, the others with a number.
 * NaN equals nothing and is unequal to everything, as in IEEE 754.
 */
export interface Predicates {
  compare(column: NumericColumn, op: CompareOp, value: number | bigint): Bitset;
  /** low <= value <= high; exclusive where said. */
  range(column: NumericColumn, low: number | bigint, high: number | bigint, lowExclusive: boolean, highExclusive: boolean): Bitset;
  inSet(column: NumericColumn, values: readonly (number | bigint)[]): Bitset;
  and(a: Bitset, b: Bitset): Bitset;
  or(a: Bitset, b: Bitset): Bitset;
  /** Complement over `rows` rows; bits beyond stay zero. */
  not(a: Bitset, rows: number): Bitset;
  count(a: Bitset): number;
}
