// CentreScan: the sign codes of centres in 1-bit blocks, to learn which of many centres are near a query without
// computing all distances. Derived from the centres, not stored.
#pragma once

#include "base/array.h"
#include "quant/centres.h"
#include "quant/query.h"

namespace elanus {

// The nearest of `centres` to the prepared query, and the second nearest (the same if there is only one); equal
// distances by number.
struct Nearest {
  uint32_t first, second;
  float first_distance, second_distance;
};
Nearest nearest_of(const Query &query, const Centres &centres);

class CentreScan {
 public:
  // False if there is no memory.
  bool init(const Centres &centres, const FrameKernels &kernels);
  size_t bytes() const { return blocks_.bytes() + estimates_.bytes(); }
  // Estimates to be written, a multiple of 32: those beyond the centres mean nothing.
  uint32_t padded_count() const { return block_count_ * kScanRows; }
  // The squared distances of all centres to the query (prepared, for scanning too), as 1-bit codes estimate them.
  void estimate(const Query &query, float *out) const;
  bool scans() const { return count_ >= kScanMin; }
  // As nearest_of, for the same centres, but where they are many, true distances are computed only for those whose
  // estimates are so low that they may be the nearest. REQUIRES: the query is prepared for scanning if scans().
  Nearest nearest(const Query &query, const Centres &centres) { return nearest(query, centres, estimates_.data()); }
  // The same for several threads, each with room for padded_count() estimates of its own.
  Nearest nearest(const Query &query, const Centres &centres, float *estimates) const;

 private:
  // Below this many, true distances cost no more than estimates.
  static constexpr uint32_t kScanMin = 128;

  uint32_t count_ = 0;
  uint32_t padded_dim_ = 0;
  uint32_t block_count_ = 0;
  float norm2_max_ = 0;
  Array<uint8_t> blocks_;
  Array<float> estimates_;
};

}  // namespace elanus
