// AVX2: the table of f32 distances. Compiled with -mavx2 -mfma; call it only where the machine has both.
#include "kernels/avx2_lanes.inc"

namespace {
using Lanes = FloatLanes;
}

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kAvx2 = {"avx2", all_pairs<DotStep>, all_pairs<L2Step>};
}
