// Code kernels: every set gives the same bits as the scalar one, at every dimension, on random and extreme codes.
#include <gtest/gtest.h>

#include <cfloat>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/code_kernels.h"

namespace {

using namespace elanus;

constexpr uint32_t kSeed = 20261122;

const CodeKernels &scalar() {
  uint32_t last = 0;
  while (code_kernels_at(last + 1) != nullptr) last++;
  return *code_kernels_at(last);
}

std::vector<const CodeKernels *> sets() {
  std::vector<const CodeKernels *> all;
  for (uint32_t i = 0; code_kernels_at(i) != nullptr; i++) all.push_back(code_kernels_at(i));
  return all;
}

std::vector<uint32_t> dims() {
  std::vector<uint32_t> dims;
  for (uint32_t dim = 32; dim <= 2112; dim += 32) dims.push_back(dim);
  for (uint32_t dim : {2144u, 4096u, 4128u, 32768u}) dims.push_back(dim);
  return dims;
}

enum class Fill { kRandom, kLowest, kHighest };

uint8_t byte_of(Fill fill, uint32_t highest, std::mt19937 &random) {
  return uint8_t(fill == Fill::kRandom ? random() % (highest + 1) : fill == Fill::kLowest ? 0 : highest);
}

// A query and its memory.
struct TestQuery {
  std::vector<int8_t> values, low, high;
  std::vector<float> centres;
  CodeQuery query;
  TestQuery(uint32_t dim, Fill fill, std::mt19937 &random)
      : values(dim + kCodeQueryTail), low(dim / 2 + kCodeQueryTail), high(low), centres(kCodeCentresMax) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < dim; i++) {
      values[i] = int8_t(int32_t(byte_of(fill, 254, random)) - 127);
      sum += values[i];
      (i % 32 < 16 ? low : high)[i / 32 * 16 + i % 16] = values[i];
    }
    for (float &centre : centres) centre = float(random() % 1000) / 7;
    query = {dim, values.data(), low.data(), high.data(), sum, 0.013f, centres.data()};
  }
};

std::vector<uint8_t> codes(size_t code_bytes, uint32_t highest, uint32_t count, Fill fill, std::mt19937 &random) {
  std::vector<uint8_t> records;
  for (uint32_t i = 0; i < count; i++) {
    for (size_t j = 0; j < code_bytes - sizeof(Factors); j++) records.push_back(byte_of(fill, highest, random));
    const Factors factors = {float(random() % 1000) / 3 - 100, uint16_t(0x3f00 + random() % 128), uint8_t(random()), 0};
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(&factors);
    records.insert(records.end(), bytes, bytes + sizeof(factors));
  }
  return records;
}

template <class Estimate>
void expect_equal(Estimate CodeKernels::*estimate, size_t (*code_bytes)(uint32_t), uint32_t highest) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : dims()) {
    for (Fill fill : {Fill::kRandom, Fill::kLowest, Fill::kHighest}) {
      const TestQuery query(dim, fill, random);
      // Exactly as long as it has to be, so that reading beyond the last code is found.
      const std::vector<uint8_t> records = codes(code_bytes(dim), highest, 7, fill, random);
      const CodeRows rows = {records.data(), code_bytes(dim)};
      const std::vector<uint32_t> ids = {6, 0, 3, 3, 5, 1};
      for (uint32_t count : {1u, 4u, 6u}) {
        std::vector<float> truth(count), found(count);
        (scalar().*estimate)(query.query, rows, ids.data(), count, truth.data());
        for (const CodeKernels *set : sets()) {
          (set->*estimate)(query.query, rows, ids.data(), count, found.data());
          ASSERT_EQ(0, memcmp(truth.data(), found.data(), count * sizeof(float))) << set->name << " dim " << dim;
        }
      }
      std::vector<float> truth(7), found(7);
      (scalar().*estimate)(query.query, rows, nullptr, 7, truth.data());
      for (const CodeKernels *set : sets()) {
        (set->*estimate)(query.query, rows, nullptr, 7, found.data());
        ASSERT_EQ(truth, found) << set->name << " dim " << dim;
      }
    }
  }
}

TEST(CodeKernels, FourBitEstimatesAreEqualInEverySet) { expect_equal(&CodeKernels::estimate4, code4_bytes, 255); }
TEST(CodeKernels, SevenBitEstimatesAreEqualInEverySet) { expect_equal(&CodeKernels::estimate7, code7_bytes, 127); }

TEST(CodeKernels, ScansAreEqualInEverySet) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : dims()) {
    for (Fill fill : {Fill::kRandom, Fill::kHighest}) {
      std::vector<uint8_t> table(dim * 4), block(scan_block_bytes(dim));
      int32_t total = 0;
      for (uint32_t i = 0; i < dim; i += 4) {
        uint8_t magnitudes[4];
        for (uint8_t &magnitude : magnitudes) total += magnitude = byte_of(fill, 31, random);
        const uint32_t signs = random() % 16;
        for (uint32_t entry = 0; entry < 16; entry++) {
          for (uint32_t j = 0; j < 4; j++) {
            if (((entry ^ signs) >> j & 1) == 0) table[i * 4 + entry] = uint8_t(table[i * 4 + entry] + magnitudes[j]);
          }
        }
      }
      for (uint8_t &byte : block) byte = uint8_t(random());
      for (uint32_t i = 0; i < kScanRows; i++) {
        const float base = float(random() % 1000) - 500;
        const uint16_t scale = uint16_t(0x3f00 + random() % 128);
        memcpy(block.data() + scan_base_at(dim) + 4 * i, &base, 4);
        memcpy(block.data() + scan_scale_at(dim) + 2 * i, &scale, 2);
      }
      const ScanQuery query = {dim, table.data(), total, 0.02f};
      float truth[kScanRows], found[kScanRows];
      scalar().scan(query, block.data(), 17, 0, truth);
      const float threshold = truth[random() % kScanRows];
      const uint32_t below = scalar().scan(query, block.data(), 17, threshold, truth);
      for (const CodeKernels *set : sets()) {
        ASSERT_EQ(below, set->scan(query, block.data(), 17, threshold, found)) << set->name << " dim " << dim;
        ASSERT_EQ(0, memcmp(truth, found, sizeof(truth))) << set->name << " dim " << dim;
      }
    }
  }
}

// Stored factors are not trusted: whatever their bytes, an estimate orders.
TEST(CodeKernels, NoEstimateIsNaN) {
  const uint32_t dim = 64;
  std::mt19937 random(kSeed);
  const TestQuery query(dim, Fill::kRandom, random);
  std::vector<uint8_t> record = codes(code4_bytes(dim), 255, 1, Fill::kRandom, random);
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (float base : {nan, infinity, FLT_MAX, 0.0f}) {
    for (uint16_t scale : {0xffff, 0xff00, 0xfeff, 0}) {
      const Factors factors = {base, scale, 0, 0};
      memcpy(record.data() + dim / 2, &factors, sizeof(factors));
      for (const CodeKernels *set : sets()) {
        float estimate;
        set->estimate4(query.query, {record.data(), record.size()}, nullptr, 1, &estimate);
        EXPECT_TRUE(estimate <= FLT_MAX) << set->name;
      }
    }
  }
}

TEST(FrameKernels, EverySetGivesTheSameBits) {
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  for (uint32_t dim : dims()) {
    std::vector<float> a(dim), b(dim), signs(dim * 4);
    for (float &x : a) x = normal(random);
    for (float &x : b) x = normal(random);
    for (float &x : signs) x = random() % 2 == 0 ? 0.25f : -0.25f;
    uint32_t power = 32;
    while (power * 2 <= dim) power *= 2;
    const Rotor rotor = {dim, power, 4, signs.data()};
    const FrameKernels &truth = scalar().frame;
    std::vector<float> rotated = a;
    truth.rotate(rotor, rotated.data());
    std::vector<int8_t> values(dim), found_values(dim);
    const float inverse = 127 / truth.largest(a.data(), dim);
    const int32_t sum = truth.quantise(a.data(), dim, inverse, values.data());
    std::vector<uint8_t> levels(dim), found_levels(dim);
    truth.levels(a.data(), dim, 21, levels.data());
    const CodeSums tried = truth.try_levels(a.data(), dim, 21);
    const CodeSums summed = truth.sum_levels(a.data(), b.data(), levels.data(), dim, 3, 7.5f);
    EXPECT_EQ(tried.residual, summed.residual);
    EXPECT_EQ(tried.norm2, summed.norm2);
    for (const CodeKernels *set : sets()) {
      const FrameKernels &frame = set->frame;
      std::vector<float> found = a;
      frame.rotate(rotor, found.data());
      ASSERT_EQ(rotated, found) << set->name << " dim " << dim;
      ASSERT_EQ(truth.dot(a.data(), b.data(), dim), frame.dot(a.data(), b.data(), dim)) << set->name;
      ASSERT_EQ(truth.largest(a.data(), dim), frame.largest(a.data(), dim)) << set->name;
      ASSERT_EQ(sum, frame.quantise(a.data(), dim, inverse, found_values.data())) << set->name;
      ASSERT_EQ(values, found_values) << set->name;
      frame.levels(a.data(), dim, 21, found_levels.data());
      ASSERT_EQ(levels, found_levels) << set->name;
      const CodeSums found_tried = frame.try_levels(a.data(), dim, 21);
      const CodeSums found_summed = frame.sum_levels(a.data(), b.data(), levels.data(), dim, 3, 7.5f);
      ASSERT_EQ(0, memcmp(&tried, &found_tried, sizeof(tried))) << set->name;
      ASSERT_EQ(0, memcmp(&summed, &found_summed, sizeof(summed))) << set->name;
    }
  }
}

}  // namespace
