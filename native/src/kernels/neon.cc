// NEON: the table of f32 distances, for every 64-bit Arm.
#include "kernels/neon_lanes.inc"

namespace {
using Lanes = FloatLanes;
}

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kNeon = {"neon", all_pairs<DotStep>, all_pairs<L2Step>};
}
