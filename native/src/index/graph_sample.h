// GraphSample: how hard the rows are to partition. For a few rows the true nearest are found by comparing them with
// all; then every leaf tells which of these pairs have met. A pair that never meets in a leaf can become neighbours
// only by chance, so the share of pairs that met foretells how good the graph will be.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "index/neighbour_lists.h"
#include "index/rank_block.h"

namespace elanus {

class GraphSample {
 public:
  static constexpr uint32_t kSampleMax = 2 * kPanelRows;

  // The nearest to every sampled row that one thread found.
  class Found {
   public:
    void clear();
    void add(const Found &other);

   private:
    friend class GraphSample;
    static constexpr uint32_t kNearest = 10;
    struct Nearest {
      uint32_t count;
      Neighbour rows[kNearest];
      void offer(Neighbour found);
    };
    Nearest of_[kSampleMax];
  };

  // Chooses rows of `rows`. False if there is no memory. `codes`, `kernels` and `rows` outlive the sample.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, const uint32_t *rows, uint32_t row_count,
            Random *random);
  size_t bytes() const { return sizeof(*this) + panel_.bytes(); }

  // Every task compares a block of rows with all of the sample: in any order, and in any threads.
  uint32_t task_count() const { return (row_count_ + kPanelRows - 1) / kPanelRows; }
  void compare(uint32_t task, RankBlock *block, Found *found) const;
  // `found` by all threads together.
  void gather(const Found &found) { found_ = found; }

  // Notes the pairs that met in a leaf; several threads may at once. REQUIRES: after gather().
  void meet(const uint32_t *leaf, uint32_t size);
  // The share of pairs that have met, 0..1.
  float met() const;

 private:
  struct Sampled {
    uint32_t id;
    uint32_t met;  // a bit for each of its nearest
  };

  const uint32_t *rows_ = nullptr;
  uint32_t row_count_ = 0, words_ = 0;
  uint32_t size_ = 0;
  Sampled sample_[kSampleMax];  // ascending by id
  int32_t norms_[kSampleMax];
  Found found_;
  Array<uint32_t> panel_;
};

}  // namespace elanus
