// GraphSample: the sample lies in panels, and all rows pass it in blocks; the nearest are a set, whatever the order.
#include "index/graph_sample.h"

#include "base/shared.h"

namespace elanus {

bool GraphSample::init(const GraphCodes &codes, const BuildKernels &kernels, const uint32_t *rows, uint32_t row_count,
                       Random *random) {
  rows_ = rows;
  row_count_ = row_count;
  words_ = packed_words(kernels, codes.dim());
  Array<uint32_t> packed;
  if (!packed.resize(size_t(kPanelRows) * words_) || !panel_.resize(size_t(kSampleMax) * words_)) return false;
  // One of every part of the rows, which keeps them ascending and different.
  size_ = row_count < kSampleMax ? row_count : kSampleMax;
  for (uint32_t i = 0; i < size_; i++) {
    const uint32_t begin = uint32_t(uint64_t(row_count) * i / size_);
    const uint32_t end = uint32_t(uint64_t(row_count) * (i + 1) / size_);
    sample_[i] = {rows[begin + random->below(end - begin)], 0};
  }
  for (uint32_t first = 0; first < kSampleMax; first += kPanelRows) {
    uint32_t count = 0;
    for (; count < kPanelRows && first + count < size_; count++) {
      const uint32_t id = sample_[first + count].id;
      kernels.pack_row(codes.row(id), words_, packed.data() + size_t(count) * words_);
      norms_[first + count] = codes.sums(id).norm;
    }
    for (uint32_t i = first + count; i < first + kPanelRows; i++) norms_[i] = 0;
    kernels.pack_panel(packed.data(), count, words_, panel_.data() + size_t(first) * words_);
  }
  return true;
}

void GraphSample::compare(uint32_t task, RankBlock *block, Found *found) const {
  const uint32_t *ids = rows_ + size_t(task) * kPanelRows;
  const uint32_t left = row_count_ - task * kPanelRows, count = left < kPanelRows ? left : kPanelRows;
  for (uint32_t first = 0; first < size_; first += kPanelRows) {
    const Rank *ranks = block->rank(ids, count, panel_.data() + size_t(first) * words_, norms_ + first);
    const uint32_t columns = size_ - first < kPanelRows ? size_ - first : kPanelRows;
    for (uint32_t i = 0; i < count; i++) {
      for (uint32_t c = 0; c < columns; c++) {
        if (ids[i] != sample_[first + c].id) found->of_[first + c].offer(neighbour(ids[i], ranks[i * kPanelRows + c]));
      }
    }
  }
}

void GraphSample::Found::clear() {
  for (Nearest &nearest : of_) nearest.count = 0;
}

void GraphSample::Found::add(const Found &other) {
  for (uint32_t i = 0; i < kSampleMax; i++) {
    for (uint32_t n = 0; n < other.of_[i].count; n++) of_[i].offer(other.of_[i].rows[n]);
  }
}

void GraphSample::Found::Nearest::offer(Neighbour found) {
  if (count == kNearest && rows[kNearest - 1] <= found) return;
  uint32_t at = count < kNearest ? count++ : kNearest - 1;
  for (; at > 0 && found < rows[at - 1]; at--) rows[at] = rows[at - 1];
  rows[at] = found;
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
    const Found::Nearest &nearest = found_.of_[low];
    uint32_t met = 0;
    for (uint32_t n = 0; n < nearest.count; n++) {
      for (uint32_t j = 0; j < size; j++) {
        if (leaf[j] == id_of(nearest.rows[n])) met |= 1u << n;
      }
    }
    share_bits(&sample_[low].met, met);
  }
}

float GraphSample::met() const {
  uint32_t met = 0, pairs = 0;
  for (uint32_t i = 0; i < size_; i++) {
    met += uint32_t(__builtin_popcount(sample_[i].met));
    pairs += found_.of_[i].count;
  }
  return pairs == 0 ? 1 : float(met) / float(pairs);
}

}  // namespace elanus
