// Core: the port for computing over bytes. A core does no I/O and keeps no clock; every call is synchronous
// and deterministic. Filled by src/core: native addon, WebAssembly; an Accelerator by WebGPU.

import type { Bitset } from '../model/bitset.js';
import type { IndexKind } from '../model/index-kind.js';
import type { BinaryMetric, Metric } from '../model/metric.js';

export type { IndexKind };

export interface Core {
  readonly kind: 'native' | 'wasm';
  /** The kernel set in use: 'scalar', 'avx2', 'avx512', 'neon', 'simd128', 'relaxed' (SIMD). */
  readonly kernels: string;
  readonly predicates: Predicates;
  /**
   * An empty exact index, over FloatVectors unless told. `dim` 1..32,768, of bit vectors a multiple of 8 up to 262,144.
   * Errors: `InvalidArgument`, `OutOfMemory`.
   */
  createFlat<E extends VectorElement = 'FloatVector'>(dim: number, metric: MetricOf<E>, element?: E): FlatIndex<E>;
  /** Begins to build an index of sparse rows, of impacts unless told. Errors: `OutOfMemory`. */
  buildSparse(weights?: SparseWeights): SparseBuild;
  /** Opens the bytes of an index file of kind sparse. Errors: `Corrupt`, `Unsupported`, `OutOfMemory`. */
  openSparse(bytes: Uint8Array): SparseIndex;
  /**
   * Codes of these rows, which may go on growing and close after the codes; none are made before `update`. Errors:
   * `InvalidArgument` for bit vectors, `OutOfMemory`.
   */
  codesOf(rows: FlatIndex<DenseElement>): FlatCodes;
  /**
   * Begins to build an index of these rows (at least one), which neither change nor close before it ends. Errors:
   * `InvalidArgument`, also for bit vectors, `OutOfMemory`.
   */
  buildIndex(rows: FlatIndex<DenseElement>, options: BuildOptions): IndexBuild;
  /**
   * Opens the bytes of an index file over its rows, which close after it; without rows answers are estimates, and scores
   * what these stand for.
   * Errors: `Corrupt`, `Unsupported`, `OutOfMemory`, `InvalidArgument` for rows of another number, dimension, metric or element.
   */
  openIndex(bytes: Uint8Array, rows: FlatIndex<DenseElement> | undefined, options?: OpenOptions): AnnIndex;
  /** The same in another thread, if the core has any. `bytes` must not change until then. Errors: `Closed`, too, if the rows were closed meanwhile. */
  openIndexAsync?(bytes: Uint8Array, rows: FlatIndex<DenseElement> | undefined, options?: OpenOptions): Promise<AnnIndex>;
  /**
   * Bytes of an index file from its start that must be there for a stage. `head`: its first bytes; if they are too few to
   * tell, how many are needed. Errors: `Corrupt`, `Unsupported`, `InvalidArgument` if the file has no such stage.
   */
  indexExtent(head: Uint8Array, stage: IndexStage): IndexExtent;
  /**
   * The `k` best of a few `vectors` (row-major) that are in no index, by their exact scores, which are to the bit those of
   * a flat index of them: what candidates of an index without rows become once their vectors are read.
   * Errors: `InvalidArgument`, `OutOfMemory`.
   */
  rank<E extends DenseElement>(metric: Metric, element: E, dim: number, query: Float32Array, vectors: VectorValues<E>, k: number): Ranking;
  /** Gives memory that was freed back to the system, soon; absent where none can be given back. */
  trim?(): void;
  /** Bytes that the core holds in its own memory. */
  memoryBytes(): number;
}

/** What searches of dense vectors take of a core. */
export type SearchCore = Pick<Core, 'createFlat' | 'openIndex'>;

/** The arrays that hold vectors, by what they are made of. */
export interface ElementValues<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  readonly FloatVector: Float32Array<Buffer>;
  /** The bits of IEEE 754 binary16. */
  readonly Float16Vector: Uint16Array<Buffer>;
  /** The upper halves of f32. */
  readonly BFloat16Vector: Uint16Array<Buffer>;
  readonly Int8Vector: Int8Array<Buffer>;
  /** 8 bits to a byte; in which order does not matter to the scores. */
  readonly BinaryVector: Uint8Array<Buffer>;
}
export type VectorElement = keyof ElementValues;
/** Of numbers. Bit vectors have exact indexes alone. */
export type DenseElement = Exclude<VectorElement, 'BinaryVector'>;
export type VectorValues<E extends VectorElement, Buffer extends ArrayBufferLike = ArrayBufferLike> = ElementValues<Buffer>[E];
/** Queries are f32 whatever the rows are made of, but bit vectors are asked for by bit vectors. */
export type QueryValues<E extends VectorElement> = E extends 'BinaryVector' ? Uint8Array : Float32Array;
export type MetricOf<E extends VectorElement> = E extends 'BinaryVector' ? BinaryMetric : Metric;

/**
 * Scores that a search looks for, compared as f32. Distances (L2, HAMMING, JACCARD): rangeFilter <= score < radius;
 * similarities (IP, COSINE): radius < score <= rangeFilter. What is left out bounds nothing. A NaN lies in no range.
 */
export interface ScoreRange {
  readonly radius?: number;
  readonly rangeFilter?: number;
}

/** Exact search over vectors that the core holds. Rows are numbered from 0 in order of appending. */
export interface FlatIndex<E extends VectorElement = 'FloatVector'> {
  readonly dim: number;
  readonly metric: MetricOf<E>;
  readonly element: E;
  readonly size: number;
  /** `vectors` is row-major, a whole number of rows of finite values. Errors: `OutOfMemory`, then nothing was appended. */
  append(vectors: VectorValues<E>): void;
  /** A copy of rows first .. first + count; in `out`, if it is given, which has room for exactly these. */
  read(first: number, count: number, out?: VectorValues<E, ArrayBuffer>): VectorValues<E, ArrayBuffer>;
  /**
   * The `k` best rows of each query (`queries` row-major), among the rows whose bit in `alive` is set, or all if it
   * is undefined, and whose score lies in `range`. Best first; equal scores by row number; a NaN is worse than all others.
   */
  search(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Candidates;
  /**
   * The same in other threads, if the core has any: the queries are shared out among them. Queries and bitset are copied;
   * what is closed meanwhile answers still; `append` waits until it has answered.
   */
  searchAsync?(queries: QueryValues<E>, k: number, alive?: Bitset, range?: ScoreRange): Promise<Candidates>;
  close(): void;
}

/** What of an index file has come, or is wanted: 1-bit codes, 4-bit codes, the graph; each holds those before it. */
export type IndexStage = 'scan' | 'refine' | 'graph';

export type IndexExtent = { readonly bytes: number } | { readonly headBytes: number };

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

/**
 * Compressed sparse rows (CSR): row i has `values[j]` at `indices[j]`, its terms, for j = `indptr[i]` .. `indptr[i + 1]` - 1.
 * `indptr` has one number more than there are rows, from 0 to the length of the other two. Indices of a row ascend; values
 * are finite and not negative, and one of 0 is as if absent.
 */
export interface SparseRows {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/**
 * What the values of rows are. Impacts: the score of a row is the sum of their products with the query's. Frequencies: how
 * often terms are in the row's text, at most 2^24; the row has a length in tokens besides, and its score is BM25.
 */
export type SparseWeights = 'impacts' | 'frequencies';

/** An index of sparse rows on the way. */
export interface SparseBuild {
  /** Rows appended. */
  readonly size: number;
  readonly weights: SparseWeights;
  /**
   * Rows are numbered from 0 in order of appending. `lengths`: with frequencies one below 2^31 for each row, else undefined.
   * Errors: `InvalidArgument`, `OutOfMemory`; then nothing was appended.
   */
  append(rows: SparseRows, lengths?: Uint32Array): void;
  /** The index file over at least one row, once; nothing is appended after it. `rowsSha256`: of the file that the rows are from. */
  finish(rowsSha256: Uint8Array): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Search over sparse rows: by inner product of impacts, by BM25 of frequencies. */
export interface SparseIndex {
  readonly size: number;
  readonly weights: SparseWeights;
  /** What it holds. */
  readonly memoryBytes: number;
  /** As FlatIndex.search under IP, of queries of up to 65,536 terms; a row without a term of the query is no hit. */
  search(queries: SparseRows, k: number, options?: SparseOptions, alive?: Bitset, range?: ScoreRange): Candidates;
  /** How many rows, among those whose bit in `alive` is set or all, have each of `terms`; of all rows it takes no time. */
  having(terms: Uint32Array, alive?: Bitset): Uint32Array<ArrayBuffer>;
  /** Of frequencies: rows whose length is above 0, and the sum of lengths. Errors: `InvalidArgument` for impacts. */
  totals(alive?: Bitset): SparseTotals;
  /** What searches cost so far. */
  cost(): SparseCost;
  close(): void;
}

export interface SparseOptions {
  /**
   * The share (below 1) of a query's terms, those of the smallest values, that need not find hits; hits are scored by all
   * terms. 0, the default, is exact, and so is a search whose range has a rangeFilter.
   */
  readonly dropRatio?: number;
  /** Given for frequencies, and only for them. */
  readonly bm25?: Bm25Scoring;
}

/**
 * A term of the query adds its value there times (k1 + 1) tf / (tf + k1 (1 - b + b length / averageLength)) to the score, so
 * its value is its IDF times how often the query says it. All may be that of many indexes, whose scores then compare.
 */
export interface Bm25Scoring {
  /** 0 or more. */
  readonly k1: number;
  /** 0 to 1. */
  readonly b: number;
  /** Above 0. */
  readonly averageLength: number;
}

export interface SparseTotals {
  readonly rows: number;
  readonly lengthTotal: number;
}

export interface SparseCost {
  /** Values added up in whole lists. */
  readonly added: number;
  /** Rows looked up one by one. */
  readonly lookedUp: number;
}

export interface BuildOptions {
  readonly kind: IndexKind;
  /** Lists of near rows (nlist), at most as many as rows are made; chosen by the number of rows if undefined. */
  readonly lists?: number;
  /** Unsigned, of 32 bits. The same rows and options give the same bytes. */
  readonly seed: number;
  /** Of the file that the rows are from, 32 bytes. */
  readonly rowsSha256: Uint8Array;
}

export interface OpenOptions {
  /** 'ivf' passes over the graph of a file that has one. Default: what the file has. */
  readonly kind?: IndexKind;
  /** The bytes are the beginning of the file, at least the extent of the stage 'scan'; what has come is used. */
  readonly partial?: boolean;
}

/** An index on the way. */
export interface IndexBuild {
  /** Works for about `pairs` comparisons of two rows (5 to 40 ns each); true after the last step. Errors: `OutOfMemory`. */
  step(pairs: number): boolean;
  /**
   * Instead of steps, if the core has other threads: builds in `threads` of them (default: as many as it was given) and
   * resolves after the last step. The bytes are the same. Until then nothing but `close` may be called, which ends it, and
   * nothing is appended to the rows. Errors: `OutOfMemory`, `Closed`.
   */
  run?(threads?: number): Promise<void>;
  /**
   * The index file after the last step, as often as wanted: of this kind (by default that of the build; a graph can also
   * be written as 'ivf'), holding these calibration bytes, at most 65,536. Errors: `InvalidArgument`, `OutOfMemory`.
   */
  bytes(kind?: IndexKind, calibration?: Uint8Array): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Approximate search over the rows of a flat index that no longer changes. */
export interface AnnIndex {
  /** How it is searched. */
  readonly kind: IndexKind;
  readonly stage: IndexStage;
  readonly lists: number;
  /** What was given to `IndexBuild.bytes`; undefined if it was nothing. */
  readonly calibration: Uint8Array<ArrayBuffer> | undefined;
  /** What it holds beside the rows. */
  readonly memoryBytes: number;
  /**
   * As FlatIndex.search, approximately; if k rows take part, k are found. With a k, effort of a graph or keep beyond
   * EFFORT_MAX it is exact; without rows that is `InvalidArgument`.
   */
  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates;
  /** As FlatIndex.searchAsync. */
  searchAsync?(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Promise<Candidates>;
  /**
   * As search, for rows of the index, each as if it were not there: what these options give for queries that are no
   * rows. Errors: `InvalidArgument`, also if it was opened without rows.
   */
  searchRows(selves: Uint32Array, k: number, options: AnnOptions): Candidates;
  /**
   * From now on it is as if it had been opened with these rows; absent where that takes opening it anew. REQUIRES: it was opened
   * without rows. Errors: as of `openIndex`, then it stays without.
   */
  attach?(rows: FlatIndex<DenseElement>): void;
  /** What searches cost so far. */
  cost(): SearchCost;
  close(): void;
}

/** Of `keep` and `rerank` at least k count. */
export interface AnnOptions {
  /** Graph: rows kept on the way (ef); at least k are, but without a filter only the best `effort` are followed. IVF: lists to read (nprobe). 0: by lists of either kind until `patience` ends it. */
  readonly effort: number;
  /** IVF and lists: rows kept by the first estimate. */
  readonly keep: number;
  /** Rows scored exactly. */
  readonly rerank: number;
  /** Under a filter, or with effort 0: weight of passing rows read since one of the k best changed. 0: never stops early. */
  readonly patience: number;
}

export interface SearchCost {
  /** Rows of the graph expanded. */
  readonly hops: number;
  /** 4-bit codes read. */
  readonly scored: number;
  /** 1-bit codes read. */
  readonly scanned: number;
  readonly lists: number;
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
  /**
   * Of an index opened without rows: the standard error of every score. The true one is within 3 of them in 99.8 of 100
   * cases; infinite at stage 'scan'.
   */
  readonly errors?: Float32Array;
}

/** As many as were found, best first; equal scores by position. */
export interface Ranking {
  /** Of vectors among those handed in, from 0. */
  readonly positions: Uint32Array;
  readonly scores: Float32Array;
}

/** Optional hardware for batches of queries over a flat index of FloatVectors that no longer changes. */
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

export type NumericColumn = Int8Array | Int16Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
/** Places in a list of distinct values, from 0. */
export type CodeColumn = Uint8Array | Uint16Array | Int32Array;
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/**
 * Filter kernels over scalar columns. A bigint column is compared with a bigint, the others with a number.
 * NaN equals nothing and is unequal to everything, as in IEEE 754. What is in a column never changes: it may be kept.
 */
export interface Predicates {
  /** What it holds of columns, in memory of its own. */
  readonly keptBytes: number;
  /** Keeps no more than that, from now on; the least of all limits counts. */
  keepAtMost(bytes: number): void;
  compare(column: NumericColumn, op: CompareOp, value: number | bigint): Bitset;
  /** low <= value <= high; exclusive where said. */
  range(column: NumericColumn, low: number | bigint, high: number | bigint, lowExclusive: boolean, highExclusive: boolean): Bitset;
  inSet(column: NumericColumn, values: readonly (number | bigint)[]): Bitset;
  /** Rows whose code has a 1 in `table`. REQUIRES: `table` has a byte, 0 or 1, for every code. */
  inTable(codes: CodeColumn, table: Uint8Array): Bitset;
  and(a: Bitset, b: Bitset): Bitset;
  or(a: Bitset, b: Bitset): Bitset;
  /** Complement over `rows` rows; bits beyond stay zero. */
  not(a: Bitset, rows: number): Bitset;
  count(a: Bitset): number;
}
