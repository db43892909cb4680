// Typed rows with WebAssembly SIMD128. It knows no half precision: exponents are moved as whole numbers.
#include "kernels/simd128_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  static constexpr bool kWidensRows = true;
  static inline void store2(Reg low, Reg high, float *to) {
    wasm_v128_store(to, low);
    wasm_v128_store(to + 4, high);
  }
  // Four halves in the upper halves of the lanes, the lower zero.
  static inline Reg f16_values(Reg halves) {
    // Sign, three copies of it, exponent, fraction: without the copies it is an f32 whose exponent is 112 too small. The
    // product is exact for subnormal values too.
    const Reg small = wasm_v128_and(wasm_i32x4_shr(halves, 3), wasm_i32x4_splat(int32_t(0x8fffe000)));
    const Reg finite = wasm_f32x4_mul(small, wasm_f32x4_splat(0x1p112f));
    const Reg beyond = wasm_f32x4_ge(wasm_f32x4_abs(finite), wasm_f32x4_splat(65536));
    return wasm_v128_or(finite, wasm_v128_and(beyond, wasm_i32x4_splat(0x7f800000)));
  }
  static inline Reg upper_low(Reg halves) {
    return wasm_i16x8_shuffle(wasm_i16x8_splat(0), halves, 0, 8, 1, 9, 2, 10, 3, 11);
  }
  static inline Reg upper_high(Reg halves) {
    return wasm_i16x8_shuffle(wasm_i16x8_splat(0), halves, 4, 12, 5, 13, 6, 14, 7, 15);
  }
  static inline void widen8(const F16 *at, float *to) {
    const Reg halves = wasm_v128_load(at);
    store2(f16_values(upper_low(halves)), f16_values(upper_high(halves)), to);
  }
  static inline void widen8(const Bf16 *at, float *to) {
    const Reg halves = wasm_v128_load(at);
    store2(upper_low(halves), upper_high(halves), to);
  }
  // A byte becomes the fraction of 2^23, from which `zero` is taken: exact, and unlike a conversion of whole numbers the
  // compiler leaves it in registers.
  static inline void widen_bytes(Reg bytes, float zero, float *to) {
    const Reg exponent = wasm_i32x4_splat(0x4b000000);
    const Reg low = wasm_i8x16_shuffle(bytes, exponent, 0, 17, 18, 19, 1, 17, 18, 19, 2, 17, 18, 19, 3, 17, 18, 19);
    const Reg high = wasm_i8x16_shuffle(bytes, exponent, 4, 17, 18, 19, 5, 17, 18, 19, 6, 17, 18, 19, 7, 17, 18, 19);
    store2(wasm_f32x4_sub(low, wasm_f32x4_splat(zero)), wasm_f32x4_sub(high, wasm_f32x4_splat(zero)), to);
  }
  static inline void widen8(const int8_t *at, float *to) {
    widen_bytes(wasm_v128_xor(wasm_v128_load64_zero(at), wasm_i8x16_splat(-128)), 0x1p23f + 128, to);
  }
  static inline void widen8(const uint8_t *at, float *to) { widen_bytes(wasm_v128_load64_zero(at), 0x1p23f, to); }
};

}  // namespace

#include "kernels/tile.inc"
#include "kernels/typed.inc"

namespace elanus {
extern const TypedKernels kTypedSimd128 = table<kSimd128>("simd128");
}
