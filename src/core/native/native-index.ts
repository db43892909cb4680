// Approximate indexes over the addon: building them, and searching them. The addon keeps the rows alive for as long as
// an index needs them.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { AnnIndex, AnnOptions, BuildOptions, Candidates, FlatIndex, IndexBuild, SearchCost } from '../../ports/core.js';
import { withAnswers } from './answers.js';
import { checkAnn, checkBuild, checkSearch, checkStatus, EF_MAX, KIND_NUMBERS } from './abi.js';
import type { Addon, AddonBuilder, AddonFlat, AddonIndex, AddonSearcher } from './addon.js';

export function buildNative(addon: Addon, rows: AddonFlat, options: BuildOptions, kernels: number): IndexBuild {
  checkBuild(options);
  const builder = new addon.Builder();
  checkStatus(builder.open(rows, KIND_NUMBERS[options.kind], options.seed, options.rowsSha256, kernels), 'buildIndex');
  return new NativeBuild(builder);
}

class NativeBuild implements IndexBuild {
  readonly #builder: AddonBuilder;
  readonly #done = new Uint32Array(1);

  constructor(builder: AddonBuilder) {
    this.#builder = builder;
  }

  step(pairs: number): boolean {
    checkStatus(this.#builder.step(pairs, this.#done), 'buildIndex');
    return this.#done[0] === 1;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = this.#builder.bytes();
    require(bytes !== undefined, () => 'bytes: the index is not built yet');
    return bytes;
  }

  close(): void {
    this.#builder.close();
  }
}

export function openNative(addon: Addon, bytes: Uint8Array, rows: FlatIndex, flat: AddonFlat, kernels: number): AnnIndex {
  const index = new addon.Index();
  checkStatus(index.open(bytes, kernels), 'openIndex');
  const searcher = new addon.Searcher();
  try {
    checkStatus(searcher.open(index, flat, EF_MAX), 'openIndex');
  } catch (error) {
    index.close();
    throw error;
  }
  return new NativeIndex(index, searcher, rows);
}

class NativeIndex implements AnnIndex {
  readonly #index: AddonIndex;
  readonly #searcher: AddonSearcher;
  readonly #rows: FlatIndex;
  #closed = false;

  constructor(index: AddonIndex, searcher: AddonSearcher, rows: FlatIndex) {
    this.#index = index;
    this.#searcher = searcher;
    this.#rows = rows;
  }

  get memoryBytes(): number {
    return this.#index.bytes();
  }

  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates {
    if (this.#closed) throw new ElanusError('Closed', 'the index is closed');
    checkAnn(options);
    const count = checkSearch(queries, this.#rows.dim, k, alive, this.#rows.size);
    return withAnswers(count, k, ({ counts, rows, scores }) => {
      checkStatus(this.#searcher.search(queries, k, options.ef, options.rerank, alive, counts, rows, scores), 'search');
    });
  }

  searchRows(selves: Uint32Array, k: number, { ef, rerank }: AnnOptions): Candidates {
    if (this.#closed) throw new ElanusError('Closed', 'the index is closed');
    const count = selves.length;
    return withAnswers(count, k, ({ counts, rows, scores }) => {
      checkStatus(this.#searcher.searchRows(selves, k, ef, rerank, counts, rows, scores), 'searchRows');
    });
  }

  cost(): SearchCost {
    const out = new BigUint64Array(4);
    checkStatus(this.#searcher.cost(out), 'cost');
    const [hops = 0, scored = 0, reranked = 0, scans = 0] = Array.from(out, Number);
    return { hops, scored, reranked, scans };
  }

  close(): void {
    this.#closed = true;
    this.#searcher.close();
    this.#index.close();
  }
}
