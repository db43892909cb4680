// Kernels: the table through which all distances are computed, one entry for each instruction set.
// Every set gives the score of a (query, row) pair by the same summation whatever the block around it, so a batch
// scores exactly as its queries do alone. Between sets scores differ by rounding only. "scalar" is the truth: it
// sums in f64.
#pragma once

#include <stdint.h>

namespace elanus {

// Rows that a block holds at most: as many as one 64-bit word of a bitset has bits.
constexpr uint32_t kBlockRowsMax = 64;

// Every query of a block with every row of it.
template <class Row>
struct BlockOf {
  const float *queries;    // query_count x dim, row-major
  uint32_t query_count;
  uint32_t row_count;      // 0..kBlockRowsMax
  uint32_t dim;            // at least 1
  const Row *const *rows;  // row_count rows of dim values
  float *scores;           // of query q and row r at scores[q * kBlockRowsMax + r]
};
using Block = BlockOf<float>;

struct Kernels {
  const char *name;
  void (*dot)(const Block &block);  // inner product
  void (*l2)(const Block &block);   // squared Euclidean distance
};

// The set at `position` of those that this machine can run, best first, "scalar" last; NULL beyond the last.
const Kernels *kernels_at(uint32_t position);

// 1 / length, summed in f64 so that it is the same on every machine and no finite vector overflows.
// 0 for a vector whose length is below 2^-126: it counts as a zero vector.
float inverse_norm(const float *vector, uint32_t dim);

}  // namespace elanus
