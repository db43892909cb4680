// WebAssembly SIMD128: engines map it to 16 registers of 4 lanes; there is no fused multiply-add.
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

namespace {

struct Lanes {
  using Reg = v128_t;
  static constexpr uint32_t kLanes = 4, kTileQueries = 4, kTileRows = 2, kScanRows = 8;
  static inline Reg zero() { return wasm_f32x4_splat(0); }
  static inline Reg load(const float *at) { return wasm_v128_load(at); }
  static inline Reg load_some(const float *at, uint32_t count) {
    if (count == 1) return wasm_v128_load32_zero(at);
    const Reg two = wasm_v128_load64_zero(at);
    return count == 2 ? two : wasm_f32x4_replace_lane(two, 2, at[2]);
  }
  static inline Reg sub(Reg a, Reg b) { return wasm_f32x4_sub(a, b); }
  static inline Reg mul_add(Reg a, Reg b, Reg c) { return wasm_f32x4_add(wasm_f32x4_mul(a, b), c); }
  static inline float total(Reg a) {
    const Reg two = wasm_f32x4_add(a, wasm_i32x4_shuffle(a, a, 2, 3, 0, 1));
    return wasm_f32x4_extract_lane(two, 0) + wasm_f32x4_extract_lane(two, 1);
  }
};

}  // namespace

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kSimd128 = {"simd128", all_pairs<DotStep>, all_pairs<L2Step>};
}
