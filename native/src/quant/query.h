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
  // The same for a vector that is in the frame already (padded_dim floats), without those distances.
  void prepare_frame(const float *frame);
  // After either, and before scan() is used: the table for 1-bit blocks.
  void prepare_scan();

  // Estimates (quant/code.h) of rows ids[0 .. count), or 0 .. count if `ids` is NULL. REQUIRES: every id is a record.
  // Every estimate is a number, or minus infinity: FLT_MAX where it would be neither.
  void estimate4(const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) const {
    kernels_->estimate4(codes_, rows, ids, count, estimates);
  }
  void estimate7(const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) const {
    kernels_->estimate7(codes_, rows, ids, count, estimates);
  }
  // As CodeKernels::scan.
  uint32_t scan(const uint8_t *block, float centre_distance, float threshold, float *estimates) const {
    return kernels_->scan(scan_, block, centre_distance, threshold, estimates);
  }

  // Squared distances to the quantizer's own centres, kCodeCentresMax of which the last may be unused.
  const float *centres() const { return centre_distances_; }
  // Squared distances to centres first .. first + count, or ids[0 .. count), of another set in the same frame.
  void distances(const Centres &centres, uint32_t first, uint32_t count, float *out) const;
  void distances_of(const Centres &centres, const uint32_t *ids, uint32_t count, float *out) const;

  // What the estimate from a 4-bit record is off by at most, with a certainty that grows with `deviations` (3 loses
  // nothing that was measured; RaBitQ's epsilon_0 is 1.9).
  float error4(const uint8_t *record, float deviations) const;
  // The same for 1-bit estimates of residuals to a centre at this squared distance and of this squared length: what
  // they are off by is at most fixed + slope * scale * error of the row's factors. REQUIRES: the error is kScanErrorMin
  // or more; it then covers the rounding of the query as well.
  struct ScanError {
    float fixed, slope;
  };
  static constexpr uint8_t kScanErrorMin = 33;
  ScanError scan_error(float centre_distance, float centre_norm2, float deviations) const;

  // The query in the frame, padded_dim floats, and its squared length there.
  const float *frame() const { return frame_; }
  float norm2() const { return norm2_; }
  // COSINE: inverse_norm of the vector last given to prepare(), so that exact scores need not learn it again.
  float inverse_norm() const { return inverse_norm_; }

 private:
  const Quantizer *quantizer_ = nullptr;
  const CodeKernels *kernels_ = nullptr;
  Array<uint8_t> memory_;
  float *vector_ = nullptr;
  float *frame_ = nullptr;
  float *centre_distances_ = nullptr;
  int8_t *values_ = nullptr;
  int8_t *low_ = nullptr;
  int8_t *high_ = nullptr;
  uint8_t *table_ = nullptr;
  int8_t *magnitudes_ = nullptr;  // signed, as the table takes them
  float norm2_ = 0;
  float inverse_norm_ = 1;
  float largest_ = 0;
  CodeQuery codes_ = {};
  ScanQuery scan_ = {};
};

}  // namespace elanus
