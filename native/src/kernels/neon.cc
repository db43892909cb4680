// NEON: 32 registers of 4 lanes, which every 64-bit Arm has.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

namespace {

struct Lanes {
  using Reg = float32x4_t;
  static constexpr uint32_t kLanes = 4, kTileQueries = 4, kTileRows = 4, kScanRows = 8;
  static inline Reg zero() { return vdupq_n_f32(0); }
  static inline Reg load(const float *at) { return vld1q_f32(at); }
  static inline Reg load_some(const float *at, uint32_t count) {
    Reg some = vld1q_lane_f32(at, zero(), 0);
    if (count > 1) some = vld1q_lane_f32(at + 1, some, 1);
    if (count > 2) some = vld1q_lane_f32(at + 2, some, 2);
    return some;
  }
  static inline Reg sub(Reg a, Reg b) { return vsubq_f32(a, b); }
  static inline Reg mul_add(Reg a, Reg b, Reg c) { return vfmaq_f32(c, a, b); }
  static inline float total(Reg a) { return vaddvq_f32(a); }
};

}  // namespace

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kNeon = {"neon", all_pairs<DotStep>, all_pairs<L2Step>};
}
