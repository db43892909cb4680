// Quantizer: trained on a sample, whose rows are taken at equal gaps.
#include "quant/quantizer.h"

#include "base/random.h"
#include "kernels/kernels.h"
#include "quant/k_means.h"

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

float Quantizer::to_frame(const float *vector, float *scratch, float *out) const {
  float inverse = 1;
  if (metric_ == ELANUS_COSINE) {
    inverse = inverse_norm(vector, dim());
    for (uint32_t i = 0; i < dim(); i++) scratch[i] = vector[i] * inverse;
    vector = scratch;
  }
  rotation_.apply(vector, out);
  const float *mean = mean_.data();
  for (uint32_t i = 0; i < padded_dim(); i++) {
    const float x = out[i] - mean[i];
    out[i] = x - x == 0 ? x : 0;
  }
  return inverse;
}

bool Quantizer::train(const Vectors &vectors) {
  set_origin();
  if (vectors.count == 0) return true;
  const uint32_t size = padded_dim();
  const uint32_t sampled = vectors.count < kSampleMax ? vectors.count : kSampleMax;
  Array<float> sample, scratch;
  Array<double> sums;
  size_t values;
  if (!multiply(sampled, size, &values) || !sample.resize(values)) return false;
  if (!scratch.resize(dim()) || !sums.resize(size)) return false;
  for (uint32_t i = 0; i < sampled; i++) {
    float *row = sample.data() + size_t(i) * size;
    to_frame(vectors.row(uint32_t(uint64_t(i) * vectors.count / sampled)), scratch.data(), row);
    for (uint32_t j = 0; j < size; j++) sums[j] += double(row[j]);
  }
  for (uint32_t j = 0; j < size; j++) mean_[j] = float(sums[j] / sampled);
  for (uint32_t i = 0; i < sampled; i++) {
    float *row = sample.data() + size_t(i) * size;
    for (uint32_t j = 0; j < size; j++) row[j] -= mean_[j];
  }
  const uint32_t wanted = vectors.count / kVectorsPerCentre;
  const uint32_t count = wanted < 1 ? 1 : wanted < kCentres ? wanted : kCentres;
  KMeans k_means;
  if (!centres_.init(count, size) || !k_means.init(*this, sample.data(), sampled)) return false;
  return k_means.run(kIterations, seed_, &centres_);
}

}  // namespace elanus
