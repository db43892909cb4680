// Algebra over bitsets of `words` words of 8 bytes. The result may be written over an operand.

import { clearTail } from './mask';

export function and(a: usize, b: usize, words: i32, bits: usize): void {
  const whole = usize(words & ~1) << 3;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(bits + at, v128.and(v128.load(a + at), v128.load(b + at)));
  }
  if (words & 1) store<u64>(bits + whole, load<u64>(a + whole) & load<u64>(b + whole));
}

export function or(a: usize, b: usize, words: i32, bits: usize): void {
  const whole = usize(words & ~1) << 3;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(bits + at, v128.or(v128.load(a + at), v128.load(b + at)));
  }
  if (words & 1) store<u64>(bits + whole, load<u64>(a + whole) | load<u64>(b + whole));
}

/** Complement over `rows` rows. */
export function not(a: usize, rows: i32, bits: usize): void {
  const bytes = (usize(rows + 63) >> 6) << 3;
  for (let at: usize = 0; at < bytes; at += 8) store<u64>(bits + at, ~load<u64>(a + at));
  clearTail(bits, rows);
}

export function popcount(a: usize, words: i32): i32 {
  let count: i64 = 0;
  const end = a + (usize(words) << 3);
  for (let at = a; at < end; at += 8) count += popcnt<i64>(load<i64>(at));
  return i32(count);
}
