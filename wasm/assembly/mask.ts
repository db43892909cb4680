// Masks: from lanes of truth (all ones or zero) to bits, one a row.

/** Rows in the four vectors that `maskOf` takes. */
@inline
export function maskRows<T>(): i32 {
  return 64 / sizeof<T>();
}

/** The truth of the rows in four vectors of lanes of T, the first row in bit 0. */
@inline
export function maskOf<T>(a: v128, b: v128, c: v128, d: v128): u64 {
  if (sizeof<T>() == 1) {
    const low = u64(u32(i8x16.bitmask(a)) | (u32(i8x16.bitmask(b)) << 16));
    return low | (u64(u32(i8x16.bitmask(c)) | (u32(i8x16.bitmask(d)) << 16)) << 32);
  }
  if (sizeof<T>() == 2) {
    return u64(u32(i8x16.bitmask(i8x16.narrow_i16x8_s(a, b))) | (u32(i8x16.bitmask(i8x16.narrow_i16x8_s(c, d))) << 16));
  }
  if (sizeof<T>() == 4) {
    return u64(i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))));
  }
  const ab = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
  const cd = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
  return u64(i16x8.bitmask(i16x8.narrow_i32x4_s(ab, cd)));
}

/** Zeroes the bits at and beyond `rows` in the last word of a bitset. */
@inline
export function clearTail(bits: usize, rows: i32): void {
  const tail = rows & 63;
  if (tail == 0) return;
  const last = bits + (usize(rows >> 6) << 3);
  store<u64>(last, load<u64>(last) & ((u64(1) << tail) - 1));
}
