// Flat: the scan. Rows that take part are gathered, in order, into blocks that stay in the second-level cache while
// every query of a group is compared with them, so that a group reads the vectors from memory once.
#include "index/flat.h"

#include <string.h>

#include "index/top_k.h"

namespace elanus {
namespace {

constexpr uint32_t kGroupQueriesMax = 64;
constexpr uint32_t kBlockRowsMin = 8;
constexpr size_t kBlockBytes = 256 * 1024;

uint32_t block_rows(uint32_t dim) {
  const size_t fit = kBlockBytes / (dim * sizeof(float));
  if (fit >= kBlockRowsMax) return kBlockRowsMax;
  return fit <= kBlockRowsMin ? kBlockRowsMin : uint32_t(fit);
}

// The 64 rows from `first` on that take part; never a row at or beyond `size`.
uint64_t alive_word(const uint8_t *alive, uint32_t first, uint32_t size) {
  uint64_t word = ~uint64_t(0);
  if (alive != nullptr) memcpy(&word, alive + first / 8, sizeof(word));
  return size - first >= 64 ? word : word & ((uint64_t(1) << (size - first)) - 1);
}

}  // namespace

// One group of queries on its way through the rows. All its state is in fixed arrays and the caller's outputs.
class Flat::Scan {
 public:
  Scan(const Flat &flat, const float *queries, uint32_t query_count, uint32_t k, uint32_t *rows, float *scores)
      : flat_(flat), block_rows_(block_rows(flat.dim())) {
    block_ = {queries, query_count, 0, flat.dim(), at_, scores_};
    for (uint32_t q = 0; q < query_count; q++) {
      best_[q].begin(rows + size_t(q) * k, scores + size_t(q) * k, k);
      if (flat.metric_ == ELANUS_COSINE) inverse_norms_[q] = inverse_norm(queries + size_t(q) * flat.dim(), flat.dim());
    }
  }

  void add(uint32_t row) {
    at_[block_.row_count] = flat_.vectors_.row(row);
    row_[block_.row_count++] = row;
    if (block_.row_count == block_rows_) flush();
  }

  void flush() {
    if (block_.row_count == 0) return;
    if (flat_.metric_ == ELANUS_L2) {
      flat_.kernels_->l2(block_);
    } else {
      flat_.kernels_->dot(block_);
      for (uint32_t q = 0; q < block_.query_count; q++) similarities_to_keys(q);
    }
    for (uint32_t q = 0; q < block_.query_count; q++) {
      const float *keys = scores_ + q * kBlockRowsMax;
      for (uint32_t r = 0; r < block_.row_count; r++) best_[q].offer(row_[r], keys[r]);
    }
    block_.row_count = 0;
  }

  uint32_t finish(uint32_t query) { return best_[query].finish(); }

 private:
  void similarities_to_keys(uint32_t query) {
    float *scores = scores_ + query * kBlockRowsMax;
    if (flat_.metric_ == ELANUS_COSINE) {
      for (uint32_t r = 0; r < block_.row_count; r++) {
        scores[r] *= *flat_.inverse_norms_.row(row_[r]) * inverse_norms_[query];
      }
    }
    for (uint32_t r = 0; r < block_.row_count; r++) scores[r] = -scores[r];
  }

  const Flat &flat_;
  const uint32_t block_rows_;
  Block block_;
  const float *at_[kBlockRowsMax];
  uint32_t row_[kBlockRowsMax];
  float inverse_norms_[kGroupQueriesMax];
  float scores_[kGroupQueriesMax * kBlockRowsMax];
  TopK best_[kGroupQueriesMax];
};

Flat::Flat(uint32_t dim, elanus_metric metric, const Kernels *kernels)
    : metric_(metric), kernels_(kernels), vectors_(dim), inverse_norms_(1) {}

bool Flat::reserve(uint32_t count) {
  return vectors_.reserve(count) && (metric_ != ELANUS_COSINE || inverse_norms_.reserve(count));
}

bool Flat::append(const float *vectors, uint32_t count) {
  if (!reserve(count)) return false;
  vectors_.append(vectors, count);
  if (metric_ == ELANUS_COSINE) {
    for (uint32_t i = 0; i < count; i++) {
      const float inverse = inverse_norm(vectors + size_t(i) * dim(), dim());
      inverse_norms_.append(&inverse, 1);
    }
  }
  return true;
}

void Flat::read(uint32_t first, uint32_t count, float *out) const {
  for (uint32_t i = 0; i < count; i++) {
    memcpy(out + size_t(i) * dim(), vectors_.row(first + i), dim() * sizeof(float));
  }
}

void Flat::search(const float *queries, uint32_t query_count, uint32_t k, const uint8_t *alive, uint32_t *counts,
                  uint32_t *rows, float *scores) const {
  for (uint32_t begin = 0; begin < query_count; begin += kGroupQueriesMax) {
    const uint32_t left = query_count - begin;
    const uint32_t group = left < kGroupQueriesMax ? left : kGroupQueriesMax;
    Scan scan(*this, queries + size_t(begin) * dim(), group, k, rows + size_t(begin) * k, scores + size_t(begin) * k);
    for (uint32_t first = 0; first < size(); first += 64) {
      for (uint64_t word = alive_word(alive, first, size()); word != 0; word &= word - 1) {
        scan.add(first + uint32_t(__builtin_ctzll(word)));
      }
    }
    scan.flush();
    for (uint32_t q = 0; q < group; q++) {
      const uint32_t found = scan.finish(q);
      counts[begin + q] = found;
      if (metric_ == ELANUS_L2) continue;
      float *keys = scores + size_t(begin + q) * k;
      for (uint32_t i = 0; i < found; i++) keys[i] = 0.0f - keys[i];
    }
  }
}

}  // namespace elanus
