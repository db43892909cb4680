// In-set: is the row's value one of `count` values, sorted ascending and free of NaN? Few values are compared
// one by one, four vectors of rows at a time; many are searched for by halving, row by row.

import { clearTail, maskOf, maskRows } from './mask';

// Where the two cross, measured: docs/decisions/0002-filter-kernels.md.
const LINEAR_BYTES_MAX = 320;

/** The truth of `maskRows<T>()` rows from `column` on. */
@inline
function maskOfLinear<T>(column: usize, values: usize, count: i32): u64 {
  const x0 = v128.load(column);
  const x1 = v128.load(column, 16);
  const x2 = v128.load(column, 32);
  const x3 = v128.load(column, 48);
  let a = i64x2.splat(0);
  let b = i64x2.splat(0);
  let c = i64x2.splat(0);
  let d = i64x2.splat(0);
  const end = values + <usize>count * sizeof<T>();
  for (let at = values; at < end; at += sizeof<T>()) {
    const value = v128.load_splat<T>(at);
    a = v128.or(a, v128.eq<T>(x0, value));
    b = v128.or(b, v128.eq<T>(x1, value));
    c = v128.or(c, v128.eq<T>(x2, value));
    d = v128.or(d, v128.eq<T>(x3, value));
  }
  return maskOf<T>(a, b, c, d);
}

/** REQUIRES: count > 0. */
@inline
function isSorted<T>(x: T, values: usize, count: i32): bool {
  let at = values;
  for (let left = count; left > 1; ) {
    const half = left >> 1;
    const middle = at + <usize>half * sizeof<T>();
    at = select<usize>(middle, at, load<T>(middle) <= x);
    left -= half;
  }
  return load<T>(at) == x;
}

@inline
function maskOfSorted<T>(column: usize, values: usize, count: i32): u64 {
  let mask: u64 = 0;
  for (let row = 0; row < maskRows<T>(); row++) {
    const x = load<T>(column + <usize>row * sizeof<T>());
    mask |= u64(isSorted<T>(x, values, count)) << row;
  }
  return mask;
}

@inline
function inSet<T>(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  const linear = count <= LINEAR_BYTES_MAX / <i32>sizeof<T>();
  let from = column;
  let to = bits;
  for (let row = 0; row < rows; row += 64) {
    let word: u64 = 0;
    for (let bit = 0; bit < 64; bit += maskRows<T>()) {
      const mask = linear ? maskOfLinear<T>(from, values, count) : maskOfSorted<T>(from, values, count);
      word |= mask << bit;
      from += 64;
    }
    store<u64>(to, word);
    to += 8;
  }
  clearTail(bits, rows);
}

export function inSetI32(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<i32>(column, rows, values, count, bits);
}
export function inSetI64(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<i64>(column, rows, values, count, bits);
}
export function inSetF32(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<f32>(column, rows, values, count, bits);
}
export function inSetF64(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<f64>(column, rows, values, count, bits);
}
export function inSetI8(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<i8>(column, rows, values, count, bits);
}
export function inSetI16(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<i16>(column, rows, values, count, bits);
}
export function inSetU8(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<u8>(column, rows, values, count, bits);
}
export function inSetU16(column: usize, rows: i32, values: usize, count: i32, bits: usize): void {
  inSet<u16>(column, rows, values, count, bits);
}
