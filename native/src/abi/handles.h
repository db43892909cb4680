// Handles: what the opaque types of elanus.h hold that more than one file of this floor looks into, and the checks that
// all make.
#pragma once

#include <math.h>

#include <variant>

#include "base/memory.h"
#include "elanus.h"
#include "index/binary_flat.h"
#include "index/flat.h"

struct elanus_flat {
  std::variant<elanus::Flat, elanus::BinaryFlat> rows;
};

namespace elanus {

// The vectors; NULL where there are bits.
inline const Flat *dense_of(const elanus_flat *flat) { return std::get_if<Flat>(&flat->rows); }

// Calls `use` with the index, of whichever type it is.
template <class Handle, class Use>
auto with_rows(Handle *flat, Use use) {
  if (auto *dense = std::get_if<Flat>(&flat->rows)) return use(*dense);
  return use(*std::get_if<BinaryFlat>(&flat->rows));
}

// Whether `rows` of `row_bytes` each have a size.
inline bool has_size(uint32_t rows, size_t row_bytes) {
  size_t size_bytes;
  return multiply(rows, row_bytes, &size_bytes);
}

// Whether `rows` of `width` 32-bit values have a size.
inline bool fits(uint32_t rows, uint32_t width) {
  size_t row_bytes;
  return multiply(width, sizeof(float), &row_bytes) && has_size(rows, row_bytes);
}

inline bool is_range(const elanus_range *range) {
  return range == nullptr || !(isnan(range->radius) || isnan(range->range_filter));
}

// False for bits, and for what is no element.
inline bool element_of(elanus_element element, Element *out) {
  switch (element) {
    case ELANUS_FLOAT_VECTOR: *out = Element::kF32; return true;
    case ELANUS_FLOAT16_VECTOR: *out = Element::kF16; return true;
    case ELANUS_BFLOAT16_VECTOR: *out = Element::kBf16; return true;
    case ELANUS_INT8_VECTOR: *out = Element::kI8; return true;
    default: return false;
  }
}

// Whether vectors can be of these.
inline bool is_dense(uint32_t dim, elanus_metric metric, elanus_element element) {
  Element known;
  const bool has_metric = metric == ELANUS_L2 || metric == ELANUS_IP || metric == ELANUS_COSINE;
  return element_of(element, &known) && has_metric && dim >= 1 && dim <= ELANUS_DIM_MAX;
}

// Closes a handle that was made in memory of `allocate`.
template <class T>
void close(T *handle) {
  if (handle == nullptr) return;
  handle->~T();
  release(handle);
}

}  // namespace elanus
