// Norm: the inverse length of a row of any element type, by one summation: a row of another type has exactly the norm
// of the f32 row of the same values.
#pragma once

#include <float.h>
#include <math.h>

#include "kernels/element.h"

namespace elanus {

// As inverse_norm in kernels.h.
template <class Value>
static inline float inverse_norm_of(const Value *vector, uint32_t dim) {
  // Eight sums, so that none waits for the one before it.
  double sums[8] = {};
  uint32_t i = 0;
  for (; i + 8 <= dim; i += 8) {
    for (uint32_t j = 0; j < 8; j++) sums[j] += double(value_of(vector[i + j])) * value_of(vector[i + j]);
  }
  for (; i < dim; i++) sums[0] += double(value_of(vector[i])) * value_of(vector[i]);
  double total = 0;
  for (double sum : sums) total += sum;
  const double norm = sqrt(total);
  return norm < double(FLT_MIN) ? 0.0f : float(1 / norm);
}

}  // namespace elanus
