// Rotation: a seeded random rotation that spreads every vector's length evenly over its dimensions, so that each takes
// the same few bits. Random signs, a fast Hadamard transform over the largest power of two (the head and the tail in
// turn) and a Kac butterfly, four rounds: O(d log d), as FhtKacRotator of the RaBitQ library (Gao & Long 2024).
// The same bits on every machine and with all kernels.
#pragma once

#include "base/array.h"
#include "kernels/frame_kernels.h"

namespace elanus {

class Rotation {
 public:
  // False if there is no memory. REQUIRES: dim >= 1.
  bool init(uint32_t dim, uint64_t seed, const FrameKernels *kernels);

  uint32_t dim() const { return dim_; }
  // The next multiple of 32: zeros are appended before rotating.
  uint32_t padded_dim() const { return rotor_.padded_dim; }

  // `in` is dim() long, `out` padded_dim(); they do not overlap.
  void apply(const float *in, float *out) const;

 private:
  uint32_t dim_ = 0;
  const FrameKernels *kernels_ = nullptr;
  Rotor rotor_ = {};
  Array<float> signs_;
};

}  // namespace elanus
