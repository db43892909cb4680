// BinaryFlat: the scan over counted bits. A count is at most 2^18, so every score is the f32 nearest to the true one.
#include "index/binary_flat.h"

#include <string.h>

#include "base/fetch.h"
#include "index/scan.h"

namespace elanus {
namespace {

// As in TypedRows.
constexpr uint32_t kAheadRows = 8;
constexpr uint32_t kAheadBytes = 512;

uint32_t set_bits(const BinaryKernels &kernels, const uint8_t *vector, uint32_t row_bytes) {
  uint32_t count[kBlockRowsMax];
  kernels.common({vector, 1, 1, row_bytes, &vector, count});
  return count[0];
}

// Of empty sets 1 / 1, without a branch, so that compilers divide for several rows at once.
float jaccard(uint32_t common, uint32_t either) {
  const uint32_t none = either == 0;
  return float(either - common + none) / float(either + none);
}

}  // namespace

class BinaryFlat::Group {
 public:
  Group(const BinaryFlat &flat, const uint8_t *queries, uint32_t count) : flat_(flat), queries_(queries), count_(count) {
    if (flat.metric_ != BinaryMetric::kJaccard) return;
    for (uint32_t q = 0; q < count; q++) {
      set_bits_[q] = set_bits(*flat.kernels_, queries + size_t(q) * flat.row_bytes(), flat.row_bytes());
    }
  }

  void keys(const uint32_t *rows, uint32_t row_count, float *keys) {
    const uint8_t *at[kBlockRowsMax];
    for (uint32_t r = 0; r < row_count; r++) at[r] = flat_.vectors_.row(rows[r]);
    if (flat_.metric_ == BinaryMetric::kHamming) {
      count(flat_.kernels_->differing, at, row_count);
      for (uint32_t q = 0; q < count_; q++) {
        for (uint32_t r = 0; r < row_count; r++) keys[q * kBlockRowsMax + r] = float(counts_[q * kBlockRowsMax + r]);
      }
      return;
    }
    count(flat_.kernels_->common, at, row_count);
    uint32_t row_bits[kBlockRowsMax];
    for (uint32_t r = 0; r < row_count; r++) memcpy(row_bits + r, flat_.set_bits_.row(rows[r]), sizeof(uint32_t));
    for (uint32_t q = 0; q < count_; q++) {
      const uint32_t *common = counts_ + q * kBlockRowsMax;
      for (uint32_t r = 0; r < row_count; r++) {
        keys[q * kBlockRowsMax + r] = jaccard(common[r], set_bits_[q] + row_bits[r] - common[r]);
      }
    }
  }

 private:
  // To counts_.
  template <class Kernel>
  void count(Kernel kernel, const uint8_t *const *rows, uint32_t row_count) {
    const uint32_t row_bytes = flat_.row_bytes();
    if (count_ > 1 || !kReadsAhead) return kernel({queries_, count_, row_count, row_bytes, rows, counts_});
    const size_t ahead_bytes = row_bytes < kAheadBytes ? row_bytes : kAheadBytes;
    for (uint32_t i = 0; i < row_count; i += kAheadRows) {
      const uint32_t here = row_count - i < kAheadRows ? row_count - i : kAheadRows;
      for (uint32_t next = i + kAheadRows; next < i + 2 * kAheadRows && next < row_count; next++) fetch(rows[next], ahead_bytes);
      kernel({queries_, 1, here, row_bytes, rows + i, counts_ + i});
    }
  }

  const BinaryFlat &flat_;
  const uint8_t *const queries_;
  const uint32_t count_;
  uint32_t set_bits_[kGroupQueriesMax];
  uint32_t counts_[kGroupQueriesMax * kBlockRowsMax];
};

BinaryFlat::BinaryFlat(uint32_t dim, BinaryMetric metric, const Kernels *kernels)
    : metric_(metric), kernels_(binary_kernels_of(kernels)), vectors_(dim / 8), set_bits_(sizeof(uint32_t)) {}

bool BinaryFlat::reserve(uint32_t count) {
  return vectors_.reserve(count) && (metric_ != BinaryMetric::kJaccard || set_bits_.reserve(count));
}

bool BinaryFlat::append(const void *vectors, uint32_t count) {
  if (!reserve(count)) return false;
  vectors_.append(vectors, count);
  if (metric_ != BinaryMetric::kJaccard) return true;
  for (uint32_t row = size() - count; row < size(); row++) {
    const uint32_t bits = set_bits(*kernels_, vectors_.row(row), row_bytes());
    set_bits_.append(&bits, 1);
  }
  return true;
}

void BinaryFlat::search(const uint8_t *queries, uint32_t query_count, uint32_t k, const uint8_t *alive,
                        uint32_t *counts, uint32_t *rows, float *scores, const elanus_range *range) const {
  const KeyRange keys = range == nullptr ? KeyRange{} : key_range(*range, true);
  const Wanted wanted = {query_count, k, alive, counts, rows, scores, range == nullptr ? nullptr : &keys};
  scan(wanted, size(), block_rows(row_bytes()), [&](uint32_t begin, uint32_t count) {
    return Group(*this, queries + size_t(begin) * row_bytes(), count);
  });
}

}  // namespace elanus
