// Typed rows with WebAssembly SIMD128. It knows no half precision: exponents are moved as whole numbers.
#include "kernels/simd128_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  using FloatLanes::load;
  using FloatLanes::load_some;
  static inline Reg load(const F16 *at) {
    const Reg bits = wasm_u32x4_load16x4(at);
    const Reg magnitude = wasm_v128_and(bits, wasm_i32x4_splat(0x7fff));
    // Read as f32, the exponent is 112 too small; the product is exact for subnormal values too.
    const Reg finite = wasm_f32x4_mul(wasm_i32x4_shl(magnitude, 13), wasm_f32x4_splat(0x1p112f));
    const Reg infinite = wasm_v128_and(wasm_i32x4_gt(magnitude, wasm_i32x4_splat(0x7bff)), wasm_i32x4_splat(0x7f800000));
    const Reg sign = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x8000)), 16);
    return wasm_v128_or(wasm_v128_or(finite, infinite), sign);
  }
  static inline Reg load(const Bf16 *at) { return wasm_i32x4_shl(wasm_u32x4_load16x4(at), 16); }
  static inline Reg load(const int8_t *at) {
    return wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(at))));
  }
  static inline Reg load(const uint8_t *at) {
    return wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(at))));
  }

  template <class Value>
  static inline Reg load_some(const Value *at, uint32_t count) {
    Value some[kLanes] = {};
    for (uint32_t i = 0; i < count; i++) some[i] = at[i];
    return load(some);
  }
};

}  // namespace

#include "kernels/tile.inc"
#include "kernels/typed.inc"

namespace elanus {
extern const TypedKernels kTypedSimd128 = table<kSimd128>("simd128");
}
