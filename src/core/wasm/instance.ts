// Instance: one core.wasm, instantiated without glue, and its memory. Pointers are unsigned. Views are renewed
// whenever the memory has grown: fetch `f32` and `u32` after the last call that may allocate.

import { ElanusError } from '../../model/errors.js';
import { ABI_VERSION } from '../native/abi.js';

/** The functions of native/include/elanus.h. Pointers come back signed: `>>> 0` them. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  elanus_abi_version(): number;
  elanus_alloc(sizeBytes: number): number;
  elanus_free(at: number): void;
  elanus_kernels_name(position: number): number;
  elanus_flat_open(dim: number, metric: number, element: number, kernels: number, out: number): number;
  elanus_flat_close(flat: number): void;
  elanus_flat_reserve(flat: number, count: number): number;
  elanus_flat_append(flat: number, vectors: number, count: number): number;
  elanus_flat_read(flat: number, first: number, count: number, out: number): number;
  elanus_flat_search(flat: number, queries: number, queryCount: number, k: number, alive: number, range: number, counts: number, rows: number, scores: number): number;
  elanus_rank(dim: number, metric: number, element: number, kernels: number, query: number, vectors: number, count: number, k: number, found: number, positions: number, scores: number): number;
  elanus_builder_open(rows: number, options: number, kernels: number, out: number): number;
  elanus_builder_close(builder: number): void;
  elanus_builder_step(builder: number, pairs: number, done: number): number;
  elanus_builder_write(builder: number, kind: number, calibration: number, calibrationBytes: number): number;
  elanus_builder_bytes(builder: number, bytes: number, sizeBytes: number): number;
  elanus_index_open(bytes: number, sizeBytes: number, flags: number, kernels: number, out: number): number;
  elanus_index_close(index: number): void;
  elanus_index_info(index: number, out: number): number;
  elanus_index_calibration(index: number, bytes: number, sizeBytes: number): number;
  elanus_index_bytes(index: number): number;
  elanus_index_extent(head: number, headBytes: number, stage: number, bytes: number, more: number): number;
  elanus_searcher_open(index: number, rows: number, effortMax: number, out: number): number;
  elanus_searcher_close(searcher: number): void;
  elanus_searcher_search(searcher: number, queries: number, queryCount: number, request: number, alive: number, counts: number, rows: number, scores: number): number;
  elanus_searcher_estimate(searcher: number, queries: number, queryCount: number, request: number, alive: number, counts: number, rows: number, scores: number, errors: number): number;
  elanus_searcher_search_rows(searcher: number, selves: number, rowCount: number, request: number, counts: number, rows: number, scores: number): number;
  elanus_searcher_cost(searcher: number, cost: number): void;
  elanus_codes_open(rows: number, seed: number, kernels: number, out: number): number;
  elanus_codes_close(codes: number): void;
  elanus_codes_update(codes: number, rowsMax: number, left: number): number;
  elanus_codes_search(codes: number, queries: number, queryCount: number, k: number, deviations: number, alive: number, counts: number, rows: number, scores: number): number;
  elanus_codes_recall(codes: number, deviations: number): number;
  elanus_codes_cost(codes: number, cost: number): void;
  elanus_codes_bytes(codes: number): number;
  elanus_sparse_builder_open(weights: number, out: number): number;
  elanus_sparse_builder_close(builder: number): void;
  elanus_sparse_builder_append(builder: number, indptr: number, count: number, indices: number, values: number, lengths: number): number;
  elanus_sparse_builder_finish(builder: number, sha256: number, bytes: number, sizeBytes: number): number;
  elanus_sparse_open(bytes: number, sizeBytes: number, out: number): number;
  elanus_sparse_close(index: number): void;
  elanus_sparse_size(index: number): number;
  elanus_sparse_weights_of(index: number): number;
  elanus_sparse_search(
    index: number,
    indptr: number,
    queryCount: number,
    indices: number,
    values: number,
    k: number,
    dropRatio: number,
    bm25: number,
    alive: number,
    range: number,
    counts: number,
    rows: number,
    scores: number,
  ): number;
  elanus_sparse_having(index: number, terms: number, count: number, alive: number, having: number): number;
  elanus_sparse_totals(index: number, alive: number, totals: number): number;
  elanus_sparse_cost(index: number, cost: number): void;
  elanus_sparse_bytes(index: number): number;
}

export class Instance {
  readonly calls: Exports;
  readonly kernels: readonly string[];
  #f32 = new Float32Array();
  #u32 = new Uint32Array();
  #u8 = new Uint8Array();
  #scratch = 0;
  #scratchBytes = 0;

  /** Errors: `Unsupported` if `module` is not core.wasm of this version. */
  constructor(module: WebAssembly.Module) {
    this.calls = instantiate(module);
    const names: string[] = [];
    for (let at = this.#name(0); at !== undefined; at = this.#name(names.length)) names.push(at);
    this.kernels = names;
  }

  get sizeBytes(): number {
    return this.calls.memory.buffer.byteLength;
  }

  /** Float 0 is at address 0. */
  get f32(): Float32Array {
    this.#renew();
    return this.#f32;
  }

  get u32(): Uint32Array {
    this.#renew();
    return this.#u32;
  }

  get u8(): Uint8Array {
    this.#renew();
    return this.#u8;
  }

  /** The address of at least `sizeBytes` for use until the next call of `scratch`. Errors: `OutOfMemory`. */
  scratch(sizeBytes: number): number {
    if (sizeBytes > this.#scratchBytes) this.#growScratch(sizeBytes);
    return this.#scratch;
  }

  /** Calls `use` with the address of `sizeBytes` that are there for the call alone. Errors: `OutOfMemory`. */
  borrow<T>(sizeBytes: number, use: (at: number) => T): T {
    const at = this.calls.elanus_alloc(Math.max(sizeBytes, 1)) >>> 0;
    if (at === 0) throw this.#noRoom(sizeBytes);
    try {
      return use(at);
    } finally {
      this.calls.elanus_free(at);
    }
  }

  /** Copies the bytes of `values` to `at`, a multiple of the size of a value. */
  put(values: ArrayBufferView, at: number): void {
    // What most calls bring needs no view of its own.
    if (values instanceof Float32Array) this.f32.set(values, at / 4);
    else this.u8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  }

  #noRoom(sizeBytes: number): ElanusError {
    return new ElanusError('OutOfMemory', `core.wasm: no room for ${sizeBytes} bytes, it holds ${this.sizeBytes}`);
  }

  #growScratch(sizeBytes: number): void {
    this.calls.elanus_free(this.#scratch);
    this.#scratch = this.calls.elanus_alloc(sizeBytes) >>> 0;
    this.#scratchBytes = this.#scratch === 0 ? 0 : sizeBytes;
    if (this.#scratch === 0) throw this.#noRoom(sizeBytes);
  }

  // A memory that grows leaves views of no length behind; asking it for its buffer would cost more than all the rest.
  #renew(): void {
    if (this.#u8.length > 0) return;
    const { buffer } = this.calls.memory;
    this.#f32 = new Float32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  /** The ASCII name of a kernel set. */
  #name(position: number): string | undefined {
    const at = this.calls.elanus_kernels_name(position) >>> 0;
    if (at === 0) return undefined;
    const bytes = this.u8;
    return String.fromCharCode(...bytes.subarray(at, bytes.indexOf(0, at)));
  }
}

function instantiate(module: WebAssembly.Module): Exports {
  // The core calls none of these but the first, which has nothing to tell us; compilers differ in what they import.
  const nothing = (): number => 0;
  const abort = (code: number): never => {
    throw new ElanusError('Unsupported', `core.wasm: aborted with code ${code}`);
  };
  const imports = {
    env: { emscripten_notify_memory_growth: nothing },
    wasi_snapshot_preview1: { proc_exit: abort, fd_write: nothing, fd_close: nothing, fd_seek: nothing },
  };
  const calls = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
  const version = typeof calls.elanus_abi_version === 'function' ? calls.elanus_abi_version() : undefined;
  if (version !== ABI_VERSION) throw new ElanusError('Unsupported', `core.wasm: expected ABI version ${ABI_VERSION}, found ${String(version)}`);
  calls._initialize();
  return calls;
}
