// GraphBuilder: a graph in bulk, from all rows at once, in the manner of PiPNN (arXiv 2602.21247): the rows are parted
// into leaves of near rows several times over; within a leaf all pairs are compared and every row chooses its relative
// neighbours; what the leaves propose is pruned, made mutual, and repaired until every row can be reached from
// entries[0].
//
// It works in stages of tasks, which one thread runs in steps, between which it may do other things, or several threads
// share. The graph depends on the rows and the seed alone: not on the steps, not on the threads or which of them runs
// which task when, not on the instruction set.
// Memory while building, beside the codes: about 330 bytes a row, then the graph itself; and a GraphWorker a thread.
#pragma once

#include "base/objects.h"
#include "base/random.h"
#include "index/graph.h"
#include "index/graph_hubs.h"
#include "index/graph_repair.h"
#include "index/graph_twins.h"
#include "index/graph_worker.h"
#include "index/prune.h"

namespace elanus {

class GraphBuilder {
 public:
  enum class Progress { kMore, kDone, kNoMemory };

  // `codes` and `kernels` outlive the builder; all rows are set. `workers`, at least 1, is how many threads may work at
  // once.
  GraphBuilder(const GraphCodes &codes, const BuildKernels &kernels, uint64_t seed, uint32_t workers = 1);
  GraphBuilder(const GraphBuilder &) = delete;
  GraphBuilder &operator=(const GraphBuilder &) = delete;

  // Rows to enter by, which become the graph's entries as they are, in this order; otherwise up to 64 are chosen. Good
  // ones lie all over the data. REQUIRES: before the first step; count <= kEntriesMax; they are rows.
  void enter_by(const uint32_t *rows, uint32_t count);

  // Works for about `pairs` comparisons of two rows (5 to 40 ns each at 800 dimensions), at least one piece, which is
  // 140000 of them at most, or a copy of 8 bytes a row. After kNoMemory only the destructor is called.
  Progress step(uint64_t pairs);

  // The same by several threads. plan() begins the next stage, which has task_count() tasks, 0 after the last; then
  // work() is called for each of them until it gives true, by one worker (of 0 .. workers - 1) from first to last, in
  // any order; then plan() again. A worker is one thread at a time, different ones run at once; plan() runs alone.
  // False if there is no memory.
  bool plan();
  uint32_t task_count() const { return task_count_; }
  // A bounded piece; true when the task is done.
  bool work(uint32_t worker, uint32_t task);
  // What a piece costs in this stage, in comparisons of two rows by panels.
  uint64_t piece_pairs() const;

  // Partitions so far; and the rows that only repair made reachable, after kDone.
  uint32_t partitions() const { return partitions_; }
  uint32_t repaired() const { return repaired_; }
  // After the last stage.
  Graph take_graph() { return static_cast<Graph &&>(graph_); }

 private:
  enum class Stage {
    kBegin, kTwins, kSample, kAssign, kScatter, kSplit, kLeaves, kForward, kReverse, kShorten, kHubLinks, kTwinLinks,
    kRepair, kWrite, kDone
  };

  bool next();
  void start(Stage stage, uint64_t tasks);
  void start_rows(Stage stage, uint32_t rows);
  bool begin();
  bool begin_partitions();
  void begin_partition(const uint32_t *rows, uint32_t count);
  bool split(GraphWorker *worker, uint32_t part);
  bool pair(GraphWorker *worker, uint32_t leaf);
  bool end_leaves();
  bool order_rows();
  void end_partitions();
  void forward(uint32_t row);
  void reverse(uint32_t row);
  void shorten(uint32_t row);
  bool begin_repair();
  bool begin_write();
  bool write();
  template <class Do>
  bool each(uint32_t task, const uint32_t *rows, Do act);

  const GraphCodes &codes_;
  const BuildKernels &kernels_;
  const Pruner pruner_;
  Random random_;
  const uint32_t worker_count_;
  Stage stage_ = Stage::kBegin;
  uint32_t task_count_ = 0, task_ = 0;  // of the stage; the task that step() is at
  uint32_t row_count_ = 0;              // that the tasks of a stage share out
  uint32_t written_ = 0;

  GraphTwins twins_;
  GraphSample sample_;
  Partition partition_;
  Objects<GraphWorker> workers_;
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
