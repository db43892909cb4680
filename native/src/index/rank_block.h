// RankBlock: the ranks of up to 64 rows with a panel of up to 64 others, and the room for that; one to a thread.
#pragma once

#include "base/array.h"
#include "index/graph_codes.h"

namespace elanus {

class RankBlock {
 public:
  // False if there is no memory. Both outlive the block.
  bool init(const GraphCodes &codes, const BuildKernels &kernels) {
    codes_ = &codes;
    kernels_ = &kernels;
    words_ = packed_words(kernels, codes.dim());
    return rows_.resize(size_t(kPanelRows) * words_);
  }
  size_t bytes() const { return sizeof(*this) + rows_.bytes(); }

  // Of row ids[i] with the panel's row c at [i * kPanelRows + c], good until the next call. REQUIRES: count <= kPanelRows.
  const Rank *rank(const uint32_t *ids, uint32_t count, const uint32_t *panel, const int32_t *panel_norms) {
    for (uint32_t i = 0; i < count; i++) {
      kernels_->pack_row(codes_->row(ids[i]), words_, rows_.data() + size_t(i) * words_);
      sums_[i] = codes_->sums(ids[i]);
    }
    kernels_->rank_all({rows_.data(), sums_, count, words_, panel, panel_norms, ranks_, kPanelRows});
    return ranks_;
  }

 private:
  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  uint32_t words_ = 0;
  Array<uint32_t> rows_;
  BuildCodeSums sums_[kPanelRows];
  Rank ranks_[kPanelRows * kPanelRows];
};

}  // namespace elanus
