// CodesSearch: near-exact search of rows by the 1-bit codes that some of them have. Every row whose code says that it may
// be among the k best is scored exactly; so are the rows without a code. What it writes to is its own, and reused.
#pragma once

#include "index/candidate.h"
#include "index/flat.h"
#include "index/sign_blocks.h"

namespace elanus {

// Estimates (quant/code.h) of a query's rows from the keys of their scores: the score under L2, else its negative.
struct EstimateScale {
  float offset, factor;
  float of(float key) const { return offset + factor * key; }
};
EstimateScale estimate_scale(elanus_metric metric, const float *query, uint32_t dim);

struct CodesRequest {
  const float *vector;             // the query as given, dim floats
  uint32_t k;                      // 1 or more
  float deviations;                // of a code's error that a row is given; see FlatCodes::recall
  const uint8_t *alive = nullptr;  // as elanus_flat_search
};

// What searches cost so far.
struct CodesCost {
  uint64_t scanned;   // 1-bit codes read
  uint64_t reranked;  // vectors read because of their codes, or because they have none
  uint64_t scans;     // queries answered by an exact scan of the rows that take part
};

class CodesSearch {
 public:
  // For up to `block_count` blocks. False if there is no memory; then the room is as it was.
  bool reserve(uint32_t block_count);
  uint32_t block_count() const { return uint32_t(lowest_.size() / kScanRows); }
  size_t bytes() const { return lowest_.bytes() + pool_.bytes() + first_.bytes() + best_.bytes(); }

  // The k best rows, best first, equal scores by row; gives how many there are. `query` is of the blocks' quantizer and
  // gets prepared here. REQUIRES: room for the blocks; a request is_worth_it().
  uint32_t run(const Flat &rows, const SignBlocks &blocks, const CodesRequest &request, Query *query, uint32_t *found,
               float *scores);
  // Whether codes are the way to find k of `matching` rows of which `coded` have codes.
  static bool is_worth_it(uint32_t k, uint32_t matching, uint32_t coded);

  CodesCost cost = {};

 private:
  struct Run;

  void scan(Run &run);
  void score(Run &run, const uint32_t *rows, uint32_t *row_count);
  void score_uncoded(Run &run);
  void score_first(Run &run);
  bool score_possible(Run &run);
  uint32_t collect(Run &run);
  uint32_t row_at(const Run &run, uint32_t place) const;

  uint32_t first_count_ = 0;
  Array<float> lowest_;    // of every place of every block
  Array<uint64_t> pool_;   // of the same size
  Array<uint64_t> first_;  // the k best estimates, then
  Array<uint64_t> best_;   // the k best scores
};

// Of the first `size` rows, those that take part.
uint32_t count_alive(const uint8_t *alive, uint32_t size);

}  // namespace elanus
