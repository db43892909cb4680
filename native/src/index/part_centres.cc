// PartCentres: 16 sampled rows to a centre.
#include "index/part_centres.h"

namespace elanus {
namespace {

constexpr uint32_t kSamplePerCentre = 16;

int32_t rounded(int32_t sum, int32_t count) { return (sum >= 0 ? sum + count / 2 : sum - count / 2) / count; }

}  // namespace

void nearest_two(const Rank *ranks, uint32_t count, uint32_t *first, uint32_t *second) {
  Rank low = kRankNone, next = kRankNone;
  *first = 0;
  *second = count;
  for (uint32_t i = 0; i < count; i++) {
    if (ranks[i] < low) {
      next = low;
      *second = i == 0 ? count : *first;
      low = ranks[i];
      *first = i;
    } else if (ranks[i] < next) {
      next = ranks[i];
      *second = i;
    }
  }
}

bool PartCentres::init(const GraphCodes &codes, const BuildKernels &kernels) {
  codes_ = &codes;
  kernels_ = &kernels;
  words_ = packed_words(kernels, codes.dim());
  const size_t values = kCountMax * codes.stride(), words = size_t(kPanelRows) * words_;
  return centres_.resize(values) && means_.resize(values) && packed_.resize(words) && panel_.resize(words);
}

void PartCentres::choose(uint32_t *ids, size_t size, uint32_t count, Random *random, RankBlock *block) {
  count_ = count;
  const size_t wanted = size_t(count) * kSamplePerCentre;
  const uint32_t sample = uint32_t(size < wanted ? size : wanted);
  for (uint32_t i = 0; i < sample; i++) {
    const size_t other = i + random->below(uint32_t(size - i));
    const uint32_t id = ids[i];
    ids[i] = ids[other];
    ids[other] = id;
  }
  const size_t stride = codes_->stride();
  for (uint32_t c = 0; c < count; c++) {
    memcpy(centres_.data() + c * stride, codes_->row(ids[c]), stride);
    norms_[c] = codes_->sums(ids[c]).norm;
  }
  for (uint32_t c = count; c < kCountMax; c++) norms_[c] = 0;
  pack();
  move(ids, sample, block);
  pack();
}

// One round of k-means. A centre without rows stays.
void PartCentres::move(const uint32_t *ids, uint32_t sample, RankBlock *block) {
  const size_t stride = codes_->stride();
  memset(means_.data(), 0, means_.bytes());
  memset(mean_counts_, 0, sizeof(mean_counts_));
  for (uint32_t first = 0; first < sample; first += kPanelRows) {
    const uint32_t count = sample - first < kPanelRows ? sample - first : kPanelRows;
    const Rank *ranks = rank(ids + first, count, block);
    for (uint32_t i = 0; i < count; i++) {
      uint32_t centre, second;
      nearest_two(ranks + i * kPanelRows, count_, &centre, &second);
      const int8_t *row = codes_->row(ids[first + i]);
      int32_t *mean = means_.data() + centre * stride;
      for (size_t j = 0; j < stride; j++) mean[j] += row[j];
      mean_counts_[centre]++;
    }
  }
  for (uint32_t c = 0; c < count_; c++) {
    if (mean_counts_[c] == 0) continue;
    int8_t *centre = centres_.data() + c * stride;
    const int32_t *mean = means_.data() + c * stride;
    norms_[c] = 0;
    for (size_t j = 0; j < stride; j++) {
      const int32_t value = rounded(mean[j], int32_t(mean_counts_[c]));
      centre[j] = int8_t(value);
      norms_[c] += value * value;
    }
  }
}

void PartCentres::pack() {
  for (uint32_t c = 0; c < count_; c++) {
    kernels_->pack_row(centres_.data() + c * codes_->stride(), words_, packed_.data() + size_t(c) * words_);
  }
  kernels_->pack_panel(packed_.data(), count_, words_, panel_.data());
}

}  // namespace elanus
