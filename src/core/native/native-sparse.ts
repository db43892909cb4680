// Sparse rows over the addon: building an index of them, and searching it.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Candidates, ScoreRange, SparseBuild, SparseCost, SparseIndex, SparseOptions, SparseRows, SparseTotals, SparseWeights } from '../../ports/core.js';
import { checkAlive, checkStatus, checkWanted, rangeNumbers } from './abi.js';
import type { AddonSparse, AddonSparseBuilder } from './addon.js';
import type { Open } from './native-core.js';
import { bm25Numbers, checkLengths, checkSha256, checkSparse, checkTerms, dropRatioOf, weightsNumber, weightsOf } from './sparse.js';

export class NativeSparseBuild implements SparseBuild {
  readonly weights: SparseWeights;
  readonly #builder: AddonSparseBuilder;
  #size = 0;
  #closed = false;

  constructor(builder: AddonSparseBuilder, weights: SparseWeights) {
    checkStatus(builder.open(weightsNumber(weights)), 'buildSparse');
    this.weights = weights;
    this.#builder = builder;
  }

  get size(): number {
    return this.#size;
  }

  append(rows: SparseRows, lengths?: Uint32Array): void {
    this.#checkOpen();
    const count = checkSparse('append', rows);
    checkLengths(this.weights, lengths, count);
    checkStatus(this.#builder.append(rows.indptr, rows.indices, rows.values, lengths), 'append');
    this.#size += count;
  }

  finish(rowsSha256: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkOpen();
    checkSha256(rowsSha256);
    const file = this.#builder.finish(rowsSha256);
    if (typeof file !== 'number') return file;
    checkStatus(file, 'finish');
    throw new ElanusError('Unsupported', 'finish: the addon gave no file');
  }

  close(): void {
    this.#closed = true;
    this.#builder.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ElanusError('Closed', 'the build is closed');
  }
}

export class NativeSparse implements SparseIndex {
  readonly size: number;
  readonly weights: SparseWeights;
  readonly #index: AddonSparse;
  readonly #open: Open;
  #closed = false;

  constructor(index: AddonSparse, bytes: Uint8Array, open: Open) {
    checkStatus(index.open(bytes), 'openSparse');
    this.size = index.size();
    this.weights = weightsOf(index.weights());
    this.#index = index;
    this.#open = open;
    open.add(this);
  }

  get memoryBytes(): number {
    return this.bytes();
  }

  bytes(): number {
    return this.#index.bytes();
  }

  search(queries: SparseRows, k: number, options: SparseOptions = {}, alive?: Bitset, range?: ScoreRange): Candidates {
    this.#checkOpen();
    const count = checkSparse('queries', queries);
    checkWanted(k, alive, this.size);
    const [dropRatio, bm25, bounds] = [dropRatioOf(options), bm25Numbers(this.weights, options), rangeNumbers(range, 'IP')];
    const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    const { indptr, indices, values } = queries;
    checkStatus(this.#index.search(indptr, indices, values, k, dropRatio, bm25, alive, bounds, result.counts, result.rows, result.scores), 'search');
    return result;
  }

  having(terms: Uint32Array, alive?: Bitset): Uint32Array<ArrayBuffer> {
    this.#checkOpen();
    checkTerms(terms);
    checkAlive(alive, this.size);
    const out = new Uint32Array(terms.length);
    checkStatus(this.#index.having(terms, alive, out), 'having');
    return out;
  }

  totals(alive?: Bitset): SparseTotals {
    this.#checkOpen();
    checkAlive(alive, this.size);
    const out = new BigUint64Array(2);
    checkStatus(this.#index.totals(alive, out), 'totals');
    const [rows = 0, lengthTotal = 0] = Array.from(out, Number);
    return { rows, lengthTotal };
  }

  cost(): SparseCost {
    this.#checkOpen();
    const out = new BigUint64Array(2);
    checkStatus(this.#index.cost(out), 'cost');
    const [added = 0, lookedUp = 0] = Array.from(out, Number);
    return { added, lookedUp };
  }

  close(): void {
    this.#closed = true;
    this.#open.delete(this);
    this.#index.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ElanusError('Closed', 'the sparse index is closed');
  }
}
