// Typed rows in plain C++: each value becomes an f32 and is summed in f64.
#include "kernels/scalar_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  static constexpr bool kWidensRows = false;
  // One pair at a time: code for every tile and type would be long, and this is the truth, not the fast way.
  static constexpr uint32_t kTileQueries = 1, kTileRows = 1, kScanRows = 1;
  template <class Value>
  static inline Reg load(const Value *at) {
    return double(elanus::value_of(*at));
  }
  static inline Reg load_some(const void *, uint32_t) { return 0; }
};

}  // namespace

#include "kernels/tile.inc"
#include "kernels/typed.inc"

namespace elanus {
extern const TypedKernels kTypedScalar = table<kScalar>("scalar");
}
