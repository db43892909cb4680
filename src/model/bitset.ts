// Bitset: bit i of row i, at bytes[i >> 3] >> (i & 7). The length is a multiple of 8 bytes, so that kernels
// read whole words; bits at and beyond `rows` are zero, always.

export type Bitset = Uint8Array;

/** Bytes that a bitset over `rows` rows takes. */
export function bitsetBytes(rows: number): number {
  return Math.ceil(rows / 64) * 8;
}

/** A bitset over `rows` rows with every bit equal to `value`. */
export function bitsetOf(rows: number, value: boolean): Bitset {
  const bits = new Uint8Array(bitsetBytes(rows));
  if (value) {
    bits.fill(0xff, 0, rows >> 3);
    if (rows & 7) bits[rows >> 3] = (1 << (rows & 7)) - 1;
  }
  return bits;
}

export function hasBit(bits: Bitset, row: number): boolean {
  return ((bits[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

export function setBit(bits: Bitset, row: number): void {
  bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
}

export function clearBit(bits: Bitset, row: number): void {
  bits[row >> 3] = (bits[row >> 3] as number) & ~(1 << (row & 7));
}

/** Number of set bits. */
export function countBits(bits: Bitset): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) {
    let byte = bits[i] as number;
    byte -= (byte >> 1) & 0x55;
    byte = (byte & 0x33) + ((byte >> 2) & 0x33);
    count += (byte + (byte >> 4)) & 0x0f;
  }
  return count;
}

/** The rows whose bit is set, ascending. */
export function* setRows(bits: Bitset): Generator<number> {
  for (let i = 0; i < bits.length; i++) {
    for (let byte = bits[i] as number; byte !== 0; byte &= byte - 1) yield i * 8 + (31 - Math.clz32(byte & -byte));
  }
}
