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

bool KMeans::begin(uint32_t iterations, uint64_t seed, Centres *centres) {
  size_t values;
  if (!multiply(centres->count(), size_, &values) || !sums_.resize(values)) return false;
  if (!counts_.resize(centres->count())) return false;
  centres_ = centres;
  iterations_ = iterations;
  start(seed);
  return iterations == 0 || begin_iteration();
}

bool KMeans::step(uint32_t rows) {
  if (done()) return true;
  for (; rows > 0 && at_ < row_count_; rows--) add(at_++);
  if (at_ < row_count_) return true;
  end_iteration();
  iterations_--;
  return done() || begin_iteration();
}

// Distinct rows, if there are enough: one from each of as many equal stretches as there are centres.
void KMeans::start(uint64_t seed) {
  random_ = Random(seed);
  const uint32_t count = centres_->count();
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t begin = uint64_t(i) * row_count_ / count, end = uint64_t(i + 1) * row_count_ / count;
    const uint32_t row = end > begin ? uint32_t(begin) + random_.below(uint32_t(end - begin)) : uint32_t(begin);
    centres_->set(i, rows_ + size_t(row) * size_);
  }
}

bool KMeans::begin_iteration() {
  at_ = 0;
  for (float &sum : sums_) sum = 0;
  for (uint32_t &count : counts_) count = 0;
  return scan_.init(*centres_, quantizer_->kernels().frame);
}

void KMeans::add(uint32_t i) {
  const float *row = rows_ + size_t(i) * size_;
  query_.prepare_frame(row);
  if (scan_.scans()) query_.prepare_scan();
  const uint32_t centre = scan_.nearest(query_, *centres_).first;
  counts_[centre]++;
  float *sum = sums_.data() + size_t(centre) * size_;
  for (uint32_t j = 0; j < size_; j++) sum[j] += row[j];
}

void KMeans::end_iteration() {
  for (uint32_t i = 0; i < centres_->count(); i++) {
    float *sum = sums_.data() + size_t(i) * size_;
    if (counts_[i] == 0) {
      centres_->set(i, rows_ + size_t(random_.below(row_count_)) * size_);
      continue;
    }
    for (uint32_t j = 0; j < size_; j++) sum[j] /= float(counts_[i]);
    centres_->set(i, sum);
  }
}

}  // namespace elanus
