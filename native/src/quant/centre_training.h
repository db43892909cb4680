// CentreTraining: centres by k-means on a sample of vectors, in steps, so that whoever trains may do other things in
// between. The result does not depend on the steps.
#pragma once

#include "base/array.h"
#include "quant/k_means.h"
#include "quant/vectors.h"

namespace elanus {

class CentreTraining {
 public:
  struct Request {
    Vectors vectors;      // at least one; `sampled` of them at equal gaps are taken
    uint32_t sampled;     // 1 .. vectors.count
    uint32_t iterations;
    float *mean;          // NULL, or where the mean of the sample goes (padded_dim floats), which is then taken off
    Centres *centres;     // what is trained, initialised with their number
  };

  // Vectors are brought to the frame of `quantizer`, which outlives this, as all of the request does. False if there is
  // no memory.
  bool begin(const Quantizer &quantizer, const Request &request);
  // Works on up to `rows` rows of the sample, once each an iteration. False if there is no memory.
  bool step(uint32_t rows);
  bool done() const { return stage_ == Stage::kDone; }
  // To the end. False if there is no memory.
  bool run();

 private:
  enum class Stage { kSample, kMean, kIterate, kDone };

  void sample();
  void take_mean();

  const Quantizer *quantizer_ = nullptr;
  Request request_ = {};
  Stage stage_ = Stage::kDone;
  uint32_t at_ = 0;
  Array<float> sample_, scratch_;
  Array<double> sums_;  // of the sample, if its mean is wanted
  KMeans k_means_;
};

}  // namespace elanus
