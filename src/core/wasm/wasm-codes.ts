// Codes of growing rows in core.wasm.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Candidates, CodesCost, CodesOptions, DenseElement, FlatCodes } from '../../ports/core.js';
import { checkCodes, checkSearch, checkStatus, checkUpdate, CODES_SEED } from '../native/abi.js';
import type { Instance } from './instance.js';
import { searchInPortions } from './portions.js';
import type { WasmFlat } from './wasm-flat.js';

export function codesWasm(core: Instance, rows: WasmFlat<DenseElement>, kernels: number): FlatCodes {
  const out = core.scratch(4);
  checkStatus(core.calls.elanus_codes_open(rows.address, CODES_SEED, kernels, out), 'codesOf');
  return new WasmCodes(core, core.u32[out / 4] as number, rows);
}

class WasmCodes implements FlatCodes {
  readonly #core: Instance;
  readonly #rows: WasmFlat<DenseElement>;
  #codes: number; // 0 when closed

  constructor(core: Instance, codes: number, rows: WasmFlat<DenseElement>) {
    this.#core = core;
    this.#codes = codes;
    this.#rows = rows;
  }

  get memoryBytes(): number {
    return this.#core.calls.elanus_codes_bytes(this.#codes) >>> 0;
  }

  update(rowsMax: number): number {
    this.#checkOpen();
    checkUpdate(rowsMax);
    const left = this.#core.scratch(4);
    checkStatus(this.#core.calls.elanus_codes_update(this.#codes, rowsMax, left), 'update');
    return this.#core.u32[left / 4] as number;
  }

  search(queries: Float32Array, k: number, options: CodesOptions, alive?: Bitset): Candidates {
    this.#checkOpen();
    checkCodes(options);
    const { dim, size } = this.#rows;
    const count = checkSearch(queries, dim, k, alive, size);
    const { calls } = this.#core;
    return searchInPortions(this.#core, { queries, dim, count, k, alive }, (at) =>
      calls.elanus_codes_search(this.#codes, at.queries, at.count, k, options.deviations, at.alive, at.counts, at.rows, at.scores),
    );
  }

  recall(options: CodesOptions): number {
    this.#checkOpen();
    checkCodes(options);
    return this.#core.calls.elanus_codes_recall(this.#codes, options.deviations);
  }

  cost(): CodesCost {
    const out = this.#core.scratch(24);
    this.#core.u32.fill(0, out / 4, out / 4 + 6);
    this.#core.calls.elanus_codes_cost(this.#codes, out);
    const words = this.#core.u32.subarray(out / 4, out / 4 + 6);
    const number = (at: number): number => (words[at * 2] as number) + (words[at * 2 + 1] as number) * 2 ** 32;
    return { scanned: number(0), reranked: number(1), scans: number(2) };
  }

  close(): void {
    this.#core.calls.elanus_codes_close(this.#codes);
    this.#codes = 0;
  }

  #checkOpen(): void {
    if (this.#codes === 0) throw new ElanusError('Closed', 'the codes are closed');
    // The core reads rows where they were: nothing there says that they are gone.
    if (this.#rows.address === 0) throw new ElanusError('Closed', 'the rows of the codes are closed');
  }
}
