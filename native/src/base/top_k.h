// TopK: the k best rows seen so far, a heap with the worst on top, in the caller's two arrays: nothing is allocated.
// Order: the smaller key is better, equal keys by row number, a NaN key worse than all others.
#pragma once

#include <stdint.h>

namespace elanus {

class TopK {
 public:
  // `rows` and `keys` have room for k. REQUIRES: k >= 1.
  void begin(uint32_t *rows, float *keys, uint32_t k) {
    rows_ = rows;
    keys_ = keys;
    k_ = k;
    size_ = 0;
  }

  // REQUIRES: rows are offered in ascending order, so that one compare refuses nearly all of them: an equal key of a
  // later row is worse.
  void offer(uint32_t row, float key) {
    if (size_ == k_ && keys_[0] <= key) return;
    insert(row, key);
  }

  // The key that the next row must stay below; +infinity while there is room.
  float bar() const { return size_ == k_ ? keys_[0] : __builtin_inff(); }

  // Sorts, best first, and gives the number of rows. The heap is then used up.
  uint32_t finish();

 private:
  void insert(uint32_t row, float key);
  void sink(uint32_t row, float key, uint32_t size);

  uint32_t *rows_;
  float *keys_;
  uint32_t k_;
  uint32_t size_;
};

}  // namespace elanus
