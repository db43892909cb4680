// WebAssembly SIMD128: the table of f32 distances.
#include "kernels/simd128_lanes.inc"

namespace {
using Lanes = FloatLanes;
}

#include "kernels/tile.inc"

namespace elanus {

#if defined(__wasm_relaxed_simd__)
constexpr char kName[] = "relaxed";
#else
constexpr char kName[] = "simd128";
#endif

extern const Kernels kSimd128 = {kName, all_pairs<DotStep>, all_pairs<L2Step>};

}  // namespace elanus
