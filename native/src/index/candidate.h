// Candidate: a row with its estimate (quant/code.h), smaller is better. Candidates are ordered by estimate, then row,
// so that what is kept never depends on the order in which rows came.
#pragma once

#include <stdint.h>
#include <string.h>

namespace elanus {

struct Candidate {
  float estimate;
  uint32_t row;
};

// A candidate as one number in the order of candidates. Negative zero counts as less than zero.
inline uint64_t pack_candidate(float estimate, uint32_t row) {
  uint32_t bits;
  memcpy(&bits, &estimate, sizeof(bits));
  // Numbers order as their bits do, negative ones backwards.
  bits ^= uint32_t(int32_t(bits) >> 31) | 0x80000000u;
  return uint64_t(bits) << 32 | row;
}

inline Candidate unpack_candidate(uint64_t packed) {
  uint32_t bits = uint32_t(packed >> 32);
  bits ^= (bits >> 31) != 0 ? 0x80000000u : 0xffffffffu;
  Candidate candidate;
  memcpy(&candidate.estimate, &bits, sizeof(bits));
  candidate.row = uint32_t(packed);
  return candidate;
}

// The k smallest of what was offered, a heap with the largest on top, in the caller's memory.
class SmallestPacked {
 public:
  // `items` has room for k. REQUIRES: k >= 1.
  void begin(uint64_t *items, uint32_t k) {
    items_ = items;
    k_ = k;
    size_ = 0;
  }
  uint32_t size() const { return size_; }
  bool full() const { return size_ == k_; }
  // REQUIRES: size() >= 1.
  uint64_t largest() const { return items_[0]; }
  // True if it was taken.
  bool offer(uint64_t item) {
    if (size_ == k_ && item >= items_[0]) return false;
    insert(item);
    return true;
  }

 private:
  void insert(uint64_t item);

  uint64_t *items_ = nullptr;
  uint32_t k_ = 0;
  uint32_t size_ = 0;
};

// Moves the `count` smallest of `items` to the front, in no order. REQUIRES: 1 <= count <= size.
void select_smallest(uint64_t *items, size_t size, size_t count);
// Ascending.
void sort_packed(uint64_t *items, size_t size);

}  // namespace elanus
