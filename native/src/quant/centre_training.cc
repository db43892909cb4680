// CentreTraining: the sample is held in the frame, as k-means passes over it several times.
#include "quant/centre_training.h"

namespace elanus {

bool CentreTraining::begin(const Quantizer &quantizer, const Request &request) {
  size_t values;
  if (!multiply(request.sampled, quantizer.padded_dim(), &values)) return false;
  if (!sample_.resize(values) || !scratch_.resize(request.vectors.dim)) return false;
  sums_ = Array<double>();
  if (request.mean != nullptr && !sums_.resize(quantizer.padded_dim())) return false;
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
  const uint32_t dim = quantizer_->padded_dim();
  const float *vector = vectors.row(uint32_t(uint64_t(at_) * vectors.count / request_.sampled));
  float *row = sample_.data() + size_t(at_) * dim;
  quantizer_->to_frame(vector, scratch_.data(), row);
  at_++;
  if (request_.mean == nullptr) return;
  for (uint32_t i = 0; i < dim; i++) sums_[i] += double(row[i]);
}

void CentreTraining::take_mean() {
  const uint32_t dim = quantizer_->padded_dim();
  for (uint32_t i = 0; i < dim; i++) request_.mean[i] = float(sums_[i] / request_.sampled);
  for (uint32_t row = 0; row < request_.sampled; row++) {
    float *values = sample_.data() + size_t(row) * dim;
    for (uint32_t i = 0; i < dim; i++) values[i] -= request_.mean[i];
  }
}

}  // namespace elanus
