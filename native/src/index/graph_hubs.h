// GraphHubs: a few rows all over the data that are also linked to each other. Neighbours alone lead from cluster to
// cluster only where clusters touch; from an entry, which is a hub, links between hubs lead near any row, as the upper
// layers of HNSW do. About one row in 100 is a hub; all links together are a tenth of an edge for every row.
#pragma once

#include "base/array.h"
#include "base/shared.h"
#include "index/neighbour_lists.h"
#include "index/prune.h"

namespace elanus {

class GraphHubs {
 public:
  static constexpr uint32_t kLinksMax = 16;

  // For rows 0 .. count - 1. False if there is no memory.
  bool init(uint32_t count) { return marks_.resize(size_t(count) / 64 + 1); }
  size_t bytes() const { return marks_.bytes() + rows_.bytes() + own_.bytes() + lists_.bytes(); }

  // Makes a row a hub; again does nothing. Several threads may at once.
  void add(uint32_t row) { share_bits(&marks_[row >> 6], uint64_t(1) << (row & 63)); }
  // No more hubs are added. False if there is no memory.
  bool gather();

  // Ascending.
  const uint32_t *rows() const { return rows_.data(); }
  uint32_t row_count() const { return uint32_t(rows_.size()); }
  // Links found for the hub rows()[place].
  NeighbourLists *lists() { return &lists_; }
  // The place of a hub.
  uint32_t place_of(uint32_t row) const;

  // All links are found: makes them mutual.
  void finish();
  // Adds the links of the hub at `place` to its neighbours, which are in order; the furthest make room.
  void link(uint32_t place, const Pruner &pruner, NeighbourLists *neighbours) const;

 private:
  Array<uint64_t> marks_;
  Array<uint32_t> rows_;
  Array<uint8_t> own_;  // links that a hub chose itself
  NeighbourLists lists_;
};

}  // namespace elanus
