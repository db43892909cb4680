// Rotation: a seeded random rotation that spreads every vector's length evenly over its dimensions, so that each takes
// the same few bits. Random signs, a fast Hadamard transform over the largest power of two (the head and the tail in
// turn) and a Kac butterfly, four rounds: O(d log d), as FhtKacRotator of the RaBitQ library (Gao & Long 2024).
// The same bits on every machine: additions in a fixed order, nothing fused.
#pragma once

#include <stdint.h>

#include "base/array.h"
#include "kernels/code_layout.h"

namespace elanus {

class Rotation {
 public:
  // False if there is no memory. REQUIRES: dim >= 1.
  bool init(uint32_t dim, uint64_t seed);

  uint32_t dim() const { return dim_; }
  // The next multiple of 32: zeros are appended before rotating.
  uint32_t padded_dim() const { return padded_dim_; }

  // `in` is dim() long, `out` padded_dim() and 16-byte aligned; they do not overlap.
  void apply(const float *in, float *out) const;

 private:
  uint32_t dim_ = 0;
  uint32_t padded_dim_ = 0;
  uint32_t power_ = 0;    // the largest power of two that is not above padded_dim
  Array<float> signs_;    // of each round padded_dim: -1 or 1, with the scale of the transform where it applies
};

}  // namespace elanus
