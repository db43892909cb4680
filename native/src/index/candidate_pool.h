// CandidatePool: the best of many candidates. It takes what is below its threshold until it is full, then the best are
// selected and the threshold becomes the worst of them: a row costs a push, not a place in an order.
#pragma once

#include "base/array.h"
#include "index/candidate.h"

namespace elanus {

class CandidatePool {
 public:
  // To keep up to `keep_max`. False if there is no memory.
  bool init(uint32_t keep_max);
  size_t bytes() const { return items_.bytes(); }

  // REQUIRES: 1 <= keep <= keep_max.
  void begin(uint32_t keep);
  uint32_t size() const { return size_; }
  // Estimates that are not below it are none of the best.
  float threshold() const { return threshold_; }
  void add(uint64_t candidate) {
    items_[size_++] = candidate;
    if (size_ == full_) shrink();
  }
  // Leaves the best, `keep` of begin() at most, in no order.
  void shrink();
  uint64_t *items() { return items_.data(); }

 private:
  uint32_t keep_ = 0, full_ = 0, size_ = 0;
  float threshold_ = 0;
  Array<uint64_t> items_;
};

}  // namespace elanus
