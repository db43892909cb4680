// Approximate indexes in core.wasm: building them, and searching them.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { AnnIndex, AnnOptions, BuildOptions, Candidates, DenseElement, FlatIndex, IndexBuild, IndexExtent, IndexKind, IndexStage, OpenOptions, SearchCost } from '../../ports/core.js';
import { EFFORT_MAX } from '../../model/limits.js';
import { checkAnn, checkBuild, checkCalibration, checkKind, checkSearch, checkSelves, checkStatus, KIND_NUMBERS, openFlags, readInfo, STAGE_NUMBERS } from '../native/abi.js';
import type { Instance } from './instance.js';
import { searchInPortions } from './portions.js';
import { WasmFlat } from './wasm-flat.js';

/** Sizes of the structures of elanus.h. */
const BUILD_OPTIONS_BYTES = 44;
const ABOUT_BYTES = 60;
const REQUEST_BYTES = 20;
const COST_BYTES = 48;

export function buildWasm(core: Instance, rows: WasmFlat<DenseElement>, options: BuildOptions, kernels: number): IndexBuild {
  checkBuild(options);
  const { kind, lists = 0, seed, rowsSha256 } = options;
  const at = core.scratch(4 + BUILD_OPTIONS_BYTES);
  core.u32.set([KIND_NUMBERS[kind], lists, seed], at / 4 + 1);
  core.u8.set(rowsSha256, at + 16);
  checkStatus(core.calls.elanus_builder_open(rows.address, at + 4, kernels, at), 'buildIndex');
  return new WasmBuild(core, core.u32[at / 4] as number, rows, kind);
}

class WasmBuild implements IndexBuild {
  readonly #core: Instance;
  readonly #rows: WasmFlat<DenseElement>;
  readonly #kind: IndexKind;
  #builder: number; // 0 when closed
  #done = false;

  constructor(core: Instance, builder: number, rows: WasmFlat<DenseElement>, kind: IndexKind) {
    this.#core = core;
    this.#rows = rows;
    this.#builder = builder;
    this.#kind = kind;
  }

  step(pairs: number): boolean {
    if (this.#rows.address === 0) throw new ElanusError('Closed', 'the rows of the build are closed');
    const done = this.#core.scratch(4);
    checkStatus(this.#core.calls.elanus_builder_step(this.#builder, pairs, done), 'buildIndex');
    this.#done = this.#core.u32[done / 4] === 1;
    return this.#done;
  }

  bytes(kind: IndexKind = this.#kind, calibration: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
    checkKind(kind);
    checkCalibration(calibration);
    require(this.#done, () => 'bytes: the index is not built yet');
    const { calls } = this.#core;
    const given = this.#core.scratch(Math.max(calibration.length, 8));
    this.#core.u8.set(calibration, given);
    checkStatus(calls.elanus_builder_write(this.#builder, KIND_NUMBERS[kind], given, calibration.length), 'bytes');
    const out = this.#core.scratch(8);
    checkStatus(calls.elanus_builder_bytes(this.#builder, out, out + 4), 'bytes');
    return copyAt(this.#core, out);
  }

  close(): void {
    this.#core.calls.elanus_builder_close(this.#builder);
    this.#builder = 0;
  }
}

/** The bytes whose address and number lie at `out`. */
function copyAt(core: Instance, out: number): Uint8Array<ArrayBuffer> {
  const at = core.u32[out / 4] as number;
  return new Uint8Array(core.u8.subarray(at, at + (core.u32[out / 4 + 1] as number)));
}

export function openWasm(core: Instance, bytes: Uint8Array, rows: WasmFlat<DenseElement> | undefined, kernels: number, options: OpenOptions = {}): AnnIndex {
  const { calls } = core;
  const flags = openFlags(options);
  const out = core.scratch(4);
  const at = calls.elanus_alloc(Math.max(bytes.length, 1)) >>> 0;
  if (at === 0) throw new ElanusError('OutOfMemory', `openIndex: no room for ${bytes.length} bytes`);
  core.u8.set(bytes, at);
  const opened = calls.elanus_index_open(at, bytes.length, flags, kernels, out);
  calls.elanus_free(at);
  checkStatus(opened, 'openIndex');
  const index = core.u32[out / 4] as number;
  const status = calls.elanus_searcher_open(index, rows === undefined ? 0 : rows.address, EFFORT_MAX, out);
  if (status !== 0) calls.elanus_index_close(index);
  checkStatus(status, 'openIndex');
  const searcher = core.u32[out / 4] as number;
  const request = calls.elanus_alloc(REQUEST_BYTES) >>> 0;
  if (request !== 0) return new WasmIndex(core, rows, index, searcher, request);
  calls.elanus_searcher_close(searcher);
  calls.elanus_index_close(index);
  throw new ElanusError('OutOfMemory', 'openIndex: no room for a request');
}

export function wasmExtent(core: Instance, head: Uint8Array, stage: IndexStage): IndexExtent {
  const at = core.scratch(16 + head.length);
  core.u8.set(head, at + 16);
  checkStatus(core.calls.elanus_index_extent(at + 16, head.length, STAGE_NUMBERS[stage] ?? 0, at, at + 8), 'indexExtent');
  const [low = 0, high = 0, more] = core.u32.subarray(at / 4, at / 4 + 3);
  const bytes = low + high * 2 ** 32;
  return more === 1 ? { headBytes: bytes } : { bytes };
}

class WasmIndex implements AnnIndex {
  readonly kind: IndexKind;
  readonly stage: IndexStage;
  readonly lists: number;
  readonly calibration: Uint8Array<ArrayBuffer> | undefined;
  readonly #core: Instance;
  #rows: WasmFlat<DenseElement> | undefined;
  readonly #size: number;
  readonly #dim: number;
  readonly #request: number;
  #index: number; // 0 when closed
  #searcher: number; // 0 when closed

  constructor(core: Instance, rows: WasmFlat<DenseElement> | undefined, index: number, searcher: number, request: number) {
    this.#core = core;
    this.#rows = rows;
    this.#index = index;
    this.#searcher = searcher;
    this.#request = request;
    const out = core.scratch(ABOUT_BYTES);
    checkStatus(core.calls.elanus_index_info(index, out), 'openIndex');
    const info = readInfo(core.u32.subarray(out / 4, out / 4 + 5));
    this.kind = info.kind;
    this.stage = info.stage;
    this.lists = info.lists;
    this.#size = info.rows;
    this.#dim = info.dim;
    checkStatus(core.calls.elanus_index_calibration(index, out, out + 4), 'openIndex');
    const calibration = copyAt(core, out);
    this.calibration = calibration.length === 0 ? undefined : calibration;
  }

  get memoryBytes(): number {
    return this.#core.calls.elanus_index_bytes(this.#index) >>> 0;
  }

  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates {
    this.#checkOpen();
    checkAnn(options);
    const dim = this.#dim;
    const count = checkSearch(queries, dim, k, alive, this.#size);
    const { calls } = this.#core;
    const request = this.#ask(k, options);
    return searchInPortions(this.#core, { queries, dim, count, k, alive, hasErrors: this.#rows === undefined }, (at) =>
      this.#rows !== undefined
        ? calls.elanus_searcher_search(this.#searcher, at.queries, at.count, request, at.alive, at.counts, at.rows, at.scores)
        : calls.elanus_searcher_estimate(this.#searcher, at.queries, at.count, request, at.alive, at.counts, at.rows, at.scores, at.errors),
    );
  }

  searchRows(selves: Uint32Array, k: number, options: AnnOptions): Candidates {
    this.#checkOpen();
    checkAnn(options);
    checkSelves(selves, k);
    const count = selves.length;
    const at = this.#core.scratch(count * (8 + 8 * k));
    const [countsAt, rowsAt, scoresAt] = [at + count * 4, at + count * 8, at + count * (8 + 4 * k)];
    this.#core.u32.set(selves, at / 4);
    checkStatus(this.#core.calls.elanus_searcher_search_rows(this.#searcher, at, count, this.#ask(k, options), countsAt, rowsAt, scoresAt), 'searchRows');
    const { f32, u32 } = this.#core;
    return { k, counts: u32.slice(countsAt / 4, rowsAt / 4), rows: u32.slice(rowsAt / 4, scoresAt / 4), scores: f32.slice(scoresAt / 4, scoresAt / 4 + count * k) };
  }

  attach(rows: FlatIndex<DenseElement>): void {
    this.#checkOpen();
    const flat = WasmFlat.of(this.#core, rows);
    const out = this.#core.scratch(4);
    checkStatus(this.#core.calls.elanus_searcher_open(this.#index, flat.address, EFFORT_MAX, out), 'attach');
    this.#core.calls.elanus_searcher_close(this.#searcher);
    this.#searcher = this.#core.u32[out / 4] as number;
    this.#rows = flat;
  }

  /** The address of an elanus_request that says so. */
  #ask(k: number, { effort, keep, rerank, patience }: AnnOptions): number {
    const at = this.#request;
    const { f32, u32 } = this.#core;
    u32[at / 4] = k;
    u32[at / 4 + 1] = effort;
    u32[at / 4 + 2] = keep;
    u32[at / 4 + 3] = rerank;
    f32[at / 4 + 4] = patience;
    return at;
  }

  cost(): SearchCost {
    const out = this.#core.scratch(COST_BYTES);
    this.#core.u8.fill(0, out, out + COST_BYTES);
    this.#core.calls.elanus_searcher_cost(this.#searcher, out);
    const words = this.#core.u32.subarray(out / 4, (out + COST_BYTES) / 4);
    const number = (at: number): number => (words[at * 2] as number) + (words[at * 2 + 1] as number) * 2 ** 32;
    return { hops: number(0), scored: number(1), scanned: number(2), lists: number(3), reranked: number(4), scans: number(5) };
  }

  close(): void {
    if (this.#searcher === 0) return;
    this.#core.calls.elanus_searcher_close(this.#searcher);
    this.#core.calls.elanus_index_close(this.#index);
    this.#core.calls.elanus_free(this.#request);
    this.#searcher = this.#index = 0;
  }

  // The core reads rows where they were: nothing there says that they are gone.
  #checkOpen(): void {
    if (this.#searcher === 0) throw new ElanusError('Closed', 'the index is closed');
    if (this.#rows?.address === 0) throw new ElanusError('Closed', 'the rows of the index are closed');
  }
}
