// Sparse rows in core.wasm: building an index of them, and searching it. Rows cross in memory that is taken for the call
// alone, so that a batch is appended whole or not at all and a large one leaves nothing behind.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Candidates, ScoreRange, SparseBuild, SparseCost, SparseIndex, SparseOptions, SparseRows, SparseTotals, SparseWeights } from '../../ports/core.js';
import { checkAlive, checkStatus, checkWanted, rangeNumbers } from '../native/abi.js';
import { bm25Numbers, checkLengths, checkSha256, checkSparse, checkTerms, dropRatioOf, weightsNumber, weightsOf } from '../native/sparse.js';
import type { Instance } from './instance.js';
import { PORTION_BYTES, RANGE_BYTES } from './portions.js';

const BM25_BYTES = 12;

export class WasmSparseBuild implements SparseBuild {
  readonly weights: SparseWeights;
  readonly #core: Instance;
  #builder: number; // 0 when closed
  #size = 0;

  constructor(core: Instance, weights: SparseWeights) {
    const out = core.scratch(4);
    checkStatus(core.calls.elanus_sparse_builder_open(weightsNumber(weights), out), 'buildSparse');
    this.weights = weights;
    this.#core = core;
    this.#builder = core.u32[out / 4] as number;
  }

  get size(): number {
    return this.#size;
  }

  append(rows: SparseRows, lengths?: Uint32Array): void {
    this.#checkOpen();
    const count = checkSparse('append', rows);
    checkLengths(this.weights, lengths, count);
    const status = this.#core.borrow(sizeOf(rows) + (lengths?.byteLength ?? 0), (at) => {
      const { indptr, indices, values, end } = place(this.#core, rows, at);
      if (lengths !== undefined) this.#core.put(lengths, end);
      return this.#core.calls.elanus_sparse_builder_append(this.#builder, indptr, count, indices, values, lengths === undefined ? 0 : end);
    });
    checkStatus(status, 'append');
    this.#size += count;
  }

  finish(rowsSha256: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkOpen();
    checkSha256(rowsSha256);
    const out = this.#core.scratch(8 + 32);
    this.#core.u8.set(rowsSha256, out + 8);
    checkStatus(this.#core.calls.elanus_sparse_builder_finish(this.#builder, out + 8, out, out + 4), 'finish');
    const [at = 0, sizeBytes = 0] = this.#core.u32.subarray(out / 4, out / 4 + 2);
    return this.#core.u8.slice(at, at + sizeBytes) as Uint8Array<ArrayBuffer>;
  }

  close(): void {
    this.#core.calls.elanus_sparse_builder_close(this.#builder);
    this.#builder = 0;
  }

  #checkOpen(): void {
    if (this.#builder === 0) throw new ElanusError('Closed', 'the build is closed');
  }
}

export class WasmSparse implements SparseIndex {
  readonly size: number;
  readonly weights: SparseWeights;
  readonly #core: Instance;
  #index: number; // 0 when closed

  constructor(core: Instance, bytes: Uint8Array) {
    const out = core.scratch(4);
    const status = core.borrow(bytes.length, (at) => {
      core.u8.set(bytes, at);
      return core.calls.elanus_sparse_open(at, bytes.length, out);
    });
    checkStatus(status, 'openSparse');
    this.#core = core;
    this.#index = core.u32[out / 4] as number;
    this.size = core.calls.elanus_sparse_size(this.#index);
    this.weights = weightsOf(core.calls.elanus_sparse_weights_of(this.#index));
  }

  get memoryBytes(): number {
    return this.#core.calls.elanus_sparse_bytes(this.#index) >>> 0;
  }

  search(queries: SparseRows, k: number, options: SparseOptions = {}, alive?: Bitset, range?: ScoreRange): Candidates {
    this.#checkOpen();
    const count = checkSparse('queries', queries);
    checkWanted(k, alive, this.size);
    const wanted = { k, dropRatio: dropRatioOf(options), bm25: bm25Numbers(this.weights, options), alive, range: rangeNumbers(range, 'IP') };
    const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    const portion = Math.max(1, Math.floor(PORTION_BYTES / (4 + 8 * k)));
    for (let first = 0; first < count; first += portion) this.#searchPortion(rowsOf(queries, first, Math.min(first + portion, count)), first, wanted, result);
    return result;
  }

  having(terms: Uint32Array, alive?: Bitset): Uint32Array<ArrayBuffer> {
    this.#checkOpen();
    checkTerms(terms);
    checkAlive(alive, this.size);
    const core = this.#core;
    return core.borrow(terms.byteLength * 2 + (alive?.length ?? 0), (termsAt) => {
      const havingAt = termsAt + terms.byteLength;
      const aliveAt = havingAt + terms.byteLength;
      core.put(terms, termsAt);
      if (alive !== undefined) core.u8.set(alive, aliveAt);
      checkStatus(core.calls.elanus_sparse_having(this.#index, termsAt, terms.length, alive === undefined ? 0 : aliveAt, havingAt), 'having');
      return core.u32.slice(havingAt / 4, havingAt / 4 + terms.length) as Uint32Array<ArrayBuffer>;
    });
  }

  totals(alive?: Bitset): SparseTotals {
    this.#checkOpen();
    checkAlive(alive, this.size);
    const core = this.#core;
    return core.borrow(16 + (alive?.length ?? 0), (out) => {
      if (alive !== undefined) core.u8.set(alive, out + 16);
      checkStatus(core.calls.elanus_sparse_totals(this.#index, alive === undefined ? 0 : out + 16, out), 'totals');
      return { rows: uint64(core, out), lengthTotal: uint64(core, out + 8) };
    });
  }

  cost(): SparseCost {
    this.#checkOpen();
    const out = this.#core.scratch(16);
    this.#core.calls.elanus_sparse_cost(this.#index, out);
    return { added: uint64(this.#core, out), lookedUp: uint64(this.#core, out + 8) };
  }

  close(): void {
    this.#core.calls.elanus_sparse_close(this.#index);
    this.#index = 0;
  }

  #searchPortion(queries: SparseRows, first: number, { k, dropRatio, bm25, alive, range }: Wanted, result: Candidates): void {
    const core = this.#core;
    const count = queries.indptr.length - 1;
    const answersBytes = count * (4 + 8 * k);
    core.borrow(RANGE_BYTES + BM25_BYTES + answersBytes + sizeOf(queries) + (alive?.length ?? 0), (rangeAt) => {
      const bm25At = rangeAt + RANGE_BYTES;
      const countsAt = bm25At + BM25_BYTES;
      const rowsAt = countsAt + count * 4;
      const scoresAt = rowsAt + count * k * 4;
      const { indptr, indices, values, end } = place(core, queries, countsAt + answersBytes);
      if (alive !== undefined) core.u8.set(alive, end);
      if (range !== undefined) core.put(range, rangeAt);
      if (bm25 !== undefined) core.put(bm25, bm25At);
      const [aliveAt, boundsAt, scoringAt] = [alive === undefined ? 0 : end, range === undefined ? 0 : rangeAt, bm25 === undefined ? 0 : bm25At];
      checkStatus(core.calls.elanus_sparse_search(this.#index, indptr, count, indices, values, k, dropRatio, scoringAt, aliveAt, boundsAt, countsAt, rowsAt, scoresAt), 'search');
      const { f32, u32 } = core;
      result.counts.set(u32.subarray(countsAt / 4, rowsAt / 4), first);
      result.rows.set(u32.subarray(rowsAt / 4, scoresAt / 4), first * k);
      result.scores.set(f32.subarray(scoresAt / 4, scoresAt / 4 + count * k), first * k);
    });
  }

  #checkOpen(): void {
    if (this.#index === 0) throw new ElanusError('Closed', 'the sparse index is closed');
  }
}

interface Wanted {
  readonly k: number;
  readonly dropRatio: number;
  readonly bm25: Float32Array | undefined;
  readonly alive: Bitset | undefined;
  readonly range: Float32Array | undefined;
}

function uint64(core: Instance, at: number): number {
  const [low = 0, high = 0] = core.u32.subarray(at / 4, at / 4 + 2);
  return low + high * 2 ** 32;
}

/** Rows first .. end. The core checks what `indptr` says; here it may say anything. */
function rowsOf({ indptr, indices, values }: SparseRows, first: number, end: number): SparseRows {
  if (first === 0 && end === indptr.length - 1) return { indptr, indices, values };
  const [from, to] = [indptr[first] as number, indptr[end] as number];
  return { indptr: indptr.slice(first, end + 1).map((at) => at - from), indices: indices.subarray(from, to), values: values.subarray(from, to) };
}

function sizeOf({ indptr, indices, values }: SparseRows): number {
  return (indptr.length + indices.length + values.length) * 4;
}

/** Copies rows to `at`. */
function place(core: Instance, rows: SparseRows, at: number): { readonly indptr: number; readonly indices: number; readonly values: number; readonly end: number } {
  const indices = at + rows.indptr.length * 4;
  const values = indices + rows.indices.length * 4;
  core.put(rows.indptr, at);
  core.put(rows.indices, indices);
  core.put(rows.values, values);
  return { indptr: at, indices, values, end: values + rows.values.length * 4 };
}
