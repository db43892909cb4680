// Random: a seeded sequence (xorshift64*, Vigna 2016), the same on every machine. Not for secrets.
#pragma once

#include <stdint.h>

namespace elanus {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x632be59bd9b4e019u) {
    if (state_ == 0) state_ = 1;
  }

  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1du;
  }

  // 0 .. limit - 1. REQUIRES: limit >= 1. The bias is below limit / 2^32.
  uint32_t below(uint32_t limit) { return uint32_t((uint64_t(uint32_t(next() >> 32)) * limit) >> 32); }

 private:
  uint64_t state_;
};

}  // namespace elanus
