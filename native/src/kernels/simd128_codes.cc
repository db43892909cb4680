// SIMD128 codes: 16 bytes at a time. Where relaxed SIMD may be used, the products of 8-bit values with codes below 128
// are added in pairs by one instruction, whose result is then the same in every engine; without it bytes are widened
// first. The instruction that adds four products and a sum is not used: V8 11 swaps its operands before a function is
// tiered up (docs/decisions/0014).
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

namespace {

constexpr unsigned kFrameFloats = 4, kFrameRegs = 8;

struct Codes {
  using Bytes = v128_t;
  using Sum = v128_t;
  struct Wide {
    v128_t both, odd;
  };
  static constexpr uint32_t kBytes = 16, kFloats = 4;
  static inline Bytes load(const void *at) { return wasm_v128_load(at); }
  static inline Bytes load_some(const uint8_t *at, uint32_t) { return load(at); }
  static inline Bytes low(Bytes b) { return wasm_v128_and(b, wasm_i8x16_const_splat(15)); }
  // There is no shift of bytes in x86: an engine would make the mask anew each time.
  static inline Bytes high(Bytes b) { return low(wasm_u16x8_shr(b, 4)); }
  static inline Sum zero() { return wasm_i32x4_const_splat(0); }
#if defined(__wasm_relaxed_simd__)
  using Values = v128_t;
  static inline Values values(const int8_t *at) { return load(at); }
  static inline Sum add(Sum sum, Bytes codes, Values values) {
    // Pairs are added as products with 1, as the compiler would make one instruction of this and of a pairwise sum.
    const v128_t pairs = wasm_i16x8_relaxed_dot_i8x16_i7x16(values, codes);
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(pairs, wasm_i16x8_const_splat(1)));
  }
  // Products of a nibble are so small that those of two registers add in 16 bits.
  static constexpr uint32_t kNibbleRegs = 2;
  template <uint32_t kRegs>
  static inline Sum add_nibbles(Sum sum, const Bytes *codes, const Values *low_values, const Values *high_values) {
    static_assert(kRegs * 4 * 127 * 15 <= INT16_MAX);
    v128_t pairs = zero();
    for (uint32_t r = 0; r < kRegs; r++) {
      pairs = wasm_i16x8_add(pairs, wasm_i16x8_relaxed_dot_i8x16_i7x16(low_values[r], low(codes[r])));
      pairs = wasm_i16x8_add(pairs, wasm_i16x8_relaxed_dot_i8x16_i7x16(high_values[r], high(codes[r])));
    }
    return wasm_i32x4_add(sum, wasm_i32x4_extadd_pairwise_i16x8(pairs));
  }
  static inline Bytes look_up(Bytes table, Bytes indexes) { return wasm_i8x16_relaxed_swizzle(table, indexes); }
#else
  struct Values {
    v128_t even, odd;
  };
  static inline Values values(const int8_t *at) {
    const v128_t both = load(at);
    return {wasm_i16x8_shr(wasm_i16x8_shl(both, 8), 8), wasm_i16x8_shr(both, 8)};
  }
  static inline Sum add(Sum sum, Bytes codes, Values values) {
    const v128_t even = wasm_v128_and(codes, wasm_i16x8_const_splat(255)), odd = wasm_u16x8_shr(codes, 8);
    sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(even, values.even));
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(odd, values.odd));
  }
  static constexpr uint32_t kNibbleRegs = 1;
  template <uint32_t kRegs>
  static inline Sum add_nibbles(Sum sum, const Bytes *codes, const Values *low_values, const Values *high_values) {
    for (uint32_t r = 0; r < kRegs; r++) sum = add_nibbles(sum, codes[r], low_values[r], high_values[r]);
    return sum;
  }
  static inline Sum add_nibbles(Sum sum, Bytes codes, Values low_values, Values high_values) {
    const v128_t nibble = wasm_i16x8_const_splat(15);
    const v128_t low_even = wasm_v128_and(codes, nibble), high_even = wasm_v128_and(wasm_u16x8_shr(codes, 4), nibble);
    const v128_t low_odd = wasm_v128_and(wasm_u16x8_shr(codes, 8), nibble), high_odd = wasm_u16x8_shr(codes, 12);
    sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(low_even, low_values.even));
    sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(low_odd, low_values.odd));
    sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(high_even, high_values.even));
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(high_odd, high_values.odd));
  }
  static inline Bytes look_up(Bytes table, Bytes indexes) { return wasm_i8x16_swizzle(table, indexes); }
#endif
  static inline void totals(const Sum *sums, int32_t *out) {
    const v128_t a = wasm_i32x4_add(wasm_i32x4_shuffle(sums[0], sums[1], 0, 4, 1, 5),
                                    wasm_i32x4_shuffle(sums[0], sums[1], 2, 6, 3, 7));
    const v128_t b = wasm_i32x4_add(wasm_i32x4_shuffle(sums[2], sums[3], 0, 4, 1, 5),
                                    wasm_i32x4_shuffle(sums[2], sums[3], 2, 6, 3, 7));
    wasm_v128_store(out, wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 1, 4, 5), wasm_i32x4_shuffle(a, b, 2, 3, 6, 7)));
  }
  static inline Wide wide_zero() { return {zero(), zero()}; }
  static inline Bytes add_bytes(Bytes a, Bytes b) { return wasm_i8x16_add(a, b); }
  static inline Wide widen(Wide wide, Bytes b) {
    return {wasm_i16x8_add(wide.both, b), wasm_i16x8_add(wide.odd, wasm_u16x8_shr(b, 8))};
  }
  static inline void flush(Wide wide, uint16_t *out) {
    const v128_t even = wasm_i16x8_sub(wide.both, wasm_i16x8_shl(wide.odd, 8));
    wasm_v128_store(out, wasm_i16x8_shuffle(even, wide.odd, 0, 8, 1, 9, 2, 10, 3, 11));
    wasm_v128_store(out + 8, wasm_i16x8_shuffle(even, wide.odd, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  // As an instruction: relaxed SIMD would let the compiler take one for which NaN is as the engine likes.
  template <class Floats>
  static inline Floats least(Floats a, Floats b) { return Floats(wasm_f32x4_pmin(v128_t(b), v128_t(a))); }
  template <class Floats>
  static inline uint32_t below(Floats v, float threshold) {
    return wasm_i32x4_bitmask(wasm_f32x4_lt(v128_t(v), wasm_f32x4_splat(threshold)));
  }
};

}  // namespace

#include "kernels/code_tile.inc"
#include "kernels/frame.inc"

#include "kernels/code_sets.h"

namespace elanus {
#if defined(__wasm_relaxed_simd__)
#define CODES_NAME "relaxed"
#else
#define CODES_NAME "simd128"
#endif
extern const CodeKernels kSimd128Codes = {CODES_NAME, estimate<FourBits>, estimate<SevenBits>, scan, kFrame};
}
