// Predicates over the filter kernels of wasm/. Owns one memory, through which columns and bitsets pass in chunks; large
// columns that are asked about again are kept there, up to a limit. What memory has grown by is never given back.

import { bitsetBytes, type Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { CodeColumn, CompareOp, NumericColumn, Predicates } from '../../ports/core.js';
import { KeptColumns } from './kept-columns.js';

type Lanes = 'I8' | 'I16' | 'U8' | 'U16' | 'I32' | 'I64' | 'F32' | 'F64';
type CompareKernel = (op: number, column: number, rows: number, value: number | bigint, bits: number) => void;
type RangeKernel = (column: number, rows: number, low: number | bigint, high: number | bigint, lowExclusive: number, highExclusive: number, bits: number) => void;
type InSetKernel = (column: number, rows: number, values: number, count: number, bits: number) => void;

type InTableKernel = (column: number, rows: number, table: number, bits: number) => void;

type Kernels = Record<`compare${Lanes}`, CompareKernel> &
  Record<`range${Lanes}`, RangeKernel> &
  Record<`inSet${Lanes}`, InSetKernel> &
  Record<`inTable${'U8' | 'U16' | 'I32'}`, InTableKernel> &
  Record<'and' | 'or', (a: number, b: number, words: number, bits: number) => void> & {
    not(a: number, rows: number, bits: number): void;
    popcount(a: number, words: number): number;
  };

// The numbers that wasm/assembly/compare.ts knows.
const OPS: Readonly<Record<CompareOp, number>> = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 };

const CHUNK_ROWS = 65_536;
const CHUNK_BITS_BYTES = CHUNK_ROWS / 8;
const COLUMN_AT = 0;
const BITS_AT = COLUMN_AT + CHUNK_ROWS * 8;
// Values of an in-set, or a table; kept columns are behind the most there were.
const VALUES_AT = BITS_AT + CHUNK_BITS_BYTES;
const VALUES_BYTES_MIN = 256 * 1024;
/** Unless the caller limits it. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;
// Bitsets alone pass in larger chunks, over the place of the column.
const BITSET_CHUNK_BYTES = 65_536;
const A_AT = 0;
const B_AT = A_AT + BITSET_CHUNK_BYTES;
const PAGE_BYTES = 65_536;
/** What a kernel reads behind the last row of a column, at most. */
const BLOCK_BYTES_MAX = 64 * 8;

/** `module` is the compiled filter.wasm. Errors: `OutOfMemory`. */
export function createPredicates(module: WebAssembly.Module): Predicates {
  return new WasmPredicates(module);
}

class WasmPredicates implements Predicates {
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil(VALUES_AT / PAGE_BYTES) });
  readonly #kernels: Kernels;
  #bytes = new Uint8Array(this.#memory.buffer);
  #valuesBytes = VALUES_BYTES_MIN;
  #keptBytesMax = KEPT_BYTES_MAX;
  #kept = new KeptColumns(VALUES_AT + VALUES_BYTES_MIN, KEPT_BYTES_MAX);

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#kernels = exports as unknown as Kernels;
  }

  get keptBytes(): number {
    return Math.max(0, this.#bytes.length - VALUES_AT - VALUES_BYTES_MIN);
  }

  keepAtMost(bytes: number): void {
    this.#keptBytesMax = Math.min(this.#keptBytesMax, bytes);
    this.#kept.limit(this.#keptBytesMax);
  }

  compare(column: NumericColumn, op: CompareOp, value: number | bigint): Bitset {
    requireFits(column, value);
    const kernel = this.#kernels[`compare${lanesOf(column)}`];
    return this.#scan(column, (at, rows) => kernel(OPS[op], at, rows, value, BITS_AT));
  }

  range(column: NumericColumn, low: number | bigint, high: number | bigint, lowExclusive: boolean, highExclusive: boolean): Bitset {
    requireFits(column, low);
    requireFits(column, high);
    const kernel = this.#kernels[`range${lanesOf(column)}`];
    return this.#scan(column, (at, rows) => kernel(at, rows, low, high, Number(lowExclusive), Number(highExclusive), BITS_AT));
  }

  inSet(column: NumericColumn, values: readonly (number | bigint)[]): Bitset {
    for (const value of values) requireFits(column, value);
    const sorted = sortedValues(column, values);
    this.#loadValues(bytesOf(sorted));
    const kernel = this.#kernels[`inSet${lanesOf(column)}`];
    return this.#scan(column, (at, rows) => kernel(at, rows, VALUES_AT, sorted.length, BITS_AT));
  }

  inTable(codes: CodeColumn, table: Uint8Array): Bitset {
    this.#loadValues(table);
    const kernel = this.#kernels[`inTable${codes instanceof Uint8Array ? 'U8' : codes instanceof Uint16Array ? 'U16' : 'I32'}`];
    return this.#scan(codes, (at, rows) => kernel(at, rows, VALUES_AT, BITS_AT));
  }

  and(a: Bitset, b: Bitset): Bitset {
    return this.#combine(this.#kernels.and, a, b);
  }

  or(a: Bitset, b: Bitset): Bitset {
    return this.#combine(this.#kernels.or, a, b);
  }

  not(a: Bitset, rows: number): Bitset {
    require(a.length === bitsetBytes(rows), () => `not: expected a bitset of ${bitsetBytes(rows)} bytes over ${rows} rows, found ${a.length}`);
    const result = new Uint8Array(a.length);
    for (let at = 0; at < a.length; at += BITSET_CHUNK_BYTES) {
      const size = this.#load(a, at, A_AT);
      this.#kernels.not(A_AT, Math.min(rows - at * 8, size * 8), A_AT);
      result.set(this.#bytes.subarray(A_AT, A_AT + size), at);
    }
    return result;
  }

  count(a: Bitset): number {
    let count = 0;
    for (let at = 0; at < a.length; at += BITSET_CHUNK_BYTES) {
      count += this.#kernels.popcount(A_AT, this.#load(a, at, A_AT) / 8);
    }
    return count;
  }

  #scan(column: NumericColumn, run: (at: number, rows: number) => void): Bitset {
    const result = new Uint8Array(bitsetBytes(column.length));
    const kept = this.#placeOf(column);
    for (let first = 0; first < column.length; first += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, column.length - first);
      if (kept === undefined) this.#bytes.set(bytesOf(column.subarray(first, first + rows)), COLUMN_AT);
      run(kept === undefined ? COLUMN_AT : kept + first * column.BYTES_PER_ELEMENT, rows);
      result.set(this.#bytes.subarray(BITS_AT, BITS_AT + bitsetBytes(rows)), first / 8);
    }
    return result;
  }

  /** Where the column is kept, copied there if it is to be. */
  #placeOf(column: NumericColumn): number | undefined {
    const place = this.#kept.find(column);
    if (place?.isNew !== true) return place?.at;
    try {
      this.#reserve(place.at + column.byteLength + BLOCK_BYTES_MAX);
    } catch {
      // There is no memory to keep it in: it passes in chunks, as before.
      this.#kept.forget(column);
      return undefined;
    }
    this.#bytes.set(bytesOf(column), place.at);
    return place.at;
  }

  #combine(kernel: Kernels['and'], a: Bitset, b: Bitset): Bitset {
    require(a.length === b.length, () => `expected two bitsets of one length, found ${a.length} and ${b.length} bytes`);
    const result = new Uint8Array(a.length);
    for (let at = 0; at < a.length; at += BITSET_CHUNK_BYTES) {
      const size = this.#load(a, at, A_AT);
      this.#load(b, at, B_AT);
      kernel(A_AT, B_AT, size / 8, A_AT);
      result.set(this.#bytes.subarray(A_AT, A_AT + size), at);
    }
    return result;
  }

  /** Copies the chunk of `bits` at `from` to `to`, and says how many bytes that were. */
  #load(bits: Bitset, from: number, to: number): number {
    const chunk = bits.subarray(from, from + BITSET_CHUNK_BYTES);
    this.#bytes.set(chunk, to);
    return chunk.length;
  }

  /** What the rows are compared with, at VALUES_AT. More than ever before takes the place of kept columns. */
  #loadValues(bytes: Uint8Array): void {
    this.#reserve(VALUES_AT + bytes.length);
    if (bytes.length > this.#valuesBytes) {
      this.#valuesBytes = Math.ceil(bytes.length / PAGE_BYTES) * PAGE_BYTES;
      this.#kept = new KeptColumns(VALUES_AT + this.#valuesBytes, this.#keptBytesMax);
    }
    this.#bytes.set(bytes, VALUES_AT);
  }

  #reserve(sizeBytes: number): void {
    const missing = sizeBytes - this.#bytes.length;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      throw new ElanusError('OutOfMemory', `filter kernels: no memory for ${sizeBytes} bytes in all`, { cause });
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }
}

const LANES = [
  [Int32Array, 'I32'],
  [BigInt64Array, 'I64'],
  [Float32Array, 'F32'],
  [Float64Array, 'F64'],
  [Int8Array, 'I8'],
  [Int16Array, 'I16'],
  [Uint8Array, 'U8'],
  [Uint16Array, 'U16'],
] as const;

function lanesOf(column: NumericColumn): Lanes {
  return (LANES.find(([type]) => column instanceof type) as (typeof LANES)[number])[1];
}

function bytesOf(column: NumericColumn): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

/** Crossing into WebAssembly would wrap or round what the column's type cannot hold, silently. */
function requireFits(column: NumericColumn, value: number | bigint): void {
  require(fits(column, value), () => `expected a value that a ${column.constructor.name} can hold, found ${typeof value} ${String(value)}`);
}

function fits(column: NumericColumn, value: number | bigint): boolean {
  if (column instanceof BigInt64Array) return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
  if (typeof value !== 'number') return false;
  if (column instanceof Float64Array) return true;
  if (column instanceof Float32Array) return Number.isNaN(value) || Math.fround(value) === value;
  const bits = column.BYTES_PER_ELEMENT * 8;
  const low = column instanceof Uint8Array || column instanceof Uint16Array ? 0 : -(2 ** (bits - 1));
  return Number.isInteger(value) && value >= low && value < low + 2 ** bits;
}

/** Ascending, as the kernel searches; without NaN, which equals nothing. `values` fit the column. */
function sortedValues(column: NumericColumn, values: readonly (number | bigint)[]): NumericColumn {
  if (column instanceof BigInt64Array) return BigInt64Array.from(values as readonly bigint[]).sort();
  const numbers = (values as readonly number[]).filter((value) => !Number.isNaN(value));
  return (column.constructor as Float64ArrayConstructor).from(numbers).sort();
}
