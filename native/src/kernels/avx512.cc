// AVX-512F: the table of f32 distances. Compiled with -mavx512f; call it only where the machine has it.
#include "kernels/avx512_lanes.inc"

namespace {
using Lanes = FloatLanes;
}

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kAvx512 = {"avx512", all_pairs<DotStep>, all_pairs<L2Step>};
}
