// Partition: the rows in leaves of near rows. The rows are split among up to 64 centres, each row to its two nearest, so
// that rows near a boundary meet those beyond it; then every part on its own by a Splitter. What comes out depends on
// the rows and the random numbers alone, not on the order of the tasks of a stage, nor on the threads that run them:
//
//   begin(), then unless it is one leaf: assign() for every task, gather(), scatter() until it is true, and a Splitter
//   for every part(); then gather_leaves().
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "index/splitter.h"

namespace elanus {

class Partition {
 public:
  // Rows nearest to the centres of the first split: what one thread found.
  struct Medoids {
    struct Medoid {
      size_t place;
      Rank rank;
    } of[PartCentres::kCountMax];
    void clear();
    void add(const Medoids &other);
    void offer(uint32_t centre, size_t place, Rank rank);
  };

  // Room for partitions of up to `points_max` rows. False if there is no memory. Both outlive the partition.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t points_max);
  size_t bytes() const;

  // REQUIRES: count is 1..points_max, 2 <= sizes.aim <= sizes.max.
  void begin(const uint32_t *points, uint32_t count, LeafSizes sizes, Random *random, RankBlock *block);
  bool is_one_leaf() const { return centre_count_ == 0; }

  uint32_t assign_tasks() const { return uint32_t((point_count_ + kAssignRows - 1) / kAssignRows); }
  void assign(uint32_t task, RankBlock *block, Medoids *medoids);
  // `medoids` of all threads together.
  void gather(const Medoids &medoids);
  // A bounded piece of work; true when it was the last.
  bool scatter();

  // Parts to be split, the largest first.
  uint32_t part_count() const { return part_count_; }
  void begin_split(uint32_t part, Splitter *splitter);

  // False if there is no memory.
  bool gather_leaves();
  uint32_t leaf_count() const { return uint32_t(leaves_.size()) - 1; }
  const uint32_t *leaf(uint32_t i) const { return rows_.data() + leaves_[i]; }
  uint32_t leaf_size(uint32_t i) const { return uint32_t(leaves_[i + 1] - leaves_[i]); }

  // After gather_leaves(): all rows in the order of their leaves, rows that are in two leaves twice.
  const uint32_t *order() const { return rows_.data(); }
  size_t order_size() const { return size_; }
  // The rows nearest to the centres of the first split, each once; none where all rows are one leaf.
  const uint32_t *medoids() const { return medoids_; }
  uint32_t medoid_count() const { return medoid_count_; }

 private:
  static constexpr uint32_t kCentresMax = PartCentres::kCountMax;
  static constexpr uint32_t kOverlap = 2;
  static constexpr size_t kAssignRows = 16 * kPanelRows;

  void finish_scatter();
  Places places() { return {rows_.data(), moved_.data(), centre_of_.data(), leaf_begins_.data()}; }

  LeafSizes sizes_ = {};
  uint64_t seed_ = 0;
  PartCentres centres_;
  Array<uint32_t> rows_, moved_;  // room for every row twice
  Array<uint8_t> centre_of_;      // of a row its nearest centres; later of a place
  Array<uint64_t> leaf_begins_;   // a bit for every place
  Array<size_t> leaves_;          // their beginnings, and the end
  size_t size_ = 0, point_count_ = 0, at_ = 0;
  uint32_t centre_count_ = 0;
  size_t counts_[kCentresMax], offsets_[kCentresMax];
  Part parts_[kCentresMax];
  uint64_t part_seeds_[kCentresMax];
  uint32_t part_count_ = 0;
  uint32_t medoids_[kCentresMax], medoid_count_ = 0;
};

}  // namespace elanus
