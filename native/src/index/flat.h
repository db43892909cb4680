// Flat: exact search by computing every score. It holds copies of the vectors as given, of any element type, and under
// COSINE the inverse length of each. Searches change nothing, so several may run at once.
#pragma once

#include "elanus.h"
#include "index/typed_rows.h"

namespace elanus {

class Flat {
 public:
  // REQUIRES: dim and metric are valid.
  Flat(uint32_t dim, elanus_metric metric, const Kernels *kernels, Element element = Element::kF32)
      : vectors_(dim, element, metric, kernels) {}

  uint32_t dim() const { return vectors_.dim(); }
  uint32_t row_bytes() const { return vectors_.row_bytes(); }
  uint32_t size() const { return vectors_.size(); }
  size_t bytes() const { return sizeof(*this) + vectors_.bytes(); }
  const TypedRows &vectors() const { return vectors_; }

  // As elanus_flat_reserve, _append, _read and _search, their arguments checked; vectors are of the element type.
  bool reserve(uint32_t count) { return vectors_.reserve(count); }
  bool append(const void *vectors, uint32_t count) { return vectors_.append(vectors, count); }
  void read(uint32_t first, uint32_t count, void *out) const { vectors_.read(first, count, out); }
  void search(const float *queries, uint32_t query_count, uint32_t k, const uint8_t *alive, uint32_t *counts,
              uint32_t *rows, float *scores, const elanus_range *range = nullptr) const;

 private:
  TypedRows vectors_;
};

}  // namespace elanus
