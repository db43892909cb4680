// Patience: when a search of lists has read enough. Every 32 rows of a list add 32 (passing / 32)^(1/4), and a change
// among the k best estimates sets the sum to 0: one value serves all filters of a segment (docs/decisions/0009).
#pragma once

#include "base/array.h"
#include "index/candidate.h"
#include "kernels/code_layout.h"

namespace elanus {

class Patience {
 public:
  // For up to `k_max` rows. False if there is no memory.
  bool init(uint32_t k_max) { return best_.resize(k_max); }
  size_t bytes() const { return best_.bytes(); }

  // 0: it never ends. REQUIRES: 1 <= k <= k_max.
  void begin(uint32_t k, float patience) {
    patience_ = patience;
    waited_ = 0;
    smallest_.begin(best_.data(), k);
  }
  // Up to 32 rows of one list were read, of which so many pass the filter.
  void wait(uint32_t passing) { waited_ += kWeights[passing]; }
  // A row was found, in them if wait() was called before.
  void offer(uint64_t candidate) {
    if (patience_ > 0 && smallest_.offer(candidate)) waited_ = 0;
  }
  // Not before k rows were found.
  bool ended() const { return patience_ > 0 && smallest_.full() && waited_ >= patience_; }

 private:
  // As a table: roots in float differ from library to library.
  static constexpr float kWeights[kScanRows + 1] = {
      0.0f, 13.45434f, 16.0f, 17.70691f, 19.02731f, 20.11893f, 21.05718f, 21.88452f, 22.62742f, 23.30361f,
      23.92558f, 24.50251f, 25.04135f, 25.54749f, 26.02522f, 26.47801f, 26.90869f, 27.31962f, 27.71281f,
      28.08994f, 28.45247f, 28.80165f, 29.13856f, 29.46419f, 29.77936f, 30.08482f, 30.38126f, 30.66927f,
      30.94938f, 31.22209f, 31.48783f, 31.74702f, 32.0f};

  float patience_ = 0;
  float waited_ = 0;
  SmallestPacked smallest_;
  Array<uint64_t> best_;
};

}  // namespace elanus
