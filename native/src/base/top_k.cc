// TopK: a binary heap; node i has its children at 2i + 1 and 2i + 2.
#include "base/top_k.h"

namespace elanus {
namespace {

bool worse(float key, uint32_t row, float than_key, uint32_t than_row) {
  if (key > than_key) return true;
  if (key < than_key) return false;
  const bool nan = key != key, than_nan = than_key != than_key;
  return nan != than_nan ? nan : row > than_row;
}

}  // namespace

void TopK::insert(uint32_t row, float key) {
  if (size_ == k_) {
    if (worse(keys_[0], rows_[0], key, row)) sink(row, key, size_);
    return;
  }
  uint32_t at = size_++;
  while (at > 0) {
    const uint32_t parent = (at - 1) / 2;
    if (!worse(key, row, keys_[parent], rows_[parent])) break;
    keys_[at] = keys_[parent];
    rows_[at] = rows_[parent];
    at = parent;
  }
  keys_[at] = key;
  rows_[at] = row;
}

// Puts a pair in the place of the top.
void TopK::sink(uint32_t row, float key, uint32_t size) {
  uint32_t at = 0;
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && worse(keys_[child + 1], rows_[child + 1], keys_[child], rows_[child])) child++;
    if (!worse(keys_[child], rows_[child], key, row)) break;
    keys_[at] = keys_[child];
    rows_[at] = rows_[child];
    at = child;
  }
  keys_[at] = key;
  rows_[at] = row;
}

uint32_t TopK::finish() {
  for (uint32_t last = size_; last-- > 1;) {
    const float key = keys_[last];
    const uint32_t row = rows_[last];
    keys_[last] = keys_[0];
    rows_[last] = rows_[0];
    sink(row, key, last);
  }
  return size_;
}

}  // namespace elanus
