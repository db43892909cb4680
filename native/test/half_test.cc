// Half: every bit pattern of f16 and bf16 means what IEEE 754 says, and f32 values go to the nearest of them, in every
// kernel set alike.
#include <cstring>

#include "kernels/typed_kernels.h"
#include "support.h"

namespace {

using namespace elanus;

constexpr uint32_t kPatterns = 65536;

class Half : public EveryKernels {
 protected:
  const TypedKernels *typed() const { return typed_kernels_of(kernels_at(GetParam())); }
};

// From the definition: (1 +) fraction / 2^bits, times a power of two.
double meaning(uint32_t bits, int exponent_bits, int fraction_bits) {
  const int exponent = int(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const int fraction = int(bits) & ((1 << fraction_bits) - 1), bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * INFINITY : NAN;
  const int whole = exponent == 0 ? 0 : 1 << fraction_bits;
  return sign * std::ldexp(whole + fraction, (exponent == 0 ? 1 : exponent) - bias - fraction_bits);
}

double meaning(Element element, uint32_t bits) {
  return element == Element::kF16 ? meaning(bits, 5, 10) : meaning(bits, 8, 7);
}

constexpr Element kHalves[] = {Element::kF16, Element::kBf16};
uint32_t infinity_of(Element element) { return element == Element::kF16 ? 0x7c00 : 0x7f80; }

std::vector<uint16_t> all_patterns() {
  std::vector<uint16_t> patterns(kPatterns);
  std::iota(patterns.begin(), patterns.end(), uint16_t(0));
  return patterns;
}

void expect_same(double expected, float found, uint32_t bits) {
  if (std::isnan(expected)) {
    ASSERT_TRUE(std::isnan(found)) << std::hex << bits;
  } else {
    ASSERT_EQ(expected, found) << std::hex << bits;
    ASSERT_EQ(std::signbit(expected), std::signbit(found)) << std::hex << bits;
  }
}

TEST_P(Half, WidensEveryPattern) {
  const std::vector<uint16_t> patterns = all_patterns();
  for (Element element : kHalves) {
    std::vector<float> values(kPatterns);
    typed()->widen[uint32_t(element)](patterns.data(), kPatterns, values.data());
    for (uint32_t bits = 0; bits < kPatterns; bits++) expect_same(meaning(element, bits), values[bits], bits);
  }
}

TEST_P(Half, NarrowingWhatWasWidenedGivesEveryPatternBack) {
  const std::vector<uint16_t> patterns = all_patterns();
  for (Element element : kHalves) {
    std::vector<float> values(kPatterns);
    std::vector<uint16_t> back(kPatterns);
    typed()->widen[uint32_t(element)](patterns.data(), kPatterns, values.data());
    typed()->narrow[uint32_t(element)](values.data(), kPatterns, back.data());
    const uint32_t quiet = element == Element::kF16 ? 0x200 : 0x40;
    for (uint32_t bits = 0; bits < kPatterns; bits++) {
      ASSERT_EQ((bits & 0x7fff) > infinity_of(element) ? bits | quiet : bits, back[bits]) << std::hex << bits;
    }
  }
}

TEST_P(Half, DistancesReadEveryPattern) {
  // One value of a row meets a 1, in every lane of a register and in the tail; the others are zeros.
  constexpr uint32_t kDim = 21;
  for (Element element : kHalves) {
    for (uint32_t bits = 0; bits < kPatterns; bits++) {
      const uint32_t at = bits % kDim;
      uint16_t row[kDim] = {};
      float query[kDim] = {}, scores[kBlockRowsMax];
      row[at] = uint16_t(bits);
      query[at] = 1;
      const void *rows = row;
      typed()->dot[uint32_t(element)]({query, 1, 1, kDim, &rows, scores});
      const double expected = meaning(element, bits);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(scores[0])) << std::hex << bits;
      } else {
        ASSERT_EQ(expected, scores[0]) << std::hex << bits;
      }
    }
  }
}

TEST_P(Half, NarrowsToTheNearestTiesToEven) {
  for (Element element : kHalves) {
    std::vector<float> values;
    std::vector<uint16_t> expected;
    const auto expect = [&](float value, uint32_t bits) {
      values.push_back(value);
      expected.push_back(uint16_t(bits));
      values.push_back(-value);
      expected.push_back(uint16_t(bits | 0x8000));
    };
    // The last pair is the greatest number and infinity, whose place is one step on.
    for (uint32_t bits = 0; bits < infinity_of(element); bits++) {
      const double low = meaning(element, bits);
      const double step = meaning(element, bits + 1) - low;
      const double high = std::isinf(step) ? low + (low - meaning(element, bits - 1)) : low + step;
      const float middle = float(low + (high - low) / 2);
      expect(middle, bits % 2 == 0 ? bits : bits + 1);
      expect(std::nextafterf(middle, 0), bits);
      expect(std::nextafterf(middle, INFINITY), bits + 1);
    }
    std::vector<uint16_t> found(values.size());
    typed()->narrow[uint32_t(element)](values.data(), values.size(), found.data());
    for (size_t i = 0; i < values.size(); i++) {
      ASSERT_EQ(expected[i], found[i]) << "element " << uint32_t(element) << " value " << values[i];
    }
  }
}

TEST_P(Half, NarrowsAnyBitsAsScalarDoes) {
  std::mt19937 random(kSeed);
  const TypedKernels *scalar = typed_kernels_of(kernels_at(kernel_sets().back()));
  std::vector<float> values(1000003);
  for (float &value : values) value = float_of(random());
  for (uint32_t element = 0; element < kElements; element++) {
    const size_t bytes = values.size() * element_bytes(Element(element));
    std::vector<uint8_t> expected(bytes), found(bytes);
    scalar->narrow[element](values.data(), values.size(), expected.data());
    typed()->narrow[element](values.data(), values.size(), found.data());
    ASSERT_EQ(expected, found) << "element " << element;
  }
}

TEST_P(Half, WholeNumbersAreClampedAndRoundedToEven) {
  const std::vector<float> values = {-1e30f, -128.6f, -128, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 126.5f, 127.4f, 255.4f, 1e30f, NAN, INFINITY};
  std::vector<int8_t> i8(values.size());
  std::vector<uint8_t> u8(values.size());
  typed()->narrow[uint32_t(Element::kI8)](values.data(), values.size(), i8.data());
  typed()->narrow[uint32_t(Element::kU8)](values.data(), values.size(), u8.data());
  EXPECT_EQ((std::vector<int8_t>{-128, -128, -128, -2, 0, 0, 2, 2, 126, 127, 127, 127, -128, 127}), i8);
  EXPECT_EQ((std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 2, 2, 126, 127, 255, 255, 0, 255}), u8);
}

RUN_ON_EVERY_KERNELS(Half);

}  // namespace
