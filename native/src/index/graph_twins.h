// GraphTwins: rows whose codes are equal. Only the first of them takes part in building the graph; the rest, its
// twins, hang on it as a tree, since among points at distance 0 no rule about nearer and farther ones can choose.
#pragma once

#include "index/graph_codes.h"
#include "index/neighbour_lists.h"

namespace elanus {

class GraphTwins {
 public:
  // Finding takes 12 to 20 bytes a row. False if there is no memory. `codes` outlives the twins.
  bool init(const GraphCodes &codes);
  size_t bytes() const { return table_.bytes() + first_.bytes() + rows_.bytes() + twins_.bytes() + places_.bytes(); }

  // Compares a bounded number of rows; true when all are compared.
  bool find();
  // After find(), before finish(): the first row that equals `row`.
  uint32_t first(uint32_t row) const { return first_[row]; }
  // After find(). False if there is no memory.
  bool finish();

  // The rows that are no twins, ascending.
  const uint32_t *rows() const { return rows_.data(); }
  uint32_t row_count() const { return uint32_t(rows_.size()); }
  // Links the twins of rows()[at] to it in `lists`; whose other neighbours may have to make room.
  void link(uint32_t at, NeighbourLists *lists) const;

 private:
  const GraphCodes *codes_ = nullptr;
  uint32_t at_ = 0;
  Array<uint32_t> table_;   // a hash table of rows + 1
  Array<uint32_t> first_;   // of every row the first that equals it
  Array<uint32_t> rows_;
  Array<uint32_t> twins_;   // the twins of rows_[i] from places_[i] to places_[i + 1]
  Array<uint32_t> places_;  // empty if there are no twins
};

}  // namespace elanus
