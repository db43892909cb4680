// Element: the types of value that a row may hold, and what each value means as f32. Every conversion is that of
// IEEE 754, to nearest with ties to even, and gives the same bits on every machine, but that a NaN may become another
// NaN. Internal linkage throughout: files of every instruction set include this.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace elanus {

// Positions in the tables of TypedKernels.
enum class Element : uint32_t { kF32 = 0, kF16 = 1, kBf16 = 2, kI8 = 3, kU8 = 4 };
constexpr uint32_t kElements = 5;

struct F16 {
  uint16_t bits;  // sign, 5 bits of exponent, 10 of fraction
};
struct Bf16 {
  uint16_t bits;  // the upper half of an f32
};

static inline uint32_t element_bytes(Element element) {
  return element == Element::kF32 ? 4 : element == Element::kI8 || element == Element::kU8 ? 1 : 2;
}

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline float value_of(float value) { return value; }
static inline float value_of(int8_t value) { return value; }
static inline float value_of(uint8_t value) { return value; }
static inline float value_of(Bf16 value) { return float_of(uint32_t(value.bits) << 16); }

// Without branches, so that compilers put several in a register.
static inline float value_of(F16 value) {
  const uint32_t magnitude = value.bits & 0x7fff, sign = uint32_t(value.bits & 0x8000) << 16;
  const uint32_t normal = (magnitude << 13) + (112u << 23);
  const uint32_t infinite = 0x7f800000 | magnitude << 13;
  const uint32_t subnormal = bits_of(float(int32_t(magnitude)) * 0x1p-24f);
  return float_of(sign | (magnitude >= 0x7c00 ? infinite : magnitude < 0x400 ? subnormal : normal));
}

static inline void store_value(float value, float *to) { *to = value; }

// Beyond 65504 and a half step: infinity.
static inline void store_value(float value, F16 *to) {
  const uint32_t magnitude = bits_of(value) & 0x7fffffff, sign = bits_of(value) >> 16 & 0x8000;
  const uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23)) >> 13;
  // The step of an f32 at 0.5 is that of an f16 subnormal: the addition rounds.
  const uint32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  const uint32_t nan = 0x7e00 | (magnitude >> 13 & 0x3ff);
  const uint32_t finite = magnitude < 0x38800000 ? subnormal : normal;
  const uint32_t rounded = magnitude > 0x7f800000 ? nan : magnitude >= 0x477ff000 ? 0x7c00 : finite;
  to->bits = uint16_t(sign | rounded);
}

static inline void store_value(float value, Bf16 *to) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  to->bits = uint16_t((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
}

// The nearest whole number of -2^21 .. 2^21, ties to even: the step of an f32 at 1.5 * 2^23 is 1.
static inline int32_t nearest_whole(float value) { return int32_t(bits_of(value + 0x1.8p23f)) - int32_t(bits_of(0x1.8p23f)); }

// Beyond the least and the greatest: those. NaN: the least.
static inline void store_value(float value, int8_t *to) {
  const float least = value > -128 ? value : -128;
  *to = int8_t(nearest_whole(least < 127 ? least : 127));
}

static inline void store_value(float value, uint8_t *to) {
  const float least = value > 0 ? value : 0;
  *to = uint8_t(nearest_whole(least < 255 ? least : 255));
}

}  // namespace elanus
