// Compare and range: one scan over a column, templated over its type and over the condition, so that each pair
// gets a loop of its own without a branch in it. NaN behaves as in IEEE 754.

import { clearTail, maskOf, maskRows } from './mask';
import { AtLeast, AtMost, Closed, Equal, Greater, HighExclusive, Less, LowExclusive, Open, Unequal } from './conditions';

// The host passes these numbers: see OPS in src/core/predicates/wasm-predicates.ts.
const EQ = 0;
const NE = 1;
const LT = 2;
const LE = 3;
const GT = 4;

@inline
function holds<Condition>(x: v128, a: v128, b: v128): v128 {
  return changetype<Condition>(0).holds(x, a, b);
}

@inline
function scan<T, Condition>(column: usize, rows: i32, low: T, high: T, bits: usize): void {
  const a = v128.splat<T>(low);
  const b = v128.splat<T>(high);
  let from = column;
  let to = bits;
  for (let row = 0; row < rows; row += 64) {
    let word: u64 = 0;
    for (let bit = 0; bit < 64; bit += maskRows<T>()) {
      const mask = maskOf<T>(
        holds<Condition>(v128.load(from), a, b),
        holds<Condition>(v128.load(from, 16), a, b),
        holds<Condition>(v128.load(from, 32), a, b),
        holds<Condition>(v128.load(from, 48), a, b),
      );
      word |= mask << bit;
      from += 64;
    }
    store<u64>(to, word);
    to += 8;
  }
  clearTail(bits, rows);
}

@inline
function compare<T>(op: i32, column: usize, rows: i32, value: T, bits: usize): void {
  if (op == EQ) scan<T, Equal<T>>(column, rows, value, value, bits);
  else if (op == NE) scan<T, Unequal<T>>(column, rows, value, value, bits);
  else if (op == LT) scan<T, Less<T>>(column, rows, value, value, bits);
  else if (op == LE) scan<T, AtMost<T>>(column, rows, value, value, bits);
  else if (op == GT) scan<T, Greater<T>>(column, rows, value, value, bits);
  else scan<T, AtLeast<T>>(column, rows, value, value, bits);
}

@inline
function range<T>(column: usize, rows: i32, low: T, high: T, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  if (lowExclusive) {
    if (highExclusive) scan<T, Open<T>>(column, rows, low, high, bits);
    else scan<T, LowExclusive<T>>(column, rows, low, high, bits);
  } else if (highExclusive) scan<T, HighExclusive<T>>(column, rows, low, high, bits);
  else scan<T, Closed<T>>(column, rows, low, high, bits);
}

export function compareI32(op: i32, column: usize, rows: i32, value: i32, bits: usize): void {
  compare<i32>(op, column, rows, value, bits);
}
export function compareI64(op: i32, column: usize, rows: i32, value: i64, bits: usize): void {
  compare<i64>(op, column, rows, value, bits);
}
export function compareF32(op: i32, column: usize, rows: i32, value: f32, bits: usize): void {
  compare<f32>(op, column, rows, value, bits);
}
export function compareF64(op: i32, column: usize, rows: i32, value: f64, bits: usize): void {
  compare<f64>(op, column, rows, value, bits);
}

export function rangeI32(column: usize, rows: i32, low: i32, high: i32, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<i32>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function rangeI64(column: usize, rows: i32, low: i64, high: i64, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<i64>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function rangeF32(column: usize, rows: i32, low: f32, high: f32, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<f32>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function rangeF64(column: usize, rows: i32, low: f64, high: f64, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<f64>(column, rows, low, high, lowExclusive, highExclusive, bits);
}

export function compareI8(op: i32, column: usize, rows: i32, value: i8, bits: usize): void {
  compare<i8>(op, column, rows, value, bits);
}
export function rangeI8(column: usize, rows: i32, low: i8, high: i8, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<i8>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function compareI16(op: i32, column: usize, rows: i32, value: i16, bits: usize): void {
  compare<i16>(op, column, rows, value, bits);
}
export function rangeI16(column: usize, rows: i32, low: i16, high: i16, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<i16>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function compareU8(op: i32, column: usize, rows: i32, value: u8, bits: usize): void {
  compare<u8>(op, column, rows, value, bits);
}
export function rangeU8(column: usize, rows: i32, low: u8, high: u8, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<u8>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
export function compareU16(op: i32, column: usize, rows: i32, value: u16, bits: usize): void {
  compare<u16>(op, column, rows, value, bits);
}
export function rangeU16(column: usize, rows: i32, low: u16, high: u16, lowExclusive: bool, highExclusive: bool, bits: usize): void {
  range<u16>(column, rows, low, high, lowExclusive, highExclusive, bits);
}
