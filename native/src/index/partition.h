// Partition: the rows in leaves of near rows. The rows are split among up to 64 centres, each row to its two nearest,
// then every part on its own, one centre a row, until a part is small enough to compare all its pairs. It works in
// bounded steps; what comes out depends on the rows and the random numbers alone.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "index/graph_codes.h"

namespace elanus {

struct LeafSizes {
  uint32_t aim;  // the mean that splits aim at
  uint32_t max;  // never more
};

class Partition {
 public:
  enum class Found { kNothingYet, kLeaf, kEnd };

  // Room for partitions of up to `points_max` rows. False if there is no memory. Both outlive the partition.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t points_max);
  size_t bytes() const;

  // REQUIRES: count is 1..points_max, 2 <= sizes.aim <= sizes.max.
  void begin(const uint32_t *points, uint32_t count, LeafSizes sizes, Random *random);
  // A bounded piece of work. After kLeaf leaf() and leaf_size() hold until the next call.
  Found step();
  const uint32_t *leaf() const { return ids_.data() + leaf_begin_; }
  uint32_t leaf_size() const { return uint32_t(leaf_end_ - leaf_begin_); }

  // After kEnd: all rows in the order of their leaves, rows that are in two leaves twice.
  const uint32_t *order() const { return ids_.data(); }
  size_t order_size() const { return size_; }
  // The rows nearest to the centres of the first split, each once; none where all rows are one leaf.
  const uint32_t *medoids() const { return medoids_; }
  uint32_t medoid_count() const { return medoid_count_; }

 private:
  enum class Phase { kNext, kAssign, kScatter };
  struct Part {
    size_t begin, end;
    uint32_t depth;
  };
  static constexpr uint32_t kCentresMax = kPanelRows;
  static constexpr uint32_t kDepthMax = 8;

  Found next();
  Found cut(Part *part);
  void choose_centres();
  void move_centres(uint32_t sample);
  void assign();
  void scatter();
  void finish_split();
  void note_medoid(uint32_t id, uint32_t centre, Rank rank);
  void rank_block(const uint32_t *ids, uint32_t count);
  void pack_centres();

  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  Random *random_ = nullptr;
  LeafSizes sizes_ = {};
  uint32_t words_ = 0;

  Array<uint32_t> ids_, moved_;   // room for every row twice
  Array<uint8_t> assigned_;       // centres of ids_[at], `overlap_` for each
  size_t size_ = 0;
  Part parts_[kCentresMax * (kDepthMax + 1)];
  uint32_t part_count_ = 0;
  size_t leaf_begin_ = 0, leaf_end_ = 0;

  // The part that is being split.
  Phase phase_ = Phase::kNext;
  Part split_ = {};
  size_t at_ = 0;
  uint32_t overlap_ = 1, centre_count_ = 0;
  size_t counts_[kCentresMax], offsets_[kCentresMax];
  Array<int8_t> centres_;
  BuildCodeSums centre_sums_[kCentresMax];
  int32_t centre_norms_[kCentresMax];
  Array<int32_t> means_;
  uint32_t mean_counts_[kCentresMax];
  uint32_t medoids_[kCentresMax], medoid_count_ = 0;
  Rank medoid_ranks_[kCentresMax];
  Array<uint32_t> rows_, panel_;  // a block of packed rows; the centres as a panel
  BuildCodeSums row_sums_[kPanelRows];
  Rank ranks_[kPanelRows * kPanelRows];
};

}  // namespace elanus
