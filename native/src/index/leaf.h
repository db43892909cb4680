// Leaf: all pairs of up to a few hundred near rows, and from them every row's relative neighbours within the leaf.
// It works in steps of one panel of columns, then of a few rows; its memory is quadratic in the most rows of a leaf.
#pragma once

#include "base/array.h"
#include "index/graph_codes.h"
#include "index/neighbour_lists.h"

namespace elanus {

class Leaf {
 public:
  static constexpr uint32_t kChosenMax = 16;

  // Room for leaves of up to `rows_max` rows. False if there is no memory. Both outlive the leaf.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t rows_max);
  size_t bytes() const;

  // Up to `chosen_max` neighbours of row ids[i] are offered to list places[i], or ids[i] if `places` is NULL. Both hold
  // until the last step. REQUIRES: count <= rows_max, chosen_max <= kChosenMax, the rows differ.
  void begin(const uint32_t *ids, uint32_t count, uint32_t chosen_max, const uint32_t *places);
  // A bounded piece of work: true when the leaf's last row has been added to `lists`.
  bool step(NeighbourLists *lists);

  // After the last step: up to `rows_max` rows near to which every other lies, as indexes of `ids`: the first, then
  // the one furthest from all so far, as long as that is more than twice as far away as its own nearest row. Gives how
  // many.
  uint32_t cover(uint32_t *rows, uint32_t rows_max);

 private:
  void rank_panel();
  void mirror(uint32_t first, uint32_t count);
  void choose(NeighbourLists *lists);

  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  uint32_t words_ = 0;
  size_t stride_ = 0;  // of ranks_
  const uint32_t *ids_ = nullptr, *places_ = nullptr;
  uint32_t count_ = 0, chosen_max_ = 0;
  uint32_t ranked_ = 0, chosen_ = 0;  // rows that are done
  Array<uint32_t> rows_, panel_;
  Array<BuildCodeSums> sums_;
  Array<Rank> ranks_, left_;
};

}  // namespace elanus
