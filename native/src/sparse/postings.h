// Postings: one query term's list on its way through the rows, and the two things done with it: adding whole blocks
// into sums, and looking up what it adds to one row. Both compute a contribution by the same formula, so that they
// agree to the bit.
#pragma once

#include "sparse/view.h"

namespace elanus::sparse {

// BM25's length part: k1 * (1 - b + b * length / average) = base + slope * length. Not used by impacts.
struct Scoring {
  float base = 0;
  float slope = 0;
};

struct List {
  const Block *blocks;      // of this term
  const uint8_t *shortest;  // beside them; NULL with impacts
  uint32_t block_count;
  uint32_t posting_count;
  float query_weight;  // with frequencies, times k1 + 1
  float peak;
  uint32_t next;     // the first block that is not yet in the sums
  uint32_t probe;    // the first block that does not end before the current range
  uint32_t seek;     // where the next look-up begins
  uint32_t decoded;  // the block whose rows are in `offsets`; block_count if none
  uint16_t offsets[kBlockPostingsMax];
};

// A list's place among the others in one range of rows.
struct Order {
  uint32_t list;
  double bound;   // what the list adds to a row at most
  double before;  // the sum of the bounds of this list and those before it
};

// REQUIRES: length <= kLengthMax.
inline float length_part(const Scoring &scoring, uint32_t length) {
  return scoring.base + scoring.slope * float(int32_t(length));
}
inline float frequency_part(float frequency, float length_part) { return frequency / (frequency + length_part); }

// What block `number` adds to a row at most, up to rounding.
inline double bound_of(const Scoring &scoring, const List &list, uint32_t number) {
  const double weight = bounded_weight(list.peak, list.blocks[number].bound);
  if (list.shortest == nullptr) return double(list.query_weight) * weight;
  const double length = scoring.base + double(scoring.slope) * length_floor(list.shortest[number]);
  return double(list.query_weight) * (weight / (weight + length));
}

// Which of 64 sums are above `bar`: bit i for sum i.
uint64_t above(const float *sums, float bar);

// Adds a block to `sums`, one per row of its window, and marks the runs of 64 rows that it touches.
void add_block(const View &view, const Scoring &scoring, const List &list, const Block &block, float *sums,
               uint8_t *touched);

// What the list adds to `row`; 0 if it does not have it. REQUIRES: rows ascend since list->seek was 0.
float look_up(const View &view, const Scoring &scoring, List *list, uint32_t row);

}  // namespace elanus::sparse
