// Rank: the exact order of a few vectors that the caller has at hand, such as those of an index's candidates, read from
// where they are stored. Nothing is copied and nothing allocated.
#pragma once

#include "elanus.h"
#include "kernels/typed_kernels.h"

namespace elanus {

struct RankRequest {
  elanus_metric metric;  // L2, IP or COSINE
  Element element;
  uint32_t dim;
  const float *query;   // dim floats
  const void *vectors;  // count x dim of the element, row-major, aligned for it
  uint32_t count;
  uint32_t k;           // 1 or more
};

// Writes the positions of the k best vectors, best first, with their scores, in the order of elanus_flat_search; a
// vector scores exactly as it would as a row of TypedRows. Gives how many there are: min(k, count).
uint32_t rank_vectors(const TypedKernels &kernels, const RankRequest &request, uint32_t *positions, float *scores);

}  // namespace elanus
