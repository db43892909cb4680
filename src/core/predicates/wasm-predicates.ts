// Predicates over the filter kernels of wasm/. Owns one memory, through which columns and bitsets pass in chunks;
// nothing is kept there between calls. Memory grows only for the values of an in-set, and is never given back.

import { bitsetBytes, type Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { CodeColumn, CompareOp, NumericColumn, Predicates } from '../../ports/core.js';

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
const VALUES_AT = BITS_AT + CHUNK_BITS_BYTES;
// Bitsets alone pass in larger chunks, over the place of the column.
const BITSET_CHUNK_BYTES = 65_536;
const A_AT = 0;
const B_AT = A_AT + BITSET_CHUNK_BYTES;
const PAGE_BYTES = 65_536;

/** `module` is the compiled filter.wasm. Errors: `OutOfMemory`. */
export function createPredicates(module: WebAssembly.Module): Predicates {
  return new WasmPredicates(module);
}

class WasmPredicates implements Predicates {
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil(VALUES_AT / PAGE_BYTES) });
  readonly #kernels: Kernels;
  #bytes = new Uint8Array(this.#memory.buffer);

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#kernels = exports as unknown as Kernels;
  }

  compare(column: NumericColumn, op: CompareOp, value: number | bigint): Bitset {
    requireFits(column, value);
    const kernel = this.#kernels[`compare${lanesOf(column)}`];
    return this.#scan(column, (rows) => kernel(OPS[op], COLUMN_AT, rows, value, BITS_AT));
  }

  range(column: NumericColumn, low: number | bigint, high: number | bigint, lowExclusive: boolean, highExclusive: boolean): Bitset {
    requireFits(column, low);
    requireFits(column, high);
    const kernel = this.#kernels[`range${lanesOf(column)}`];
    return this.#scan(column, (rows) => kernel(COLUMN_AT, rows, low, high, Number(lowExclusive), Number(highExclusive), BITS_AT));
  }

  inSet(column: NumericColumn, values: readonly (number | bigint)[]): Bitset {
    for (const value of values) requireFits(column, value);
    const sorted = sortedValues(column, values);
    this.#loadValues(bytesOf(sorted));
    const kernel = this.#kernels[`inSet${lanesOf(column)}`];
    return this.#scan(column, (rows) => kernel(COLUMN_AT, rows, VALUES_AT, sorted.length, BITS_AT));
  }

  inTable(codes: CodeColumn, table: Uint8Array): Bitset {
    this.#loadValues(table);
    const kernel = this.#kernels[`inTable${codes instanceof Uint8Array ? 'U8' : codes instanceof Uint16Array ? 'U16' : 'I32'}`];
    return this.#scan(codes, (rows) => kernel(COLUMN_AT, rows, VALUES_AT, BITS_AT));
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

  #scan(column: NumericColumn, run: (rows: number) => void): Bitset {
    const result = new Uint8Array(bitsetBytes(column.length));
    for (let first = 0; first < column.length; first += CHUNK_ROWS) {
      const chunk = column.subarray(first, first + CHUNK_ROWS);
      this.#bytes.set(bytesOf(chunk), COLUMN_AT);
      run(chunk.length);
      result.set(this.#bytes.subarray(BITS_AT, BITS_AT + bitsetBytes(chunk.length)), first / 8);
    }
    return result;
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

  /** What the rows are compared with. */
  #loadValues(bytes: Uint8Array): void {
    this.#reserve(VALUES_AT + bytes.length);
    this.#bytes.set(bytes, VALUES_AT);
  }

  #reserve(sizeBytes: number): void {
    const missing = sizeBytes - this.#bytes.length;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      throw new ElanusError('OutOfMemory', `filter kernels: no memory for a set of values, ${sizeBytes} bytes in all`, { cause });
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
