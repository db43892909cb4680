// Approximate indexes in core.wasm: building them, and searching them.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { AnnIndex, AnnOptions, BuildOptions, Candidates, IndexBuild, SearchCost } from '../../ports/core.js';
import { checkAnn, checkBuild, checkSearch, checkStatus, EF_MAX, KIND_NUMBERS } from '../native/abi.js';
import type { Instance } from './instance.js';
import { searchInPortions } from './portions.js';
import type { WasmFlat } from './wasm-flat.js';

export function buildWasm(core: Instance, rows: WasmFlat, options: BuildOptions, kernels: number): IndexBuild {
  checkBuild(options);
  const at = core.scratch(36);
  core.u8.set(options.rowsSha256, at + 4);
  checkStatus(core.calls.elanus_builder_open(rows.address, KIND_NUMBERS[options.kind], options.seed, at + 4, kernels, at), 'buildIndex');
  return new WasmBuild(core, core.u32[at / 4] as number);
}

class WasmBuild implements IndexBuild {
  readonly #core: Instance;
  #builder: number; // 0 when closed

  constructor(core: Instance, builder: number) {
    this.#core = core;
    this.#builder = builder;
  }

  step(pairs: number): boolean {
    const done = this.#core.scratch(4);
    checkStatus(this.#core.calls.elanus_builder_step(this.#builder, pairs, done), 'buildIndex');
    return this.#core.u32[done / 4] === 1;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = this.#core.scratch(8);
    const status = this.#core.calls.elanus_builder_bytes(this.#builder, out, out + 4);
    require(status === 0, () => 'bytes: the index is not built yet');
    const at = this.#core.u32[out / 4] as number;
    return new Uint8Array(this.#core.u8.subarray(at, at + (this.#core.u32[out / 4 + 1] as number)));
  }

  close(): void {
    this.#core.calls.elanus_builder_close(this.#builder);
    this.#builder = 0;
  }
}

export function openWasm(core: Instance, bytes: Uint8Array, rows: WasmFlat, kernels: number): AnnIndex {
  const { calls } = core;
  const out = core.scratch(4);
  const at = calls.elanus_alloc(Math.max(bytes.length, 1)) >>> 0;
  if (at === 0) throw new ElanusError('OutOfMemory', `openIndex: no room for ${bytes.length} bytes`);
  core.u8.set(bytes, at);
  const opened = calls.elanus_index_open(at, bytes.length, kernels, out);
  calls.elanus_free(at);
  checkStatus(opened, 'openIndex');
  const index = core.u32[out / 4] as number;
  const status = calls.elanus_searcher_open(index, rows.address, EF_MAX, out);
  if (status !== 0) calls.elanus_index_close(index);
  checkStatus(status, 'openIndex');
  return new WasmIndex(core, index, core.u32[out / 4] as number, rows);
}

class WasmIndex implements AnnIndex {
  readonly #core: Instance;
  readonly #index: number;
  readonly #rows: WasmFlat;
  #searcher: number; // 0 when closed

  constructor(core: Instance, index: number, searcher: number, rows: WasmFlat) {
    this.#core = core;
    this.#index = index;
    this.#searcher = searcher;
    this.#rows = rows;
  }

  get memoryBytes(): number {
    return this.#core.calls.elanus_index_bytes(this.#index) >>> 0;
  }

  search(queries: Float32Array, k: number, options: AnnOptions, alive?: Bitset): Candidates {
    if (this.#searcher === 0) throw new ElanusError('Closed', 'the index is closed');
    checkAnn(options);
    const { dim, size } = this.#rows;
    const count = checkSearch(queries, dim, k, alive, size);
    const { calls } = this.#core;
    return searchInPortions(this.#core, { queries, dim, count, k, alive }, (at) =>
      calls.elanus_searcher_search(this.#searcher, at.queries, at.count, k, options.ef, options.rerank, at.alive, at.counts, at.rows, at.scores),
    );
  }

  searchRows(selves: Uint32Array, k: number, { ef, rerank }: AnnOptions): Candidates {
    if (this.#searcher === 0) throw new ElanusError('Closed', 'the index is closed');
    const count = selves.length;
    const at = this.#core.scratch(count * (8 + 8 * k));
    const [countsAt, rowsAt, scoresAt] = [at + count * 4, at + count * 8, at + count * (8 + 4 * k)];
    this.#core.u32.set(selves, at / 4);
    checkStatus(this.#core.calls.elanus_searcher_search_rows(this.#searcher, at, count, k, ef, rerank, countsAt, rowsAt, scoresAt), 'searchRows');
    const { f32, u32 } = this.#core;
    return { k, counts: u32.slice(countsAt / 4, rowsAt / 4), rows: u32.slice(rowsAt / 4, scoresAt / 4), scores: f32.slice(scoresAt / 4, scoresAt / 4 + count * k) };
  }

  cost(): SearchCost {
    const out = this.#core.scratch(32);
    this.#core.calls.elanus_searcher_cost(this.#searcher, out);
    const words = this.#core.u32.subarray(out / 4, out / 4 + 8);
    const number = (at: number): number => (words[at * 2] as number) + (words[at * 2 + 1] as number) * 2 ** 32;
    return { hops: number(0), scored: number(1), reranked: number(2), scans: number(3) };
  }

  close(): void {
    if (this.#searcher === 0) return;
    this.#core.calls.elanus_searcher_close(this.#searcher);
    this.#core.calls.elanus_index_close(this.#index);
    this.#searcher = 0;
  }
}
