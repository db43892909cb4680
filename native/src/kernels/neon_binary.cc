// Bits counted with NEON: vcnt counts each byte, the counts gathered in bytes for as long as they fit.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

namespace {

struct BitLanes {
  using Bits = uint8x16_t;
  using Part = uint8x16_t;
  using Sum = uint32x4_t;
  static constexpr uint32_t kBytes = 16, kRows = 4, kPartSteps = 31;
  static inline Bits load(const uint8_t *at) { return vld1q_u8(at); }
  static inline Bits load_some(const uint8_t *at, uint32_t count) {
    uint8_t some[kBytes] = {};
    memcpy(some, at, count);
    return load(some);
  }
  static inline Bits both(Bits a, Bits b) { return vandq_u8(a, b); }
  static inline Bits either(Bits a, Bits b) { return veorq_u8(a, b); }
  static inline Part no_part() { return vdupq_n_u8(0); }
  static inline Part count(Bits bits, Part part) { return vaddq_u8(part, vcntq_u8(bits)); }
  static inline Sum no_sum() { return vdupq_n_u32(0); }
  static inline Sum add(Part part, Sum sum) { return vpadalq_u16(sum, vpaddlq_u8(part)); }
  static inline uint32_t total(Sum sum) { return vaddvq_u32(sum); }
  static inline void totals(const Sum *sums, uint32_t *counts) {
    vst1q_u32(counts, vpaddq_u32(vpaddq_u32(sums[0], sums[1]), vpaddq_u32(sums[2], sums[3])));
  }
};

}  // namespace

#include "kernels/binary_tile.inc"

namespace elanus {
extern const BinaryKernels kBinaryNeon = {"neon", count_pairs<Differing>, count_pairs<Common>};
}
