// CentreScan: the sign codes of centres in 1-bit blocks, to learn which of many centres are near a query without
// computing all distances. Derived from the centres, not stored.
#pragma once

#include "base/array.h"
#include "quant/centres.h"
#include "quant/query.h"

namespace elanus {

class CentreScan {
 public:
  // False if there is no memory.
  bool init(const Centres &centres, const FrameKernels &kernels);
  size_t bytes() const { return blocks_.bytes(); }
  // Estimates to be written, a multiple of 32: those beyond the centres mean nothing.
  uint32_t padded_count() const { return block_count_ * kScanRows; }
  // The squared distances of all centres to the query (prepared, for scanning too), as 1-bit codes estimate them.
  void estimate(const Query &query, float *out) const;

 private:
  uint32_t padded_dim_ = 0;
  uint32_t block_count_ = 0;
  Array<uint8_t> blocks_;
};

}  // namespace elanus
