// CodesTrial: how far the estimates of 1-bit codes are off where it matters. For a few rows, taken as queries, the true
// nearest are found by comparing them with all; of each pair found it is noted by how many deviations of its code's
// error the estimate is too high. A search that allows for as many finds the pair, whatever else it does.
#pragma once

#include "base/top_k.h"
#include "index/codes_search.h"

namespace elanus {

class CodesTrial {
 public:
  static constexpr uint32_t kStepRows = 64;
  static constexpr uint32_t kQueries = 32;
  // Of each query, beside itself.
  static constexpr uint32_t kNearest = 16;
  static constexpr uint32_t kPairsMax = kQueries * kNearest;

  // For rows 0 .. `row_count`, all coded in `blocks`; more may be added meanwhile. `query` is of the blocks' quantizer,
  // and used. All outlive the trial. False if there is no memory.
  bool init(const Flat &rows, const SignBlocks &blocks, uint32_t row_count, Query *query);
  uint32_t row_count() const { return row_count_; }
  size_t bytes() const;

  // Compares kStepRows rows with all queries, or looks one query's pairs up; true after the last step.
  bool step();
  uint32_t steps_left() const;

  // After the last step: the deviations of all pairs, at most kPairsMax, in no order.
  const float *deviations() const { return deviations_.data(); }
  uint32_t pair_count() const { return pair_count_; }

 private:
  static constexpr uint32_t kFound = kNearest + 1;

  uint32_t self(uint32_t q) const { return uint32_t(uint64_t(q) * row_count_ / kQueries); }
  void compare();
  void look_up(uint32_t q);

  const Flat *rows_ = nullptr;
  const SignBlocks *blocks_ = nullptr;
  Query *query_ = nullptr;
  uint32_t row_count_ = 0;
  uint32_t compared_ = 0, looked_up_ = 0;
  uint32_t pair_count_ = 0;
  Array<float> queries_, keys_, scores_, deviations_;
  Array<uint32_t> found_;
  Array<uint8_t> wanted_;  // a bit for each row
  TopK best_[kQueries];
  uint32_t counts_[kQueries];
  float inverse_norms_[kQueries];
};

}  // namespace elanus
