// Typed rows with NEON, which converts half precision on every 64-bit Arm.
#include "kernels/neon_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

#include <string.h>

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  static constexpr bool kWidensRows = false;
  using FloatLanes::load;
  using FloatLanes::load_some;
  static inline Reg load(const F16 *at) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(reinterpret_cast<const uint16_t *>(at))));
  }
  static inline Reg load(const Bf16 *at) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(reinterpret_cast<const uint16_t *>(at)), 16));
  }
  static inline Reg load(const int8_t *at) {
    uint32_t four;
    memcpy(&four, at, sizeof(four));
    const int16x8_t wide = vmovl_s8(vcreate_s8(four));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide)));
  }
  static inline Reg load(const uint8_t *at) {
    uint32_t four;
    memcpy(&four, at, sizeof(four));
    const uint16x8_t wide = vmovl_u8(vcreate_u8(four));
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
  }
  static inline void narrow(Reg values, F16 *to) {
    vst1_u16(reinterpret_cast<uint16_t *>(to), vreinterpret_u16_f16(vcvt_f16_f32(values)));
  }
  static inline void store(Reg values, float *to) { vst1q_f32(to, values); }

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
extern const TypedKernels kTypedNeon = table<kNeon>("neon");
}
