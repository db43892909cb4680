// NEON codes: 16 bytes at a time, with the dot product instructions where the compiler may use them.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

namespace {

constexpr unsigned kFrameFloats = 4, kFrameRegs = 16;

struct Codes {
  using Bytes = uint8x16_t;
  using Values = int8x16_t;
  using Sum = int32x4_t;
  struct Wide {
    uint16x8_t both, odd;
  };
  static constexpr uint32_t kBytes = 16, kFloats = 4, kNibbleRegs = 1;
  static inline Bytes load(const uint8_t *at) { return vld1q_u8(at); }
  static inline Bytes load_some(const uint8_t *at, uint32_t) { return load(at); }
  static inline Bytes low(Bytes b) { return vandq_u8(b, vdupq_n_u8(15)); }
  static inline Bytes high(Bytes b) { return vshrq_n_u8(b, 4); }
  static inline Values values(const int8_t *at) { return vld1q_s8(at); }
  static inline Sum zero() { return vdupq_n_s32(0); }
  static inline Sum add(Sum sum, Bytes codes, Values values) {
    const int8x16_t signed_codes = vreinterpretq_s8_u8(codes);
#if defined(__ARM_FEATURE_DOTPROD)
    return vdotq_s32(sum, signed_codes, values);
#else
    int16x8_t pairs = vmull_s8(vget_low_s8(signed_codes), vget_low_s8(values));
    pairs = vmlal_s8(pairs, vget_high_s8(signed_codes), vget_high_s8(values));
    return vpadalq_s16(sum, pairs);
#endif
  }
  template <uint32_t kRegs>
  static inline Sum add_nibbles(Sum sum, const Bytes *codes, const Values *low_values, const Values *high_values) {
    for (uint32_t r = 0; r < kRegs; r++) sum = add(add(sum, low(codes[r]), low_values[r]), high(codes[r]), high_values[r]);
    return sum;
  }
  static inline void totals(const Sum *sums, int32_t *out) {
    vst1q_s32(out, vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])));
  }
  static inline Wide wide_zero() { return {vdupq_n_u16(0), vdupq_n_u16(0)}; }
  static inline Bytes look_up(Bytes table, Bytes indexes) { return vqtbl1q_u8(table, indexes); }
  static inline Bytes add_bytes(Bytes a, Bytes b) { return vaddq_u8(a, b); }
  static inline Wide widen(Wide wide, Bytes b) {
    const uint16x8_t both = vreinterpretq_u16_u8(b);
    return {vaddq_u16(wide.both, both), vsraq_n_u16(wide.odd, both, 8)};
  }
  static inline void flush(Wide wide, uint16_t *out) {
    const uint16x8_t even = vsubq_u16(wide.both, vshlq_n_u16(wide.odd, 8));
    vst1q_u16(out, vzip1q_u16(even, wide.odd));
    vst1q_u16(out + 8, vzip2q_u16(even, wide.odd));
  }
  template <class Floats>
  static inline Floats least(Floats a, Floats b) { return a < b ? a : b; }
  template <class Floats>
  static inline uint32_t below(Floats v, float threshold) {
    const uint32_t bits[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vcltq_f32(float32x4_t(v), vdupq_n_f32(threshold)), vld1q_u32(bits)));
  }
};

}  // namespace

#include "kernels/code_tile.inc"
#include "kernels/frame.inc"

#include "kernels/code_sets.h"

namespace elanus {
extern const CodeKernels kNeonCodes = {"neon", estimate<FourBits>, estimate<SevenBits>, scan, kFrame};
}
