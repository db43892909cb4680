// Scalar graph building: plain C++ for every machine. The truth that the other sets are tested against.
#include <stdint.h>

#include "kernels/build_kernels.h"

namespace {

struct Lanes {
  using Reg = int32_t;
  using Ranks = elanus::Rank;
  static constexpr uint32_t kLanes = 1, kRegs = 4, kTileRows = 2, kWordValues = 4, kRankLanes = 1;
  static constexpr int32_t kOffset = 0;
  static inline Reg zero() { return 0; }
  static inline Reg load(const void *at) {
    Reg value;
    memcpy(&value, at, sizeof(value));
    return value;
  }
  static inline Reg splat(int32_t value) { return value; }
  static inline Reg add(Reg a, Reg b) { return a + b; }
  static inline Reg sub(Reg a, Reg b) { return a - b; }
  static inline Reg dot1(Reg sum, Reg a, Reg b) {
    for (uint32_t shift = 0; shift < 32; shift += 8) {
      sum += int32_t(int8_t(uint32_t(a) >> shift)) * int8_t(uint32_t(b) >> shift);
    }
    return sum;
  }
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) { return dot1(dot1(sum, a0, b0), a1, b1); }
  static inline void store_ranks(elanus::Rank *at, Reg distance) { *at = elanus::rank_of(distance); }

  static inline Ranks none() { return elanus::kRankNone; }
  static inline Ranks load_ranks(const elanus::Rank *at) { return *at; }
  static inline void store(elanus::Rank *at, Ranks ranks) { *at = ranks; }
  static inline Ranks least(Ranks a, Ranks b) { return a < b ? a : b; }
  static inline Ranks keep(Ranks left, Ranks other) { return other < left ? elanus::kRankNone : left; }
  static inline elanus::Rank least_lane(Ranks a) { return a; }
  static inline uint32_t find(Ranks a, elanus::Rank rank) { return a == rank ? 0 : 1; }

  static int32_t dot(const int8_t *a, const int8_t *b, int32_t, size_t stride) {
    int32_t sum = 0;
    for (size_t i = 0; i < stride; i++) sum += int32_t(a[i]) * b[i];
    return sum;
  }
};

}  // namespace

#include "kernels/build.inc"

namespace elanus {
extern const BuildKernels kScalarBuild = {"scalar", Lanes::kWordValues,
    pack_row, pack_panel, rank_all, choose, Lanes::dot};
}
