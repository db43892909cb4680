// Flat: exact search by computing every score. It holds copies of the vectors as given, and under COSINE the
// inverse length of each. Searches change nothing, so several may run at once.
#pragma once

#include "elanus.h"
#include "index/row_store.h"
#include "kernels/kernels.h"

namespace elanus {

class Flat {
 public:
  // REQUIRES: dim and metric are valid.
  Flat(uint32_t dim, elanus_metric metric, const Kernels *kernels);

  uint32_t dim() const { return vectors_.width(); }
  uint32_t size() const { return vectors_.size(); }
  size_t bytes() const { return sizeof(*this) + vectors_.bytes() + inverse_norms_.bytes(); }

  // As elanus_flat_reserve, _append, _read and _search, their arguments checked.
  bool reserve(uint32_t count);
  bool append(const float *vectors, uint32_t count);
  void read(uint32_t first, uint32_t count, float *out) const;
  void search(const float *queries, uint32_t query_count, uint32_t k, const uint8_t *alive, uint32_t *counts,
              uint32_t *rows, float *scores) const;

 private:
  class Scan;

  const elanus_metric metric_;
  const Kernels *const kernels_;
  RowStore vectors_;
  RowStore inverse_norms_;  // width 1; empty unless the metric is COSINE
};

}  // namespace elanus
