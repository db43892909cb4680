// GraphCodes: what a graph is built on: every row as 7-bit values on one grid for all rows and dimensions, so that all
// distances are integers. Needed while building only.
#pragma once

#include "base/array.h"
#include "kernels/build_kernels.h"

namespace elanus {

// The step of the grid: values up to the 99.99 % quantile of a sample keep their size, the rest are cut to it.
class GraphScale {
 public:
  // False if there is no memory.
  bool init() { return counts_.resize(kBuckets); }
  // `row` is of a sample of the rows; 1000 are enough. Any dimensions, in the frame of the codes: rotated, centred.
  void add(const float *row, uint32_t dim);
  // What GraphCodes::set multiplies by. 0 where nothing but zeros was added.
  float scale() const;

 private:
  // The upper 15 bits of an absolute value: exponent and 7 bits of mantissa.
  static constexpr uint32_t kBuckets = 1u << 15;
  Array<uint64_t> counts_;
  uint64_t total_ = 0;
};

class GraphCodes {
 public:
  // Room for `count` rows, all zero. False if there is no memory. REQUIRES: dim >= 1, count < 2^31.
  bool init(uint32_t count, uint32_t dim);

  uint32_t count() const { return count_; }
  uint32_t dim() const { return dim_; }
  size_t stride() const { return stride_; }
  size_t bytes() const { return codes_.bytes() + sums_.bytes(); }
  const int8_t *row(uint32_t i) const { return codes_.data() + i * stride_; }
  const BuildCodeSums &sums(uint32_t i) const { return sums_[i]; }

  // Encodes row i: dim() values, each times `scale`, rounded to even and cut to the grid; what is no number counts
  // as 0. The caller gives every row once, in any order.
  void set(uint32_t i, const float *row, float scale);

 private:
  uint32_t count_ = 0;
  uint32_t dim_ = 0;
  size_t stride_ = 0;
  Array<int8_t> codes_;
  Array<BuildCodeSums> sums_;
};

}  // namespace elanus
