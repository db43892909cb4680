// Leaf: all pairs of up to a few hundred near rows, and from them every row's relative neighbours within the leaf.
// It works in steps of one panel of columns, then of a few rows; its memory is quadratic in the most rows of a leaf.
#pragma once

#include "base/array.h"
#include "index/graph_codes.h"
#include "index/neighbour_lists.h"

namespace elanus {

class Leaf {
 public:
  // Room for leaves of up to `rows_max` rows. False if there is no memory. Both outlive the leaf.
  bool init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t rows_max);
  size_t bytes() const;

  // `ids` holds until the last step. REQUIRES: count <= rows_max, the rows differ.
  void begin(const uint32_t *ids, uint32_t count);
  // A bounded piece of work: true when the leaf's last row has been added to `lists`.
  bool step(NeighbourLists *lists);

 private:
  void rank_panel();
  void mirror(uint32_t first, uint32_t count);
  void choose(NeighbourLists *lists);

  const GraphCodes *codes_ = nullptr;
  const BuildKernels *kernels_ = nullptr;
  uint32_t words_ = 0;
  size_t stride_ = 0;  // of ranks_
  const uint32_t *ids_ = nullptr;
  uint32_t count_ = 0;
  uint32_t ranked_ = 0, chosen_ = 0;  // rows that are done
  Array<uint32_t> rows_, panel_;
  Array<BuildCodeSums> sums_;
  Array<Rank> ranks_, left_;
};

}  // namespace elanus
