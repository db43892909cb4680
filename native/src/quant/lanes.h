// Lanes: eight floats at a time over arrays whose length is a multiple of eight. Sums are kept in eight lanes and added
// in a fixed order at the end, so that they are the same on every machine however wide its registers are.
#pragma once

#include <stdint.h>
#include <string.h>

namespace elanus {

typedef float Lanes8 __attribute__((vector_size(32)));
typedef int32_t Lanes8Int __attribute__((vector_size(32)));

// By reference: a vector wider than the baseline's registers is no argument.
inline void load8(Lanes8 &lanes, const float *at) { memcpy(&lanes, at, sizeof(lanes)); }
inline void store8(float *at, const Lanes8 &lanes) { memcpy(at, &lanes, sizeof(lanes)); }

inline float total8(const Lanes8 &lanes) {
  const float even = (lanes[0] + lanes[4]) + (lanes[2] + lanes[6]);
  const float odd = (lanes[1] + lanes[5]) + (lanes[3] + lanes[7]);
  return even + odd;
}

inline float dot8(const float *a, const float *b, uint32_t size) {
  Lanes8 sum = {}, x, y;
  for (uint32_t i = 0; i < size; i += 8) {
    load8(x, a + i);
    load8(y, b + i);
    sum += x * y;
  }
  return total8(sum);
}

// The largest size of an element. Elements are numbers.
inline float largest8(const float *a, uint32_t size) {
  Lanes8 most = {}, x;
  for (uint32_t i = 0; i < size; i += 8) {
    load8(x, a + i);
    const Lanes8 negative = -x;
    x = x < negative ? negative : x;
    most = most < x ? x : most;
  }
  float largest = 0;
  for (uint32_t i = 0; i < 8; i++) largest = largest < most[i] ? most[i] : largest;
  return largest;
}

}  // namespace elanus
