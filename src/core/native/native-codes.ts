// Codes of growing rows over the addon, which keeps the rows alive for as long as the codes need them.

import type { Bitset } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { Candidates, CodesCost, CodesOptions, DenseElement, FlatCodes, FlatIndex } from '../../ports/core.js';
import { checkCodes, checkSearch, checkStatus, checkUpdate, CODES_SEED } from './abi.js';
import type { Addon, AddonCodes, AddonFlat } from './addon.js';
import type { Open, Shared } from './native-core.js';

export function codesNative(addon: Addon, rows: FlatIndex<DenseElement>, flat: AddonFlat, shared: Shared): FlatCodes {
  const codes = new addon.Codes();
  checkStatus(codes.open(flat, CODES_SEED, shared.kernels), 'codesOf');
  return new NativeCodes(codes, rows, shared.open);
}

class NativeCodes implements FlatCodes {
  readonly #codes: AddonCodes;
  readonly #rows: FlatIndex<DenseElement>;
  readonly #open: Open;
  readonly #left = new Uint32Array(1);
  #closed = false;

  constructor(codes: AddonCodes, rows: FlatIndex<DenseElement>, open: Open) {
    this.#codes = codes;
    this.#rows = rows;
    this.#open = open;
    open.add(this);
  }

  get memoryBytes(): number {
    return this.bytes();
  }

  bytes(): number {
    return this.#codes.bytes();
  }

  update(rowsMax: number): number {
    this.#checkOpen();
    checkUpdate(rowsMax);
    checkStatus(this.#codes.update(rowsMax, this.#left), 'update');
    return this.#left[0] as number;
  }

  search(queries: Float32Array, k: number, options: CodesOptions, alive?: Bitset): Candidates {
    this.#checkOpen();
    checkCodes(options);
    const count = checkSearch(queries, this.#rows.dim, k, alive, this.#rows.size);
    const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    checkStatus(this.#codes.search(queries, k, options.deviations, alive, result.counts, result.rows, result.scores), 'search');
    return result;
  }

  recall(options: CodesOptions): number {
    this.#checkOpen();
    checkCodes(options);
    return this.#codes.recall(options.deviations);
  }

  cost(): CodesCost {
    const out = new BigUint64Array(3);
    checkStatus(this.#codes.cost(out), 'cost');
    const [scanned = 0, reranked = 0, scans = 0] = Array.from(out, Number);
    return { scanned, reranked, scans };
  }

  close(): void {
    this.#closed = true;
    this.#open.delete(this);
    this.#codes.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ElanusError('Closed', 'the codes are closed');
  }
}
