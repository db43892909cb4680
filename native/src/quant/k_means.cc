// KMeans: a row is quantised anew for every iteration, which costs a fraction of its distances and no memory.
#include "quant/k_means.h"

#include <float.h>

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
  for (uint32_t i = 0; i < iterations; i++) iterate(centres);
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

void KMeans::iterate(Centres *centres) {
  for (float &sum : sums_) sum = 0;
  for (uint32_t &count : counts_) count = 0;
  for (uint32_t i = 0; i < row_count_; i++) {
    const float *row = rows_ + size_t(i) * size_;
    query_.prepare_frame(row);
    const uint32_t centre = nearest_of(query_, *centres).first;
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
}

Nearest nearest_of(const Query &query, const Centres &centres) {
  constexpr uint32_t kBatch = 64;
  float distances[kBatch];
  Nearest best = {0, 0, FLT_MAX, FLT_MAX};
  for (uint32_t begin = 0; begin < centres.count(); begin += kBatch) {
    const uint32_t left = centres.count() - begin;
    const uint32_t count = left < kBatch ? left : kBatch;
    query.distances(centres, begin, count, distances);
    for (uint32_t i = 0; i < count; i++) {
      if (!(distances[i] < best.second_distance)) continue;
      if (distances[i] < best.first_distance) {
        best.second = best.first;
        best.second_distance = best.first_distance;
        best.first = begin + i;
        best.first_distance = distances[i];
      } else {
        best.second = begin + i;
        best.second_distance = distances[i];
      }
    }
  }
  return best;
}

}  // namespace elanus
