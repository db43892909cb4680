// PartCentres: the centres, at most 64, that a part of the rows is split among: rows of the part, moved by one round of
// k-means over a sample of it. Once chosen, any number of threads rank rows with them.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "index/rank_block.h"

namespace elanus {

class PartCentres {
 public:
  static constexpr uint32_t kCountMax = kPanelRows;

  // False if there is no memory. Both outlive the centres.
  bool init(const GraphCodes &codes, const BuildKernels &kernels);
  size_t bytes() const {
    return sizeof(*this) + centres_.bytes() + means_.bytes() + packed_.bytes() + panel_.bytes();
  }

  // Chooses `count` centres for the `size` rows at `ids`, which it brings into another order: about 130000 comparisons.
  // REQUIRES: 2 <= count <= kCountMax, count <= size.
  void choose(uint32_t *ids, size_t size, uint32_t count, Random *random, RankBlock *block);

  uint32_t count() const { return count_; }
  // As RankBlock::rank, with the centres.
  const Rank *rank(const uint32_t *ids, uint32_t count, RankBlock *block) const {
    return block->rank(ids, count, panel_.data(), norms_);
  }

 private:
  void move(const uint32_t *ids, uint32_t sample, RankBlock *block);
  void pack();

  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  uint32_t words_ = 0, count_ = 0;
  Array<int8_t> centres_;
  int32_t norms_[kCountMax];
  Array<int32_t> means_;
  uint32_t mean_counts_[kCountMax];
  Array<uint32_t> packed_, panel_;
};

// The two lowest of `count` ranks; second is `count` if there is but one. Ties to the first.
void nearest_two(const Rank *ranks, uint32_t count, uint32_t *first, uint32_t *second);

}  // namespace elanus
