// BinaryFlat: exact search over bit vectors by counting bits. It holds copies of the vectors, and under Jaccard how many
// bits of each are set. Scores are the same on every machine. Searches change nothing, so several may run at once.
#pragma once

#include "elanus.h"
#include "index/row_store.h"
#include "kernels/binary_kernels.h"

namespace elanus {

constexpr uint32_t kBinaryDimMax = ELANUS_BINARY_DIM_MAX;

// Those of elanus_metric that compare bits.
enum class BinaryMetric : uint32_t { kHamming = ELANUS_HAMMING, kJaccard = ELANUS_JACCARD };

class BinaryFlat {
 public:
  // REQUIRES: dim is a multiple of 8 in 8..kBinaryDimMax.
  BinaryFlat(uint32_t dim, BinaryMetric metric, const Kernels *kernels);

  uint32_t dim() const { return vectors_.row_bytes() * 8; }
  uint32_t row_bytes() const { return vectors_.row_bytes(); }
  BinaryMetric metric() const { return metric_; }
  uint32_t size() const { return vectors_.size(); }
  size_t bytes() const { return sizeof(*this) + vectors_.bytes() + set_bits_.bytes(); }

  // Room for `count` more rows: the next `count` appended cannot fail. False if there is no memory; nothing changed.
  // REQUIRES: size() + count < 2^31.
  bool reserve(uint32_t count);
  // `vectors` is count x dim / 8 bytes, row-major; which bit of a byte comes first does not matter to the scores.
  bool append(const void *vectors, uint32_t count);
  // REQUIRES: first + count <= size().
  void read(uint32_t first, uint32_t count, void *out) const { vectors_.read(first, count, out); }
  // As elanus_flat_search; `queries` is query_count x dim / 8 bytes.
  void search(const uint8_t *queries, uint32_t query_count, uint32_t k, const uint8_t *alive, uint32_t *counts,
              uint32_t *rows, float *scores, const elanus_range *range = nullptr) const;

 private:
  class Group;

  const BinaryMetric metric_;
  const BinaryKernels *const kernels_;
  RowStore vectors_;
  RowStore set_bits_;  // one uint32_t a row; empty unless the metric is Jaccard
};

}  // namespace elanus
