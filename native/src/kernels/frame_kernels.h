// Frame kernels: float arithmetic over vectors in a quantizer's frame. Every set gives the same bits: sums are kept in
// eight lanes and added in one order at the end, whatever the width of a register, and nothing is fused.
// Sizes are multiples of kCodeBlock; what is added up are numbers.
#pragma once

#include "kernels/code_layout.h"

namespace elanus {

struct Rotor {
  uint32_t padded_dim;
  uint32_t power;      // the largest power of two that is not above padded_dim
  uint32_t rounds;
  const float *signs;  // of each round padded_dim factors
};

// Of a code v = level - middle beside two vectors.
struct CodeSums {
  float residual;  // <residual, v>
  float centre;    // <centre, v>
  float norm2;     // |v|^2
};

struct FrameKernels {
  // In each round x is multiplied by the signs, the head (in odd rounds the tail) of `power` values goes through a
  // Hadamard transform, and the halves x, y of the whole become (x + y) / sqrt 2, (x - y) / sqrt 2, unless power is
  // padded_dim.
  void (*rotate)(const Rotor &rotor, float *x);
  float (*dot)(const float *a, const float *b, uint32_t size);
  // The largest size of a value.
  float (*largest)(const float *a, uint32_t size);
  // values = round(a * inverse), halves upward; gives their sum. REQUIRES: |a * inverse| <= 127.
  int32_t (*quantise)(const float *a, uint32_t size, float inverse, int8_t *values);
  // levels = floor(residual * inverse + 64) within 0..127.
  void (*levels)(const float *residual, uint32_t size, float inverse, uint8_t *levels);
  // The sums of the code of the upper four bits of these levels, less 7.5; CodeSums::centre stays 0.
  CodeSums (*try_levels)(const float *residual, uint32_t size, float inverse);
  // The sums of given levels: v = (level >> shift) - middle.
  CodeSums (*sum_levels)(const float *residual, const float *centre, const uint8_t *levels, uint32_t size,
                         uint32_t shift, float middle);
};

}  // namespace elanus
