// WebAssembly graph building. SIMD128 multiplies values of 16 bits, two in a word; relaxed SIMD those of 8 bits, four
// in a word, where the second operand must not be negative: the engines then agree.
#include <stdint.h>
#include <wasm_simd128.h>

#include "kernels/build_kernels.h"

namespace {

struct Lanes {
  using Reg = v128_t;
  using Ranks = v128_t;
  static constexpr uint32_t kLanes = 4, kRegs = 2, kTileRows = 4, kRankLanes = 8;
  static inline Reg zero() { return wasm_i32x4_splat(0); }
  static inline Reg load(const void *at) { return wasm_v128_load(at); }
  static inline Reg splat(int32_t value) { return wasm_i32x4_splat(value); }
  static inline Reg add(Reg a, Reg b) { return wasm_i32x4_add(a, b); }
  static inline Reg sub(Reg a, Reg b) { return wasm_i32x4_sub(a, b); }
#if defined(__wasm_relaxed_simd__)
  static constexpr uint32_t kWordValues = 4;
  static constexpr int32_t kOffset = 64;
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) {
    static_assert(4 * 127 * elanus::kBuildCodeMax <= INT16_MAX);
    const Reg first = wasm_i16x8_relaxed_dot_i8x16_i7x16(a0, b0), second = wasm_i16x8_relaxed_dot_i8x16_i7x16(a1, b1);
    return add(sum, wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_add(first, second)));
  }
#else
  static constexpr uint32_t kWordValues = 2;
  static constexpr int32_t kOffset = 0;
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) {
    return add(add(sum, wasm_i32x4_dot_i16x8(a0, b0)), wasm_i32x4_dot_i16x8(a1, b1));
  }
#endif
  static inline void store_ranks(elanus::Rank *at, Reg distances) {
    const Reg origin = splat(elanus::kRankOrigin), bits = wasm_f32x4_convert_i32x4(distances);
    const Reg ranks = wasm_u32x4_shr(sub(wasm_i32x4_max(bits, origin), origin), 12);
    wasm_v128_store64_lane(at, wasm_u16x8_narrow_i32x4(ranks, ranks), 0);
  }

  static inline Ranks none() { return wasm_i8x16_splat(-1); }
  static inline Ranks load_ranks(const elanus::Rank *at) { return load(at); }
  static inline void store(elanus::Rank *at, Ranks ranks) { wasm_v128_store(at, ranks); }
  static inline Ranks least(Ranks a, Ranks b) { return wasm_u16x8_min(a, b); }
  static inline Ranks keep(Ranks left, Ranks other) {
    return wasm_v128_or(left, wasm_v128_not(wasm_i16x8_eq(least(left, other), left)));
  }
  static inline elanus::Rank least_lane(Ranks a) {
    a = least(a, wasm_i16x8_shuffle(a, a, 4, 5, 6, 7, 0, 1, 2, 3));
    a = least(a, wasm_i16x8_shuffle(a, a, 2, 3, 0, 1, 4, 5, 6, 7));
    return elanus::Rank(wasm_u16x8_extract_lane(least(a, wasm_i16x8_shuffle(a, a, 1, 0, 2, 3, 4, 5, 6, 7)), 0));
  }
  static inline uint32_t find(Ranks a, elanus::Rank rank) {
    const uint32_t lanes = uint32_t(wasm_i16x8_bitmask(wasm_i16x8_eq(a, wasm_i16x8_splat(int16_t(rank)))));
    return lanes == 0 ? kRankLanes : uint32_t(__builtin_ctz(lanes));
  }

  static inline Reg dot_step(Reg sum, Reg a, Reg b) {
    const Reg low = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(a), wasm_i16x8_extend_low_i8x16(b));
    const Reg high = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(a), wasm_i16x8_extend_high_i8x16(b));
    return add(sum, add(low, high));
  }
  static int32_t dot(const int8_t *a, const int8_t *b, [[maybe_unused]] int32_t b_sum, size_t stride) {
    Reg sum = zero();
    for (size_t i = 0; i < stride; i += 32) {
      const Reg a0 = load(a + i), b0 = load(b + i), a1 = load(a + i + 16), b1 = load(b + i + 16);
#if defined(__wasm_relaxed_simd__)
      const Reg offset = wasm_i8x16_splat(kOffset);
      sum = dot2(sum, b0, wasm_i8x16_add(a0, offset), b1, wasm_i8x16_add(a1, offset));
#else
      sum = dot_step(dot_step(sum, a0, b0), a1, b1);
#endif
    }
    const Reg two = add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(two, 0) + wasm_i32x4_extract_lane(two, 1) - kOffset * b_sum;
  }
};

}  // namespace

#include "kernels/build.inc"

namespace elanus {
extern const BuildKernels kSimd128Build = {"simd128", Lanes::kWordValues,
    pack_row, pack_panel, rank_all, choose, Lanes::dot};
}
