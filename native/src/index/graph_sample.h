// GraphSample: how hard the rows are to partition. For a few rows the true nearest are found by comparing them with
// all; then every leaf tells which of these pairs have met. A pair that never meets in a leaf can become neighbours
// only by chance, so the share of pairs that met foretells how good the graph will be.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "index/graph_codes.h"
#include "index/neighbour_lists.h"

namespace elanus {

class GraphSample {
 public:
  // Chooses rows of `rows`. False if there is no memory. `codes`, `kernels` and `rows` outlive the sample.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, const uint32_t *rows, uint32_t row_count,
            Random *random);
  size_t bytes() const { return sizeof(*this) + packed_.bytes() + panel_.bytes(); }

  // Compares a block of rows with all of the sample; true when it was the last.
  bool step();
  // Notes the pairs that met in a leaf. REQUIRES: step() gave true.
  void meet(const uint32_t *leaf, uint32_t size);
  // The share of pairs that have met, 0..1.
  float met() const;

 private:
  static constexpr uint32_t kSampleMax = 2 * kPanelRows;
  static constexpr uint32_t kNearest = 10;
  struct Sampled {
    uint32_t id;
    uint32_t met;  // a bit for each of `nearest`
    uint32_t count;
    Neighbour nearest[kNearest];
  };

  void offer(Sampled *sampled, Neighbour found);

  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  const uint32_t *rows_ = nullptr;
  uint32_t row_count_ = 0, at_ = 0, words_ = 0;
  uint32_t size_ = 0;
  Sampled sample_[kSampleMax];  // ascending by id
  int32_t norms_[kSampleMax];
  Array<uint32_t> packed_, panel_;
};

}  // namespace elanus
