// Splitter: splits one part of a partition among centres, each row to its nearest, then every piece on its own, until
// each is small enough to be a leaf. It works in bounded steps, within the part's places alone, so that others may
// split other parts at once; one to a thread.
#pragma once

#include "index/part_centres.h"

namespace elanus {

struct LeafSizes {
  uint32_t aim;  // the mean that splits aim at
  uint32_t max;  // never more
};

// Places begin .. end - 1 of a partition.
struct Part {
  size_t begin, end;
  uint32_t depth;
};

// What all splitters of a partition work in: for every place a row, room for it to move, the centre that it goes to, and
// a bit that is set where a leaf begins.
struct Places {
  uint32_t *rows, *moved;
  uint8_t *centres;
  uint64_t *leaf_begins;
};

class Splitter {
 public:
  // False if there is no memory. Both outlive the splitter.
  bool init(const GraphCodes &codes, const BuildKernels &kernels) { return centres_.init(codes, kernels); }
  size_t bytes() const { return sizeof(*this) + centres_.bytes(); }

  void begin(const Part &part, const Places &places, LeafSizes sizes, uint64_t seed);
  // A bounded piece of work; true when all leaves of the part are marked.
  bool step(RankBlock *block);

 private:
  static constexpr uint32_t kDepthMax = 8;
  enum class Phase { kNext, kAssign, kScatter };

  void next(RankBlock *block);
  void assign(RankBlock *block);
  void scatter();
  void finish();

  Places places_ = {};
  LeafSizes sizes_ = {};
  Random random_{0};
  PartCentres centres_;
  Part parts_[PartCentres::kCountMax * (kDepthMax + 1)];
  uint32_t part_count_ = 0;

  // The part that is being split.
  Phase phase_ = Phase::kNext;
  Part split_ = {};
  size_t at_ = 0;
  size_t counts_[PartCentres::kCountMax], offsets_[PartCentres::kCountMax];
};

// How many centres `count` rows are split among, aiming at leaves of `aim`.
inline uint32_t centres_for(size_t count, uint32_t aim) {
  const size_t leaves = (count + aim - 1) / aim;
  return uint32_t(leaves < 2 ? 2 : leaves > PartCentres::kCountMax ? PartCentres::kCountMax : leaves);
}

}  // namespace elanus
