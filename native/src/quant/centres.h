// Centres: what codes are residuals to. A centre is exactly what its own 7-bit code says, so that building and
// searching mean the same point, and distances to it are integer products, the same on every machine.
#pragma once

#include <stdint.h>

#include "base/array.h"
#include "kernels/code_kernels.h"

namespace elanus {

class Centres {
 public:
  // Room for `count` centres, all zero. False if there is no memory.
  bool init(uint32_t count, uint32_t padded_dim);
  uint32_t count() const { return count_; }
  uint32_t padded_dim() const { return padded_dim_; }
  size_t bytes() const { return records_.bytes(); }

  // The centre closest to `point` (padded_dim floats) that a code can say takes the place of centre i.
  void set(uint32_t i, const float *point);
  // Writes centre i, padded_dim floats.
  void read(uint32_t i, float *point) const;
  // Its squared length.
  float norm2(uint32_t i) const;

  // count() codes of code7_bytes each, as stored. Factors.centre is 0, base the squared length.
  CodeRows rows() const { return {records_.data(), code7_bytes(padded_dim_)}; }
  // Takes `count` stored centres. False if there is no memory.
  bool restore(const uint8_t *records, uint32_t count, uint32_t padded_dim);

 private:
  uint32_t count_ = 0;
  uint32_t padded_dim_ = 0;
  Array<uint8_t> records_;
};

}  // namespace elanus
