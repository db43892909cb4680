// NEON graph building: products of 8 bits, added to 16 bits two at a time and from there in pairs to 32.
#include <arm_neon.h>
#include <stdint.h>

#include "kernels/build_kernels.h"

namespace {

struct Lanes {
  using Reg = int32x4_t;
  using Ranks = uint16x8_t;
  static constexpr uint32_t kLanes = 4, kRegs = 4, kTileRows = 4, kWordValues = 4, kRankLanes = 8;
  static constexpr int32_t kOffset = 0;
  static inline Reg zero() { return vdupq_n_s32(0); }
  static inline Reg load(const void *at) { return vreinterpretq_s32_u8(vld1q_u8(static_cast<const uint8_t *>(at))); }
  static inline Reg splat(int32_t value) { return vdupq_n_s32(value); }
  static inline Reg add(Reg a, Reg b) { return vaddq_s32(a, b); }
  static inline Reg sub(Reg a, Reg b) { return vsubq_s32(a, b); }
  static inline int8x8_t low(Reg a) { return vget_low_s8(vreinterpretq_s8_s32(a)); }
  static inline int8x16_t bytes(Reg a) { return vreinterpretq_s8_s32(a); }
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) {
    static_assert(4 * elanus::kBuildCodeMax * elanus::kBuildCodeMax <= INT16_MAX);
    const int16x8_t first = vmlal_s8(vmull_s8(low(a0), low(b0)), low(a1), low(b1));
    const int16x8_t second = vmlal_high_s8(vmull_high_s8(bytes(a0), bytes(b0)), bytes(a1), bytes(b1));
    return vpadalq_s16(sum, vpaddq_s16(first, second));
  }
  static inline void store_ranks(elanus::Rank *at, Reg distances) {
    const Reg origin = splat(elanus::kRankOrigin), bits = vreinterpretq_s32_f32(vcvtq_f32_s32(distances));
    vst1_u16(at, vmovn_u32(vreinterpretq_u32_s32(vshrq_n_s32(vsubq_s32(vmaxq_s32(bits, origin), origin), 12))));
  }

  static inline Ranks none() { return vdupq_n_u16(elanus::kRankNone); }
  static inline Ranks load_ranks(const elanus::Rank *at) { return vld1q_u16(at); }
  static inline void store(elanus::Rank *at, Ranks ranks) { vst1q_u16(at, ranks); }
  static inline Ranks least(Ranks a, Ranks b) { return vminq_u16(a, b); }
  static inline Ranks keep(Ranks left, Ranks other) { return vorrq_u16(left, vcltq_u16(other, left)); }
  static inline elanus::Rank least_lane(Ranks a) { return vminvq_u16(a); }
  static inline uint32_t find(Ranks a, elanus::Rank rank) {
    const uint8x8_t equal = vmovn_u16(vceqq_u16(a, vdupq_n_u16(rank)));
    const uint64_t lanes = vget_lane_u64(vreinterpret_u64_u8(equal), 0);
    return lanes == 0 ? kRankLanes : uint32_t(__builtin_ctzll(lanes)) / 8;
  }

  static int32_t dot(const int8_t *a, const int8_t *b, int32_t, size_t stride) {
    Reg sum = zero();
    for (size_t i = 0; i < stride; i += 32) {
      sum = dot2(sum, load(a + i), load(b + i), load(a + i + 16), load(b + i + 16));
    }
    return vaddvq_s32(sum);
  }
};

}  // namespace

#include "kernels/build.inc"

namespace elanus {
extern const BuildKernels kNeonBuild = {"neon", Lanes::kWordValues,
    pack_row, pack_panel, rank_all, choose, Lanes::dot};
}
