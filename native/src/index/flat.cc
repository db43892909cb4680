// Flat: the scan, with keys that ascend under every metric: a similarity's key is its negative.
#include "index/flat.h"

#include "index/scan.h"

namespace elanus {
namespace {

class Group {
 public:
  Group(const TypedRows &vectors, const float *queries, uint32_t count)
      : vectors_(vectors), queries_(queries), count_(count) {
    if (vectors.metric() != ELANUS_COSINE) return;
    for (uint32_t q = 0; q < count; q++) inverse_norms_[q] = inverse_norm(queries + size_t(q) * vectors.dim(), vectors.dim());
  }

  void keys(const uint32_t *rows, uint32_t row_count, float *keys) const {
    if (count_ == 1 && kReadsAhead) {
      vectors_.score(queries_, inverse_norms_[0], rows, row_count, keys);
    } else {
      vectors_.score({queries_, inverse_norms_, count_, rows, row_count, keys});
    }
    if (vectors_.metric() == ELANUS_L2) return;
    for (uint32_t q = 0; q < count_; q++) {
      float *similarities = keys + q * kBlockRowsMax;
      for (uint32_t r = 0; r < row_count; r++) similarities[r] = -similarities[r];
    }
  }

 private:
  const TypedRows &vectors_;
  const float *const queries_;
  const uint32_t count_;
  float inverse_norms_[kGroupQueriesMax] = {};
};

}  // namespace

void Flat::search(const float *queries, uint32_t query_count, uint32_t k, const uint8_t *alive, uint32_t *counts,
                  uint32_t *rows, float *scores, const elanus_range *range) const {
  const KeyRange keys = range == nullptr ? KeyRange{} : key_range(*range, vectors_.metric() == ELANUS_L2);
  const Wanted wanted = {query_count, k, alive, counts, rows, scores, range == nullptr ? nullptr : &keys};
  scan(wanted, size(), block_rows(vectors_.row_bytes()), [&](uint32_t begin, uint32_t count) {
    return Group(vectors_, queries + size_t(begin) * dim(), count);
  });
  if (vectors_.metric() == ELANUS_L2) return;
  for (uint32_t q = 0; q < query_count; q++) {
    float *found = scores + size_t(q) * k;
    for (uint32_t i = 0; i < counts[q]; i++) found[i] = 0.0f - found[i];
  }
}

}  // namespace elanus
