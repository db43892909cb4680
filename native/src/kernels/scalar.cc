// Scalar: plain C++ for every machine, summed in f64. The truth that the other sets are tested against.
#include <stddef.h>
#include <stdint.h>

namespace {

struct Lanes {
  using Reg = double;
  static constexpr uint32_t kLanes = 1, kTileQueries = 2, kTileRows = 2, kScanRows = 4;
  static inline Reg zero() { return 0; }
  static inline Reg load(const float *at) { return double(*at); }
  static inline Reg load_some(const float *, uint32_t) { return 0; }
  static inline Reg sub(Reg a, Reg b) { return a - b; }
  static inline Reg mul_add(Reg a, Reg b, Reg c) { return a * b + c; }
  static inline double total(Reg a) { return a; }
};

}  // namespace

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kScalar = {"scalar", all_pairs<DotStep>, all_pairs<L2Step>};
}
