// Quantizer: all that codes of one segment have in common: the metric, the rotation, the mean, the centres. Codes can
// be read only with the quantizer that they were written with.
#pragma once

#include "base/array.h"
#include "elanus.h"
#include "kernels/code_kernels.h"
#include "quant/centres.h"
#include "quant/rotation.h"
#include "quant/vectors.h"

namespace elanus {

class CentreTraining;

class Quantizer {
 public:
  // False if there is no memory. REQUIRES: dim 1..ELANUS_DIM_MAX, metric valid.
  bool init(uint32_t dim, elanus_metric metric, uint64_t seed, const CodeKernels *kernels);

  // Mean and centres (at most 64) from a seeded sample of the vectors. False if there is no memory; without training,
  // or for no vectors, the mean and the one centre are zero.
  bool train(const Vectors &vectors);
  // The same in steps: ready when `training` is done. Neither moves meanwhile.
  bool begin_training(const Vectors &vectors, CentreTraining *training);
  // Or as stored: `mean` padded_dim floats, `centres` centre_count codes of code7_bytes.
  // REQUIRES: centre_count 1..kCodeCentresMax. False if there is no memory.
  bool restore(const float *mean, const uint8_t *centres, uint32_t centre_count);

  uint32_t dim() const { return rotation_.dim(); }
  uint32_t padded_dim() const { return rotation_.padded_dim(); }
  elanus_metric metric() const { return metric_; }
  uint64_t seed() const { return seed_; }
  const CodeKernels &kernels() const { return *kernels_; }
  const Centres &centres() const { return centres_; }
  const float *mean() const { return mean_.data(); }

  // A vector or query (dim floats) in the frame: of length 1 if COSINE, rotated, less the mean; padded_dim floats,
  // 16-byte aligned. `scratch`: dim floats, used by COSINE alone. What is not finite becomes zero.
  void to_frame(const float *vector, float *scratch, float *out) const;

 private:
  void set_origin();

  elanus_metric metric_ = ELANUS_L2;
  uint64_t seed_ = 0;
  const CodeKernels *kernels_ = nullptr;
  Rotation rotation_;
  Array<float> mean_;
  Centres centres_;
};

}  // namespace elanus
