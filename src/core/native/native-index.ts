// Approximate indexes over the addon: building them, and searching them. The addon keeps the rows alive for as long as
// an index needs them.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { AnnIndex, AnnOptions, BuildOptions, Candidates, IndexBuild, IndexExtent, IndexKind, IndexStage, OpenOptions, SearchCost } from '../../ports/core.js';
import { EFFORT_MAX } from '../../model/limits.js';
import { withAnswers, withRequest } from './answers.js';
import { checkAnn, checkBuild, checkCalibration, checkKind, checkSearch, checkSelves, checkStatus, KIND_NUMBERS, openFlags, readInfo, STAGE_NUMBERS, type AnnInfo } from './abi.js';
import { ADDON_CANCELLED, type Addon, type AddonBuilder, type AddonFlat, type AddonIndex, type AddonSearcher } from './addon.js';
import type { Shared } from './native-core.js';
import { awaitSearch } from './native-search.js';

export function buildNative(addon: Addon, rows: AddonFlat, options: BuildOptions, { kernels, threads }: Shared): IndexBuild {
  checkBuild(options);
  const { kind, lists = 0, seed, rowsSha256 } = options;
  const builder = new addon.Builder();
  checkStatus(builder.open(rows, KIND_NUMBERS[kind], lists, seed, rowsSha256, kernels), 'buildIndex');
  return new NativeBuild(builder, kind, threads);
}

class NativeBuild implements IndexBuild {
  readonly #builder: AddonBuilder;
  readonly #kind: IndexKind;
  readonly #threads: number;
  readonly #done = new Uint32Array(1);

  constructor(builder: AddonBuilder, kind: IndexKind, threads: number) {
    this.#builder = builder;
    this.#kind = kind;
    this.#threads = threads;
  }

  step(pairs: number): boolean {
    checkStatus(this.#builder.step(pairs, this.#done), 'buildIndex');
    return this.#done[0] === 1;
  }

  async run(threads: number = this.#threads): Promise<void> {
    const status = await this.#builder.run(threads);
    if (status === ADDON_CANCELLED) throw new ElanusError('Closed', 'buildIndex: the build was closed');
    checkStatus(status, 'buildIndex');
    this.#done[0] = 1;
  }

  bytes(kind: IndexKind = this.#kind, calibration?: Uint8Array): Uint8Array<ArrayBuffer> {
    checkKind(kind);
    checkCalibration(calibration);
    require(this.#done[0] === 1, () => 'bytes: the index is not built yet');
    checkStatus(this.#builder.write(KIND_NUMBERS[kind], calibration), 'bytes');
    return this.#builder.bytes() as Uint8Array<ArrayBuffer>;
  }

  close(): void {
    this.#builder.close();
  }
}

export function openNative(addon: Addon, bytes: Uint8Array, flat: AddonFlat | undefined, shared: Shared, options: OpenOptions = {}): AnnIndex {
  const index = new addon.Index();
  checkStatus(index.open(bytes, openFlags(options), shared.kernels), 'openIndex');
  return searched(addon, index, () => flat, shared);
}

/** `flatOf` gives the rows once the file is open: they may have been closed meanwhile. */
export async function openNativeAsync(addon: Addon, bytes: Uint8Array, flatOf: () => AddonFlat | undefined, shared: Shared, options: OpenOptions = {}): Promise<AnnIndex> {
  flatOf();
  const index = new addon.Index();
  checkStatus(await index.openAsync(bytes, openFlags(options), shared.kernels), 'openIndex');
  return searched(addon, index, flatOf, shared);
}

function searched(addon: Addon, index: AddonIndex, flatOf: () => AddonFlat | undefined, shared: Shared): AnnIndex {
  const searcher = new addon.Searcher();
  const info = new Uint32Array(6);
  try {
    const flat = flatOf();
    checkStatus(index.info(info), 'openIndex');
    checkStatus(searcher.open(index, flat, EFFORT_MAX), 'openIndex');
    return new NativeIndex(index, searcher, flat !== undefined, readInfo(info), shared);
  } catch (error) {
    index.close();
    throw error;
  }
}

export function nativeExtent(addon: Addon, head: Uint8Array, stage: IndexStage): IndexExtent {
  const bytes = new BigUint64Array(1);
  const more = new Uint32Array(1);
  checkStatus(addon.indexExtent(head, STAGE_NUMBERS[stage] ?? 0, bytes, more), 'indexExtent');
  return more[0] === 1 ? { headBytes: Number(bytes[0]) } : { bytes: Number(bytes[0]) };
}

class NativeIndex implements AnnIndex {
  readonly kind: IndexKind;
  readonly stage: IndexStage;
  readonly lists: number;
  readonly calibration: Uint8Array<ArrayBuffer> | undefined;
  readonly #index: AddonIndex;
  readonly #searcher: AddonSearcher;
  readonly #size: number;
  readonly #dim: number;
  readonly #hasRows: boolean;
  readonly #shared: Shared;
  #closed = false;

  constructor(index: AddonIndex, searcher: AddonSearcher, hasRows: boolean, { kind, stage, lists, rows, dim }: AnnInfo, shared: Shared) {
    this.kind = kind;
    this.stage = stage;
    this.lists = lists;
    this.calibration = index.calibration();
    this.#index = index;
    this.#searcher = searcher;
    this.#size = rows;
    this.#dim = dim;
    this.#hasRows = hasRows;
    this.#shared = shared;
    shared.open.add(this);
  }

  get memoryBytes(): number {
    return this.bytes();
  }

  bytes(): number {
    return this.#index.bytes();
  }

  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates {
    if (this.#closed) throw new ElanusError('Closed', 'the index is closed');
    checkAnn(options);
    const count = checkSearch(queries, this.#dim, k, alive, this.#size);
    return withRequest(count, k, options, !this.#hasRows, (room) => checkStatus(this.#searcher.search(queries, room, alive), 'search'));
  }

  async searchAsync(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Promise<Candidates> {
    if (this.#closed) throw new ElanusError('Closed', 'the index is closed');
    checkAnn(options);
    checkSearch(queries, this.#dim, k, alive, this.#size);
    if (!this.#hasRows) return this.search(queries, k, options, alive);
    const { effort, keep, rerank, patience } = options;
    return awaitSearch(k, this.#searcher.searchAsync(queries, k, effort, keep, rerank, patience, alive, this.#shared.threads));
  }

  searchRows(selves: Uint32Array, k: number, options: AnnOptions): Candidates {
    if (this.#closed) throw new ElanusError('Closed', 'the index is closed');
    checkAnn(options);
    checkSelves(selves, k);
    const count = selves.length;
    const { effort, keep, rerank, patience } = options;
    return withAnswers(count, k, ({ counts, rows, scores }) => {
      checkStatus(this.#searcher.searchRows(selves, k, effort, keep, rerank, patience, counts, rows, scores), 'searchRows');
    });
  }

  cost(): SearchCost {
    const out = new BigUint64Array(6);
    checkStatus(this.#searcher.cost(out), 'cost');
    const [hops = 0, scored = 0, scanned = 0, lists = 0, reranked = 0, scans = 0] = Array.from(out, Number);
    return { hops, scored, scanned, lists, reranked, scans };
  }

  close(): void {
    this.#closed = true;
    this.#shared.open.delete(this);
    this.#searcher.close();
    this.#index.close();
  }
}
