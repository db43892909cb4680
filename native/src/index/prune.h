// Pruner: which candidates become neighbours: of two in nearly the same direction only the nearer one, by the greedy
// rule of relative neighbourhood graphs, with the ranks of exact distances between codes.
#pragma once

#include "base/fetch.h"
#include "index/graph_codes.h"
#include "index/neighbour_lists.h"

namespace elanus {

class Pruner {
 public:
  Pruner(const GraphCodes &codes, const BuildKernels &kernels) : codes_(codes), kernels_(kernels) {}

  Rank rank(uint32_t a, uint32_t b) const {
    const int32_t dot = kernels_.dot(codes_.row(a), codes_.row(b), codes_.sums(b).sum, codes_.stride());
    return rank_of(codes_.sums(a).norm + codes_.sums(b).norm - 2 * dot);
  }

  // Keeps at most `limit` of `candidates`, which are in order, in place; gives how many. A candidate goes if one kept
  // before is nearer to it than the row is that they are candidates of.
  uint32_t prune(Neighbour *candidates, uint32_t count, uint32_t limit) const {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count && kept < limit; i++) {
      if (i + 2 < count) fetch_code(id_of(candidates[i + 2]));
      if (!covered(candidates[i], candidates, kept)) candidates[kept++] = candidates[i];
    }
    return kept;
  }

 private:
  bool covered(Neighbour candidate, const Neighbour *kept, uint32_t count) const {
    for (uint32_t i = 0; i < count; i++) {
      if (rank(id_of(kept[i]), id_of(candidate)) < rank_of(candidate)) return true;
    }
    return false;
  }
  void fetch_code(uint32_t id) const {
    constexpr size_t kFetchMax = 1024;
    fetch(codes_.row(id), codes_.stride() < kFetchMax ? codes_.stride() : kFetchMax);
  }

  const GraphCodes &codes_;
  const BuildKernels &kernels_;
};

}  // namespace elanus
