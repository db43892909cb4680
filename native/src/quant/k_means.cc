// KMeans: a row is quantised anew for every iteration, which costs a fraction of its distances and no memory. The rows of
// a centre are added up in their order, so that sums are the same whoever adds.
#include "quant/k_means.h"

namespace elanus {

bool KMeans::Room::init(const Quantizer &quantizer, const Centres &centres) {
  const size_t padded = (size_t(centres.count()) + kScanRows - 1) / kScanRows * kScanRows;
  return query.init(quantizer) && estimates.resize(padded) && sum.resize(quantizer.padded_dim());
}

// Distinct rows, if there are enough: one from each of as many equal stretches as there are centres.
bool KMeans::begin(const Quantizer &quantizer, const float *rows, uint32_t row_count, uint64_t seed, Centres *centres) {
  const uint32_t count = centres->count();
  if (!centre_of_.resize(row_count) || !grouped_.resize(row_count) || !ends_.resize(count)) return false;
  quantizer_ = &quantizer;
  rows_ = rows;
  row_count_ = row_count;
  size_ = quantizer.padded_dim();
  centres_ = centres;
  random_ = Random(seed);
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t begin = uint64_t(i) * row_count / count, end = uint64_t(i + 1) * row_count / count;
    const uint32_t row = end > begin ? uint32_t(begin) + random_.below(uint32_t(end - begin)) : uint32_t(begin);
    centres->set(i, rows + size_t(row) * size_);
  }
  return true;
}

bool KMeans::begin_iteration() { return scan_.init(*centres_, quantizer_->kernels().frame); }

void KMeans::assign(uint32_t row, Room *room) {
  room->query.prepare_frame(rows_ + size_t(row) * size_);
  if (scan_.scans()) room->query.prepare_scan();
  centre_of_[row] = scan_.nearest(room->query, *centres_, room->estimates.data()).first;
}

void KMeans::group() {
  for (uint32_t &end : ends_) end = 0;
  for (uint32_t centre : centre_of_) ends_[centre]++;
  uint32_t begin = 0;
  for (uint32_t &end : ends_) {
    const uint32_t count = end;
    end = begin;
    begin += count;
  }
  for (uint32_t row = 0; row < row_count_; row++) grouped_[ends_[centre_of_[row]]++] = row;
}

void KMeans::move(uint32_t centre, Room *room) {
  const uint32_t begin = centre == 0 ? 0 : ends_[centre - 1], end = ends_[centre];
  if (begin == end) return;
  float *sum = room->sum.data();
  for (uint32_t j = 0; j < size_; j++) sum[j] = 0;
  for (uint32_t i = begin; i < end; i++) {
    const float *row = rows_ + size_t(grouped_[i]) * size_;
    for (uint32_t j = 0; j < size_; j++) sum[j] += row[j];
  }
  for (uint32_t j = 0; j < size_; j++) sum[j] /= float(end - begin);
  centres_->set(centre, sum);
}

void KMeans::end_iteration() {
  for (uint32_t i = 0; i < centres_->count(); i++) {
    if (ends_[i] != (i == 0 ? 0 : ends_[i - 1])) continue;
    centres_->set(i, rows_ + size_t(random_.below(row_count_)) * size_);
  }
}

}  // namespace elanus
