// Code kernels: estimates from codes, one table entry for each instruction set. The products are integers and exactly
// equal in every set; the few float operations after them are the same in the same order, none fused, so every set,
// and every machine, gives the same bits.
//
//   estimate = (centre distance + base) - scale * (step * float(product)),
//   product  = 2 * sum(value * u) - (2^bits - 1) * sum(value)
//
// An estimate that is NaN, or above FLT_MAX, comes out as FLT_MAX.
#pragma once

#include "kernels/code_layout.h"
#include "kernels/frame_kernels.h"

namespace elanus {

// A query against 4-bit and 7-bit codes: it is close to step * values.
struct CodeQuery {
  uint32_t padded_dim;
  const int8_t *values;  // -127..127; padded_dim, then kCodeQueryTail zeros
  const int8_t *low;     // of every 32 values the first 16; padded_dim / 2, then kCodeQueryTail zeros
  const int8_t *high;    // of every 32 values the last 16; likewise
  int32_t sum;           // of all values
  float step;
  const float *centres;  // squared distance of the query to centre i, kCodeCentresMax of them
};

// Codes with equal gaps; `stride` is code4_bytes or code7_bytes.
struct CodeRows {
  const uint8_t *records;
  size_t stride;
};

// A query against 1-bit blocks. With magnitudes m = 0..31 and the query close to step * sign * m, entry e of group g
// (dimensions 4g .. 4g + 3) is the sum of the m whose sign agrees with bit i of e: at most 124, so that two entries
// add in a byte.
struct ScanQuery {
  uint32_t padded_dim;
  const uint8_t *table;  // 16 entries for each group; 64-byte aligned
  int32_t total;         // sum of all m
  float step;
};

struct CodeKernels {
  const char *name;
  // The squared distances of the query to the rows `ids` (0 .. count - 1 if NULL).
  void (*estimate4)(const CodeQuery &query, const CodeRows &rows, const uint32_t *ids, uint32_t count,
                    float *estimates);
  void (*estimate7)(const CodeQuery &query, const CodeRows &rows, const uint32_t *ids, uint32_t count,
                    float *estimates);
  // The estimates of a block's 32 vectors, product = 2 * agreeing - total. Bit i of the result is set if
  // estimates[i] < threshold.
  uint32_t (*scan)(const ScanQuery &query, const uint8_t *block, float centre_distance, float threshold,
                   float *estimates);
  FrameKernels frame;
};

// The set at `position`: the same positions, with the same instruction sets or a lesser one, as kernels_at.
const CodeKernels *code_kernels_at(uint32_t position);

}  // namespace elanus
