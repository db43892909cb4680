// Vectors: a view of f32 rows that somebody else owns, so that this floor needs to know no store.
#pragma once

#include <stdint.h>

namespace elanus {

struct Vectors {
  const void *owner;
  const float *(*at)(const void *owner, uint32_t row);  // dim floats, valid until the next call
  uint32_t count;
  uint32_t dim;

  const float *row(uint32_t i) const { return at(owner, i); }
};

}  // namespace elanus
