// Code: between the layouts of a code.
#include "quant/code.h"

#include <float.h>

namespace elanus {

uint16_t stored_scale(float scale) {
  const float bounded = scale < FLT_MAX ? scale : FLT_MAX;
  uint32_t bits;
  memcpy(&bits, &bounded, sizeof(bits));
  // The largest that is not rounded up to infinity.
  constexpr uint32_t kLargest = 0xfeff;
  const uint32_t rounded = (bits + (1u << 14)) >> 15;
  return uint16_t(rounded < kLargest ? rounded : kLargest);
}

namespace {

inline uint32_t level_at(const uint8_t *code4, uint32_t i) {
  const uint8_t two = code4[i / 32 * 16 + i % 16];
  return i % 32 < 16 ? two & 15u : two >> 4;
}

}  // namespace

void planes_of(const uint8_t *code4, uint32_t padded_dim, uint8_t *signs, uint8_t *extra) {
  for (uint32_t group = 0; group < padded_dim / 8; group++) {
    uint32_t sign = 0, rest = 0;
    for (uint32_t i = 0; i < 8; i++) {
      const uint32_t level = level_at(code4, group * 8 + i);
      sign |= (level >> 3) << i;
      rest |= (level & 7) << (3 * i);
    }
    signs[group] = uint8_t(sign);
    for (uint32_t i = 0; i < 3; i++) extra[group * 3 + i] = uint8_t(rest >> (8 * i));
  }
}

void code4_of(const uint8_t *signs, const uint8_t *extra, uint32_t padded_dim, uint8_t *code4) {
  for (uint32_t block = 0; block < padded_dim / 32; block++) {
    uint8_t levels[32];
    for (uint32_t group = 0; group < 4; group++) {
      const uint32_t at = block * 4 + group;
      const uint32_t rest = extra[at * 3] | uint32_t(extra[at * 3 + 1]) << 8 | uint32_t(extra[at * 3 + 2]) << 16;
      for (uint32_t i = 0; i < 8; i++) {
        levels[group * 8 + i] = uint8_t((signs[at] >> i & 1) << 3 | (rest >> (3 * i) & 7));
      }
    }
    for (uint32_t i = 0; i < 16; i++) code4[block * 16 + i] = uint8_t(levels[i] | levels[i + 16] << 4);
  }
}

void put_scan_nibbles(const uint8_t *signs, uint32_t at, uint32_t padded_dim, uint8_t *block) {
  uint8_t *nibbles = block + at % 16;
  const uint32_t shift = at / 16 * 4;
  for (uint32_t j = 0; j < padded_dim / 8; j++, nibbles += 32) {
    nibbles[0] |= uint8_t((signs[j] & 15) << shift);
    nibbles[16] |= uint8_t((signs[j] >> 4) << shift);
  }
}

void scan_nibbles_of(const uint8_t *const *signs, uint32_t count, uint32_t padded_dim, uint8_t *block) {
  memset(block, 0, scan_base_at(padded_dim));
  for (uint32_t i = 0; i < count; i++) put_scan_nibbles(signs[i], i, padded_dim, block);
}

}  // namespace elanus
