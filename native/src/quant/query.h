// Query: one query prepared for estimates from codes, reusable: init allocates all that the next queries need, and
// preparing and estimating allocate nothing. One thread at a time uses a Query; many may share the quantizer.
#pragma once

#include "base/array.h"
#include "kernels/code_kernels.h"
#include "quant/quantizer.h"

namespace elanus {

class Query {
 public:
  // False if there is no memory. `quantizer` is trained and outlives the query.
  bool init(const Quantizer &quantizer);

  // Rotates and quantises `vector` (dim floats) and computes the distances to the quantizer's centres.
  void prepare(const float *vector);
  // After prepare, and before scan() is used: the table for 1-bit blocks.
  void prepare_scan();

  // Estimates (quant/code.h) of rows ids[0 .. count), or 0 .. count if `ids` is NULL. REQUIRES: every id is a record.
  // Every estimate is a number: FLT_MAX where it would not be.
  void estimate4(const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) const {
    kernels_->estimate4(codes_, rows, ids, count, estimates);
  }
  void estimate7(const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) const {
    kernels_->estimate7(codes_, rows, ids, count, estimates);
  }
  // Squared distances to all centres of another set in the same frame.
  void distances(const Centres &centres, float *out) const;
  // Squared distances to the quantizer's own centres.
  const float *centres() const { return codes_.centres; }

  // What `estimate` of a 4-bit code is off by at most, with a certainty that grows with `deviations` (3 loses
  // nothing that was measured; RaBitQ's epsilon_0 is 1.9).
  float error4(const uint8_t *record, float deviations) const;

  const ScanQuery &scan() const { return scan_; }
  const CodeKernels &kernels() const { return *kernels_; }
};

}  // namespace elanus
