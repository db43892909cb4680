// BinaryKernels: bits counted, one table for each instruction set. Every set gives the same counts.
#pragma once

#include <stdint.h>

#include "kernels/kernels.h"

namespace elanus {

// Every query of a block with every row of it.
struct BinaryBlock {
  const uint8_t *queries;      // query_count x row_bytes, row-major
  uint32_t query_count;
  uint32_t row_count;          // 0..kBlockRowsMax
  uint32_t row_bytes;          // 1..2^28, of a query too
  const uint8_t *const *rows;  // row_count rows
  uint32_t *counts;            // of query q and row r at counts[q * kBlockRowsMax + r]
};

struct BinaryKernels {
  const char *name;
  void (*differing)(const BinaryBlock &block);  // bits set in one of the two: the Hamming distance
  void (*common)(const BinaryBlock &block);     // bits set in both
};

// Those for the machine of `set`: the best that are not of a later set and that the machine runs.
const BinaryKernels *binary_kernels_of(const Kernels *set);

}  // namespace elanus
