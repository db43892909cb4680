// Ann index layout: what the sections of an approximate index hold that no other header says. Reader and writer share it.
//
//   opening  parameters (below, then f32 mean[padded dim]); calibration: up to kCalibrationBytesMax bytes that the core
//            does not read; centres, list centres: 7-bit codes; list offsets (index/ivf.h)
//   scan     IVF blocks (index/ivf.h)
//   refine   sign plane, extra plane, factors: the 4-bit codes by row (quant/code.h)
//   graph    graph neighbours (index/graph.h); entry points: u32, a row near each centre. Of kind kGraph alone
#pragma once

#include <stdint.h>

#include "index/index_file_layout.h"
#include "kernels/element.h"

namespace elanus {

constexpr uint32_t kCalibrationBytesMax = 65536;

// Do not change: stored.
struct AnnParameters {
  uint32_t centre_count;
  uint32_t zero;
};
static_assert(sizeof(AnnParameters) == 8);

// The type of the column whose rows are held so. u8 rows are a FloatVector's of whole numbers.
constexpr ElementType column_type(Element element) {
  switch (element) {
    case Element::kF16: return ElementType::kFloat16;
    case Element::kBf16: return ElementType::kBFloat16;
    case Element::kI8: return ElementType::kInt8;
    default: return ElementType::kFloat;
  }
}

constexpr uint64_t parameters_bytes(uint32_t padded_dim) {
  return sizeof(AnnParameters) + uint64_t(padded_dim) * sizeof(float);
}

}  // namespace elanus
