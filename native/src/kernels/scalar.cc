// Scalar: the table of f32 distances summed in f64, the truth that the other sets are tested against.
#include "kernels/scalar_lanes.inc"

namespace {
using Lanes = FloatLanes;
}

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kScalar = {"scalar", all_pairs<DotStep>, all_pairs<L2Step>};
}
