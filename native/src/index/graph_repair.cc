// GraphRepair: the rows that were reached form a tree by their parents. There are fewer edges in it than rows, so
// somewhere there is always a row with room, or with an edge that is not of the tree.
#include "index/graph_repair.h"

#include "index/graph.h"

namespace elanus {
namespace {

constexpr uint32_t kExpandStep = 256;
constexpr uint32_t kWalkMax = 256;

}  // namespace

bool GraphRepair::init(NeighbourLists *lists, const Pruner *pruner, uint32_t count, uint32_t entry) {
  if (!parents_.resize(count) || !queue_.resize(count)) return false;
  lists_ = lists;
  pruner_ = pruner;
  count_ = count;
  entry_ = entry;
  head_ = tail_ = missed_ = linked_ = 0;
  memset(parents_.data(), 0xff, parents_.bytes());
  reach(entry, entry);
  return true;
}

void GraphRepair::reach(uint32_t row, uint32_t parent) {
  parents_[row] = parent;
  queue_[tail_++] = row;
}

bool GraphRepair::step() {
  if (head_ < tail_) {
    expand();
    return false;
  }
  const uint32_t stop = count_ - missed_ < kExpandStep ? count_ : missed_ + kExpandStep;
  while (missed_ < stop && reached(missed_)) missed_++;
  if (missed_ < stop) link(missed_);
  return missed_ == count_;
}

void GraphRepair::expand() {
  for (uint32_t left = kExpandStep; left > 0 && head_ < tail_; left--) {
    const uint32_t row = queue_[head_++];
    for (uint32_t i = 0; i < lists_->size(row); i++) {
      if (!reached(lists_->id(row, i))) reach(lists_->id(row, i), row);
    }
  }
}

// From a neighbour if one was reached, else from near by, else from anywhere. All rows reached are expanded.
void GraphRepair::link(uint32_t row) {
  linked_++;
  for (uint32_t i = 0; i < lists_->size(row); i++) {
    if (reached(lists_->id(row, i)) && link_from(lists_->id(row, i), row)) return;
  }
  const uint32_t near = near_reached(row);
  if (lists_->size(row) < kDegreeMax) lists_->add(row, near, pruner_->rank(near, row));
  if (link_from(near, row)) return;
  for (uint32_t i = 0; i < lists_->size(near); i++) {
    if (link_from(lists_->id(near, i), row)) return;
  }
  for (uint32_t from = 0; from < count_; from++) {
    if (reached(from) && link_from(from, row)) return;
  }
}

bool GraphRepair::link_from(uint32_t from, uint32_t row) {
  const uint32_t size = lists_->size(from);
  if (size < kDegreeMax) {
    lists_->add(from, row, pruner_->rank(from, row));
    reach(row, from);
    return true;
  }
  for (uint32_t at = size; at-- > 0;) {
    if (parents_[lists_->id(from, at)] == from) continue;
    lists_->replace(from, at, row, pruner_->rank(from, row));
    reach(row, from);
    return true;
  }
  return false;
}

// Down from the entry as long as a neighbour is nearer.
uint32_t GraphRepair::near_reached(uint32_t row) const {
  uint32_t at = entry_;
  Neighbour best = neighbour(at, pruner_->rank(at, row));
  for (uint32_t step = 0; step < kWalkMax; step++) {
    for (uint32_t i = 0; i < lists_->size(at); i++) {
      const uint32_t id = lists_->id(at, i);
      const Neighbour found = neighbour(id, pruner_->rank(id, row));
      if (found < best) best = found;
    }
    if (id_of(best) == at) break;
    at = id_of(best);
  }
  return at;
}

}  // namespace elanus
