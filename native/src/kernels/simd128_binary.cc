// Bits counted with WebAssembly SIMD128, the counts gathered in bytes for as long as they fit.
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

namespace {

struct BitLanes {
  using Bits = v128_t;
  using Part = v128_t;  // 16 counts of 8 bits
  using Sum = v128_t;   // 4 counts of 32 bits
  static constexpr uint32_t kBytes = 16, kRows = 4, kPartSteps = 31;
  static inline Bits load(const uint8_t *at) { return wasm_v128_load(at); }
  static inline Bits load_some(const uint8_t *at, uint32_t count) {
    uint8_t some[kBytes] = {};
    memcpy(some, at, count);
    return load(some);
  }
  static inline Bits both(Bits a, Bits b) { return wasm_v128_and(a, b); }
  static inline Bits either(Bits a, Bits b) { return wasm_v128_xor(a, b); }
  static inline Part no_part() { return wasm_i8x16_splat(0); }
  static inline Part count(Bits bits, Part part) { return wasm_i8x16_add(part, wasm_i8x16_popcnt(bits)); }
  static inline Sum no_sum() { return wasm_i32x4_splat(0); }
  static inline Sum add(Part part, Sum sum) {
    return wasm_i32x4_add(sum, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(part)));
  }
  static inline uint32_t total(Sum sum) {
    const Sum two = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
    return uint32_t(wasm_i32x4_extract_lane(two, 0)) + uint32_t(wasm_i32x4_extract_lane(two, 1));
  }
  static inline void totals(const Sum *sums, uint32_t *counts) {
    for (uint32_t r = 0; r < kRows; r++) counts[r] = total(sums[r]);
  }
};

}  // namespace

#include "kernels/binary_tile.inc"

namespace elanus {
extern const BinaryKernels kBinarySimd128 = {"simd128", count_pairs<Differing>, count_pairs<Common>};
}
