// Quantizer: trained on a sample, whose rows are taken at equal gaps.
#include "quant/quantizer.h"

#include "kernels/kernels.h"
#include "quant/centre_training.h"

namespace elanus {
namespace {

constexpr uint32_t kCentres = 64;
// Below this many vectors to a centre its bytes weigh more than what it spares.
constexpr uint32_t kVectorsPerCentre = 32;
constexpr uint32_t kSampleMax = 64 * 128;
constexpr uint32_t kIterations = 6;

}  // namespace

bool Quantizer::init(uint32_t dim, elanus_metric metric, uint64_t seed, const CodeKernels *kernels) {
  metric_ = metric;
  seed_ = seed;
  kernels_ = kernels;
  if (!rotation_.init(dim, seed, &kernels->frame)) return false;
  if (!mean_.resize(padded_dim()) || !centres_.init(1, padded_dim())) return false;
  set_origin();
  return true;
}

void Quantizer::set_origin() {
  for (float &value : mean_) value = 0;
  for (uint32_t i = 0; i < centres_.count(); i++) centres_.set(i, mean_.data());
}

bool Quantizer::restore(const float *mean, const uint8_t *centres, uint32_t centre_count) {
  if (!centres_.restore(centres, centre_count, padded_dim())) return false;
  for (uint32_t i = 0; i < padded_dim(); i++) mean_[i] = mean[i] - mean[i] == 0 ? mean[i] : 0;
  return true;
}

void Quantizer::to_frame(const float *vector, float *scratch, float *out) const {
  if (metric_ == ELANUS_COSINE) {
    const float inverse = inverse_norm(vector, dim());
    for (uint32_t i = 0; i < dim(); i++) scratch[i] = vector[i] * inverse;
    vector = scratch;
  }
  rotation_.apply(vector, out);
  const float *mean = mean_.data();
  for (uint32_t i = 0; i < padded_dim(); i++) {
    const float x = out[i] - mean[i];
    out[i] = x - x == 0 ? x : 0;
  }
}

bool Quantizer::begin_training(const Vectors &vectors, CentreTraining *training) {
  set_origin();
  if (vectors.count == 0) return true;
  const uint32_t wanted = vectors.count / kVectorsPerCentre;
  const uint32_t count = wanted < 1 ? 1 : wanted < kCentres ? wanted : kCentres;
  const uint32_t sampled = vectors.count < kSampleMax ? vectors.count : kSampleMax;
  return centres_.init(count, padded_dim()) && training->begin(*this, {vectors, sampled, kIterations, mean_.data(), &centres_});
}

bool Quantizer::train(const Vectors &vectors) {
  CentreTraining training;
  return begin_training(vectors, &training) && training.run();
}

}  // namespace elanus
