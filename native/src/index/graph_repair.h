// GraphRepair: makes every row reachable from one. A walk in breadth marks what can be reached; every row that was
// missed gets an edge from one that was not. An edge is only ever given up for another if no row was reached by it.
#pragma once

#include "base/array.h"
#include "index/neighbour_lists.h"
#include "index/prune.h"

namespace elanus {

class GraphRepair {
 public:
  // 8 bytes a row. False if there is no memory. `lists` is of `count` rows, all at most kDegreeMax long; REQUIRES:
  // entry < count. All outlive the repair.
  bool init(NeighbourLists *lists, const Pruner *pruner, uint32_t count, uint32_t entry);
  size_t bytes() const { return parents_.bytes() + queue_.bytes(); }

  // A bounded piece of work; true when every row is reached.
  bool step();
  // Rows that were missed and linked.
  uint32_t linked() const { return linked_; }

 private:
  static constexpr uint32_t kUnreached = UINT32_MAX;

  bool reached(uint32_t row) const { return parents_[row] != kUnreached; }
  void reach(uint32_t row, uint32_t parent);
  void expand();
  void link(uint32_t row);
  bool link_from(uint32_t from, uint32_t row);
  uint32_t near_reached(uint32_t row) const;

  NeighbourLists *lists_ = nullptr;
  const Pruner *pruner_ = nullptr;
  uint32_t count_ = 0, entry_ = 0;
  uint32_t head_ = 0, tail_ = 0;  // of queue_
  uint32_t missed_ = 0;           // all rows before it are reached
  uint32_t linked_ = 0;
  Array<uint32_t> parents_, queue_;
};

}  // namespace elanus
