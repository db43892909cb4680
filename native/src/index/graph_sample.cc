// GraphSample: the sample lies in panels, and all rows pass it in blocks.
#include "index/graph_sample.h"

namespace elanus {

bool GraphSample::init(const GraphCodes &codes, const BuildKernels &kernels, const uint32_t *rows, uint32_t row_count,
                       Random *random) {
  codes_ = &codes;
  kernels_ = &kernels;
  rows_ = rows;
  row_count_ = row_count;
  words_ = packed_words(kernels, codes.dim());
  at_ = 0;
  if (!packed_.resize(size_t(kPanelRows) * words_) || !panel_.resize(size_t(kSampleMax) * words_)) return false;
  // One of every part of the rows, which keeps them ascending and different.
  size_ = row_count < kSampleMax ? row_count : kSampleMax;
  for (uint32_t i = 0; i < size_; i++) {
    const uint32_t begin = uint32_t(uint64_t(row_count) * i / size_);
    const uint32_t end = uint32_t(uint64_t(row_count) * (i + 1) / size_);
    sample_[i] = {rows[begin + random->below(end - begin)], 0, 0, {}};
  }
  for (uint32_t first = 0; first < kSampleMax; first += kPanelRows) {
    uint32_t count = 0;
    for (; count < kPanelRows && first + count < size_; count++) {
      const uint32_t id = sample_[first + count].id;
      kernels.pack_row(codes.row(id), words_, packed_.data() + size_t(count) * words_);
      norms_[first + count] = codes.sums(id).norm;
    }
    for (uint32_t i = first + count; i < first + kPanelRows; i++) norms_[i] = 0;
    kernels.pack_panel(packed_.data(), count, words_, panel_.data() + size_t(first) * words_);
  }
  return true;
}

bool GraphSample::step() {
  const uint32_t left = row_count_ - at_, count = left < kPanelRows ? left : kPanelRows;
  BuildCodeSums sums[kPanelRows];
  Rank ranks[kPanelRows * kPanelRows];
  for (uint32_t i = 0; i < count; i++) {
    kernels_->pack_row(codes_->row(rows_[at_ + i]), words_, packed_.data() + size_t(i) * words_);
    sums[i] = codes_->sums(rows_[at_ + i]);
  }
  for (uint32_t first = 0; first < size_; first += kPanelRows) {
    const uint32_t *panel = panel_.data() + size_t(first) * words_;
    kernels_->rank_all({packed_.data(), sums, count, words_, panel, norms_ + first, ranks, kPanelRows});
    const uint32_t columns = size_ - first < kPanelRows ? size_ - first : kPanelRows;
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t id = rows_[at_ + i];
      for (uint32_t c = 0; c < columns; c++) offer(&sample_[first + c], neighbour(id, ranks[i * kPanelRows + c]));
    }
  }
  at_ += count;
  return at_ == row_count_;
}

void GraphSample::offer(Sampled *sampled, Neighbour found) {
  if (sampled->count == kNearest && sampled->nearest[kNearest - 1] <= found) return;
  if (id_of(found) == sampled->id) return;
  uint32_t at = sampled->count < kNearest ? sampled->count++ : kNearest - 1;
  for (; at > 0 && found < sampled->nearest[at - 1]; at--) sampled->nearest[at] = sampled->nearest[at - 1];
  sampled->nearest[at] = found;
}

void GraphSample::meet(const uint32_t *leaf, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) {
    uint32_t low = 0, high = size_;
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      if (sample_[middle].id < leaf[i]) low = middle + 1;
      else high = middle;
    }
    if (low == size_ || sample_[low].id != leaf[i]) continue;
    Sampled &sampled = sample_[low];
    for (uint32_t n = 0; n < sampled.count; n++) {
      for (uint32_t j = 0; j < size; j++) {
        if (leaf[j] == id_of(sampled.nearest[n])) sampled.met |= 1u << n;
      }
    }
  }
}

float GraphSample::met() const {
  uint32_t met = 0, pairs = 0;
  for (uint32_t i = 0; i < size_; i++) {
    met += uint32_t(__builtin_popcount(sample_[i].met));
    pairs += sample_[i].count;
  }
  return pairs == 0 ? 1 : float(met) / float(pairs);
}

}  // namespace elanus
