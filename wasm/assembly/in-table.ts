// In-table: is the byte that a table has for the row's value one? The table has a byte of 0 or 1 for every value that the
// column has; values are not negative. One load a row, whatever the number of values that pass.

import { clearTail } from './mask';

@inline
function inTable<T>(column: usize, rows: i32, table: usize, bits: usize): void {
  let from = column;
  let to = bits;
  for (let row = 0; row < rows; row += 64) {
    const count = min(rows - row, 64);
    let word: u64 = 0;
    for (let bit = 0; bit < count; bit++) {
      word |= u64(load<u8>(table + <usize>load<T>(from))) << bit;
      from += sizeof<T>();
    }
    store<u64>(to, word);
    to += 8;
  }
  clearTail(bits, rows);
}

export function inTableU8(column: usize, rows: i32, table: usize, bits: usize): void {
  inTable<u8>(column, rows, table, bits);
}
export function inTableU16(column: usize, rows: i32, table: usize, bits: usize): void {
  inTable<u16>(column, rows, table, bits);
}
export function inTableI32(column: usize, rows: i32, table: usize, bits: usize): void {
  inTable<i32>(column, rows, table, bits);
}
