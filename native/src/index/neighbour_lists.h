// NeighbourLists: while a graph is built, the neighbours found for every row so far, with their ranks. A list never
// grows beyond kListMax: when it is full the nearest stay. 292 bytes a row.
//
// offer() and add_behind() may be called in several threads at once, for the same row too: what a list then gives does
// not depend on the order of the calls. Everything else is for one thread, or for different rows.
#pragma once

#include "base/array.h"
#include "base/shared.h"
#include "kernels/build_kernels.h"

namespace elanus {

// A neighbour as one number, so that numbers sort by rank, then by row.
using Neighbour = uint64_t;
inline Neighbour neighbour(uint32_t id, Rank rank) { return uint64_t(rank) << 32 | id; }
inline uint32_t id_of(Neighbour neighbour) { return uint32_t(neighbour); }
inline Rank rank_of(Neighbour neighbour) { return Rank(neighbour >> 32); }

// Ascending. For short lists.
void sort_neighbours(Neighbour *neighbours, uint32_t count);

class NeighbourLists {
 public:
  static constexpr uint32_t kListMax = 48;
  static constexpr uint32_t kNearest = kListMax - 8;

  // `count` empty lists. False if there is no memory.
  bool init(uint32_t count) { return lists_.resize(count); }
  size_t bytes() const { return lists_.bytes(); }
  void clear() { lists_ = {}; }

  uint32_t size(uint32_t row) const { return lists_[row].size; }
  uint32_t id(uint32_t row, uint32_t at) const { return lists_[row].ids[at]; }
  Rank rank(uint32_t row, uint32_t at) const { return lists_[row].ranks[at]; }

  // Adds to the end. REQUIRES: the list is not full.
  void add(uint32_t row, uint32_t id, Rank rank) {
    List &list = lists_[row];
    list.ids[list.size] = id;
    list.ranks[list.size++] = rank;
  }

  // Adds some of which nearest() gives the nearest; what is there twice is dropped when the list is full or read.
  void offer(uint32_t row, const Neighbour *neighbours, uint32_t count);
  // The kNearest nearest of all that was offered, in order, nothing twice. Gives how many.
  uint32_t nearest(uint32_t row, Neighbour *out) const;

  // As the nearest of a list of which the first `fixed` stay: a full list loses the last in order of the others.
  void add_behind(uint32_t row, uint32_t fixed, uint32_t id, Rank rank);

  // The list in order, nothing twice: kListMax at most. Gives its size.
  uint32_t sorted(uint32_t row, Neighbour *out) const;
  // REQUIRES: count <= kListMax.
  void assign(uint32_t row, const Neighbour *neighbours, uint32_t count);

  void replace(uint32_t row, uint32_t at, uint32_t id, Rank rank) {
    lists_[row].ids[at] = id;
    lists_[row].ranks[at] = rank;
  }

 private:
  struct List {
    uint32_t ids[kListMax];
    Rank ranks[kListMax];
    uint16_t size;
    uint8_t lock;
  };

  Array<List> lists_;
};

}  // namespace elanus
