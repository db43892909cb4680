// KMeans: a row is quantised anew for every iteration, which costs a fraction of its distances and no memory.
#include "quant/k_means.h"

namespace elanus {

bool KMeans::init(const Quantizer &quantizer, const float *rows, uint32_t row_count) {
  quantizer_ = &quantizer;
  rows_ = rows;
  row_count_ = row_count;
  size_ = quantizer.padded_dim();
  return query_.init(quantizer);
}

bool KMeans::run(uint32_t iterations, uint64_t seed, Centres *centres) {
  size_t values;
  if (!multiply(centres->count(), size_, &values) || !sums_.resize(values)) return false;
  if (!counts_.resize(centres->count())) return false;
  start(seed, centres);
  for (uint32_t i = 0; i < iterations; i++) {
    if (!iterate(centres)) return false;
  }
  return true;
}

// Distinct rows, if there are enough: one from each of as many equal stretches as there are centres.
void KMeans::start(uint64_t seed, Centres *centres) {
  random_ = Random(seed);
  const uint32_t count = centres->count();
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t begin = uint64_t(i) * row_count_ / count, end = uint64_t(i + 1) * row_count_ / count;
    const uint32_t row = end > begin ? uint32_t(begin) + random_.below(uint32_t(end - begin)) : uint32_t(begin);
    centres->set(i, rows_ + size_t(row) * size_);
  }
}

bool KMeans::iterate(Centres *centres) {
  if (!scan_.init(*centres, quantizer_->kernels().frame)) return false;
  for (float &sum : sums_) sum = 0;
  for (uint32_t &count : counts_) count = 0;
  for (uint32_t i = 0; i < row_count_; i++) {
    const float *row = rows_ + size_t(i) * size_;
    query_.prepare_frame(row);
    if (scan_.scans()) query_.prepare_scan();
    const uint32_t centre = scan_.nearest(query_, *centres).first;
    counts_[centre]++;
    float *sum = sums_.data() + size_t(centre) * size_;
    for (uint32_t j = 0; j < size_; j++) sum[j] += row[j];
  }
  for (uint32_t i = 0; i < centres->count(); i++) {
    float *sum = sums_.data() + size_t(i) * size_;
    if (counts_[i] == 0) {
      centres->set(i, rows_ + size_t(random_.below(row_count_)) * size_);
      continue;
    }
    for (uint32_t j = 0; j < size_; j++) sum[j] /= float(counts_[i]);
    centres->set(i, sum);
  }
  return true;
}

}  // namespace elanus
