// CentreTraining: the sample is held in the frame, as k-means passes over it several times.
#include "quant/centre_training.h"

namespace elanus {

bool CentreTraining::begin(const Quantizer &quantizer, const Request &request) {
  size_t values;
  if (!multiply(request.sampled, quantizer.padded_dim(), &values)) return false;
  if (!sample_.resize(values) || !scratch_.resize(request.vectors.dim)) return false;
  quantizer_ = &quantizer;
  request_ = request;
  stage_ = Stage::kSample;
  at_ = 0;
  return true;
}

bool CentreTraining::step(uint32_t rows) {
  switch (stage_) {
    case Stage::kSample:
      for (; rows > 0 && at_ < request_.sampled; rows--) sample();
      if (at_ == request_.sampled) stage_ = Stage::kMean;
      return true;
    case Stage::kMean:
      if (request_.mean != nullptr) take_mean();
      stage_ = Stage::kIterate;
      return k_means_.init(*quantizer_, sample_.data(), request_.sampled) &&
             k_means_.begin(request_.iterations, quantizer_->seed(), request_.centres);
    case Stage::kIterate:
      if (!k_means_.step(rows)) return false;
      if (!k_means_.done()) return true;
      stage_ = Stage::kDone;
      sample_ = Array<float>();
      k_means_ = KMeans();
      return true;
    case Stage::kDone:
      return true;
  }
  return true;
}

bool CentreTraining::run() {
  while (!done()) {
    if (!step(UINT32_MAX)) return false;
  }
  return true;
}

void CentreTraining::sample() {
  const Vectors &vectors = request_.vectors;
  const float *vector = vectors.row(uint32_t(uint64_t(at_) * vectors.count / request_.sampled));
  quantizer_->to_frame(vector, scratch_.data(), sample_.data() + size_t(at_) * quantizer_->padded_dim());
  at_++;
}

// A dimension at a time would read the sample once for each: a few at a time are one cache line of every row.
void CentreTraining::take_mean() {
  constexpr uint32_t kTogether = 16;
  const uint32_t dim = quantizer_->padded_dim(), rows = request_.sampled;
  for (uint32_t first = 0; first < dim; first += kTogether) {
    double sums[kTogether] = {};
    float *values = sample_.data() + first;
    for (size_t i = 0; i < rows; i++) {
      for (uint32_t j = 0; j < kTogether; j++) sums[j] += double(values[i * dim + j]);
    }
    for (uint32_t j = 0; j < kTogether; j++) request_.mean[first + j] = float(sums[j] / rows);
    for (size_t i = 0; i < rows; i++) {
      for (uint32_t j = 0; j < kTogether; j++) values[i * dim + j] -= request_.mean[first + j];
    }
  }
}

}  // namespace elanus
