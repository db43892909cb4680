// GraphBuilder: a graph in bulk, from all rows at once, in the manner of PiPNN (arXiv 2602.21247): the rows are parted
// into leaves of near rows several times over; within a leaf all pairs are compared and every row chooses its relative
// neighbours; what the leaves propose is pruned, made mutual, and repaired until every row can be reached from
// entries[0].
//
// It works in steps, between which a worker may do other things. The graph depends on the rows and the seed alone:
// not on the steps, not on the instruction set.
// Memory while building, beside the codes: about 330 bytes a row, then the graph itself; and 1 MiB and 1500 codes for
// leaves.
#pragma once

#include "base/random.h"
#include "index/graph.h"
#include "index/graph_hubs.h"
#include "index/graph_repair.h"
#include "index/graph_sample.h"
#include "index/graph_twins.h"
#include "index/leaf.h"
#include "index/partition.h"
#include "index/prune.h"

namespace elanus {

class GraphBuilder {
 public:
  enum class Progress { kMore, kDone, kNoMemory };

  // `codes` and `kernels` outlive the builder; all rows are set.
  GraphBuilder(const GraphCodes &codes, const BuildKernels &kernels, uint64_t seed);
  GraphBuilder(const GraphBuilder &) = delete;
  GraphBuilder &operator=(const GraphBuilder &) = delete;

  // Rows to enter by, which become the graph's entries as they are, in this order; otherwise up to 64 are chosen. Good
  // ones lie all over the data. REQUIRES: before the first step; count <= kEntriesMax; they are rows.
  void enter_by(const uint32_t *rows, uint32_t count);

  // Works for about `pairs` comparisons of two rows (5 to 40 ns each at 800 dimensions), at least one piece, which is
  // 70000 of them at most, or a copy of 8 bytes a row. After kNoMemory only the destructor is called.
  Progress step(uint64_t pairs);

  // Partitions so far; and the rows that only repair made reachable, after kDone.
  uint32_t partitions() const { return partitions_; }
  uint32_t repaired() const { return repaired_; }
  // After kDone.
  Graph take_graph() { return static_cast<Graph &&>(graph_); }

 private:
  enum class Stage {
    kBegin, kTwins, kSample, kPartition, kLeaf, kForward, kReverse, kShorten, kHubLinks, kTwinLinks, kRepair, kWrite, kDone
  };

  bool work(uint64_t *pairs);
  bool begin();
  bool begin_partitions();
  void begin_partition();
  bool partition();
  void begin_leaf();
  void end_leaf();
  bool end_partition();
  void end_partitions();
  bool order_rows();
  bool end_hub_partition();
  void forward(uint32_t row);
  void reverse(uint32_t row);
  void shorten(uint32_t row);
  bool begin_write();
  void write(uint32_t row);
  template <class Do>
  bool each(const uint32_t *rows, uint32_t count, Do act);

  const GraphCodes &codes_;
  const BuildKernels &kernels_;
  const Pruner pruner_;
  Random random_;
  Stage stage_ = Stage::kBegin;
  uint32_t at_ = 0;  // of the rows that a stage goes through

  GraphTwins twins_;
  GraphSample sample_;
  Partition partition_;
  Leaf leaf_;
  GraphHubs hubs_;
  bool of_hubs_ = false;          // the partition is of hubs
  NeighbourLists lists_;
  Array<uint32_t> order_;         // the rows that are no twins, near ones near each other
  Array<uint8_t> forward_;        // of every row how many neighbours it chose itself
  uint32_t partitions_ = 0;
  uint32_t entries_[kEntriesMax];
  uint32_t entry_count_ = 0;
  GraphRepair repair_;
  uint32_t repaired_ = 0;
  Graph graph_;
};

}  // namespace elanus
