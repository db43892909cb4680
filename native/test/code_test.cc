// Codes: the layouts hold what was put in, the estimates are close and unbiased within their bound, and no vector,
// however odd, makes them anything but numbers.
#include "quant/code.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "quant/encoder.h"

namespace {

using namespace elanus;

constexpr uint32_t kSeed = 20261122;

struct Rows {
  uint32_t dim;
  std::vector<float> values;
  Vectors view() const {
    const auto at = [](const void *owner, uint32_t row) {
      const Rows *rows = static_cast<const Rows *>(owner);
      return rows->values.data() + size_t(row) * rows->dim;
    };
    return {this, at, uint32_t(values.size() / dim), dim};
  }
};

Rows normal_rows(uint32_t count, uint32_t dim, float centre = 0) {
  std::mt19937 random(kSeed + dim);
  std::normal_distribution<float> normal(centre, 1);
  Rows rows{dim, std::vector<float>(size_t(count) * dim)};
  for (float &value : rows.values) value = normal(random);
  return rows;
}

Quantizer trained(const Rows &rows, elanus_metric metric, const CodeKernels *kernels = code_kernels_at(0)) {
  Quantizer quantizer;
  EXPECT_TRUE(quantizer.init(rows.dim, metric, kSeed, kernels));
  EXPECT_TRUE(quantizer.train(rows.view()));
  return quantizer;
}

enum class Bits { kFour, kSeven };

std::vector<uint8_t> encode(const Quantizer &quantizer, const Rows &rows, Bits bits) {
  const size_t stride = bits == Bits::kFour ? code4_bytes(quantizer.padded_dim()) : code7_bytes(quantizer.padded_dim());
  const Vectors view = rows.view();
  std::vector<uint8_t> records(stride * view.count);
  Encoder encoder;
  EXPECT_TRUE(encoder.init(quantizer));
  for (uint32_t i = 0; i < view.count; i++) {
    encoder.load(view.row(i));
    const uint32_t centre = encoder.nearest().first;
    if (bits == Bits::kFour) encoder.encode4(centre, records.data() + i * stride);
    else encoder.encode7(centre, records.data() + i * stride);
  }
  return records;
}

// What the estimate stands for.
double true_key(elanus_metric metric, const float *q, const float *x, uint32_t dim) {
  double qq = 0, xx = 0, qx = 0;
  for (uint32_t i = 0; i < dim; i++) {
    qq += double(q[i]) * q[i];
    xx += double(x[i]) * x[i];
    qx += double(q[i]) * x[i];
  }
  if (metric == ELANUS_L2) return qq + xx - 2 * qx;
  return metric == ELANUS_IP ? qq - 2 * qx : 2 - 2 * qx / std::sqrt(qq * xx);
}

TEST(Codes, PlanesHoldTheCode) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {32u, 96u, 800u, 32768u}) {
    std::vector<uint8_t> code(dim / 2), signs(dim / 8), extra(dim / 8 * 3), back(dim / 2);
    for (uint8_t &byte : code) byte = uint8_t(random());
    planes_of(code.data(), dim, signs.data(), extra.data());
    code4_of(signs.data(), extra.data(), dim, back.data());
    EXPECT_EQ(code, back);
    // Dimension 17 is the upper nibble of byte 1; its top bit is bit 1 of the third byte of signs.
    EXPECT_EQ(code[1] >> 7, signs[2] >> 1 & 1);
  }
}

TEST(Codes, BlocksHoldTheSigns) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 96;
  for (uint32_t count : {1u, 16u, 17u, 32u}) {
    std::vector<std::vector<uint8_t>> planes(count, std::vector<uint8_t>(dim / 8));
    std::vector<const uint8_t *> pointers;
    for (std::vector<uint8_t> &plane : planes) {
      for (uint8_t &byte : plane) byte = uint8_t(random());
      pointers.push_back(plane.data());
    }
    std::vector<uint8_t> block(scan_block_bytes(dim), 0xff);
    scan_nibbles_of(pointers.data(), count, dim, block.data());
    for (uint32_t v = 0; v < kScanRows; v++) {
      for (uint32_t i = 0; i < dim; i++) {
        const uint32_t nibble = block[i / 4 * 16 + v % 16] >> (v / 16 * 4) & 15;
        const uint32_t expected = v < count ? planes[v][i / 8] >> (i % 8) & 1 : 0;
        ASSERT_EQ(expected, nibble >> (i % 4) & 1) << "vector " << v << " dimension " << i;
      }
    }
  }
}

TEST(Codes, StoredScalesAreClose) {
  for (float scale : {1e-37f, 1e-20f, 0.3f, 1.0f, 3.14159f, 1e20f, 3e38f}) {
    EXPECT_NEAR(1, scale_of(stored_scale(scale)) / scale, 1.0 / 500);
  }
  EXPECT_EQ(0, scale_of(stored_scale(0)));
  EXPECT_TRUE(std::isfinite(scale_of(stored_scale(std::numeric_limits<float>::infinity()))));
  EXPECT_TRUE(std::isfinite(scale_of(stored_scale(FLT_MAX))));
}

TEST(Codes, TheUpperFourOfSevenBitsAreTheFourBitCode) {
  const Rows rows = normal_rows(50, 100);
  const Quantizer quantizer = trained(rows, ELANUS_L2);
  const std::vector<uint8_t> four = encode(quantizer, rows, Bits::kFour), seven = encode(quantizer, rows, Bits::kSeven);
  const uint32_t dim = quantizer.padded_dim();
  for (uint32_t row = 0; row < 50; row++) {
    const uint8_t *code4 = four.data() + row * code4_bytes(dim), *code7 = seven.data() + row * code7_bytes(dim);
    for (uint32_t i = 0; i < dim; i++) {
      const uint8_t two = code4[i / 32 * 16 + i % 16];
      ASSERT_EQ(code7[i] >> 3, i % 32 < 16 ? two & 15 : two >> 4);
    }
  }
}

TEST(Codes, EstimatesAreCloseAndUnbiasedUnderEveryMetric) {
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    for (uint32_t dim : {2u, 30u, 128u, 390u}) {
      // Far from the origin, and of 4 queries that are no rows.
      const Rows rows = normal_rows(600, dim, 0.5f);
      const Quantizer quantizer = trained(rows, metric);
      const std::vector<uint8_t> four = encode(quantizer, rows, Bits::kFour);
      const std::vector<uint8_t> seven = encode(quantizer, rows, Bits::kSeven);
      Query query;
      ASSERT_TRUE(query.init(quantizer));
      const Rows queries = normal_rows(4, dim, 0.4f);
      double error = 0, error7 = 0, bias = 0, size = 0;
      uint32_t inside = 0, count = 0;
      for (uint32_t q = 0; q < 4; q++) {
        query.prepare(queries.view().row(q));
        std::vector<float> estimates(600), finer(600);
        const size_t stride = code4_bytes(quantizer.padded_dim());
        query.estimate4({four.data(), stride}, nullptr, 600, estimates.data());
        query.estimate7({seven.data(), code7_bytes(quantizer.padded_dim())}, nullptr, 600, finer.data());
        for (uint32_t row = 0; row < 600; row++) {
          const double truth = true_key(metric, queries.view().row(q), rows.view().row(row), dim);
          error += std::fabs(estimates[row] - truth);
          error7 += std::fabs(finer[row] - truth);
          bias += estimates[row] - truth;
          size += std::fabs(truth);
          count++;
          // The query's own rounding is not in the bound.
          const float bound = query.error4(four.data() + row * stride, 3);
          inside += std::fabs(estimates[row] - truth) <= double(bound) + 0.01 * std::fabs(truth) + 0.01;
        }
      }
      EXPECT_LT(error / size, 0.05) << "metric " << metric << " dim " << dim;
      EXPECT_LT(error7 / size, 0.012) << "metric " << metric << " dim " << dim;
      EXPECT_LT(std::fabs(bias) / size, 0.01) << "metric " << metric << " dim " << dim;
      EXPECT_GT(inside, count * 99 / 100) << "metric " << metric << " dim " << dim;
    }
  }
}

TEST(Codes, AreTheSameWithEveryKernels) {
  const Rows rows = normal_rows(300, 200);
  std::vector<uint8_t> first;
  for (uint32_t i = 0; code_kernels_at(i) != nullptr; i++) {
    const std::vector<uint8_t> codes = encode(trained(rows, ELANUS_COSINE, code_kernels_at(i)), rows, Bits::kFour);
    if (i == 0) first = codes;
    EXPECT_EQ(first, codes) << code_kernels_at(i)->name;
  }
}

TEST(Codes, ARestoredQuantizerReadsThem) {
  const Rows rows = normal_rows(200, 60);
  const Quantizer quantizer = trained(rows, ELANUS_L2);
  Quantizer restored;
  ASSERT_TRUE(restored.init(60, ELANUS_L2, kSeed, code_kernels_at(0)));
  ASSERT_TRUE(restored.restore(quantizer.mean(), quantizer.centres().rows().records, quantizer.centres().count()));
  EXPECT_EQ(encode(quantizer, rows, Bits::kFour), encode(restored, rows, Bits::kFour));
}

TEST(Codes, OddVectorsGiveNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    for (uint32_t dim : {2u, 33u}) {
      Rows rows{dim, {}};
      for (float value : {0.0f, 1.0f, 1e-45f, 1e-30f, 1e-18f, 1e18f, 3e38f, -3e38f, nan, infinity, -infinity}) {
        for (uint32_t i = 0; i < dim; i++) rows.values.push_back(i % 2 == 0 ? value : 1.0f);
        rows.values.insert(rows.values.end(), dim, value);
      }
      const Quantizer quantizer = trained(rows, metric);
      const Vectors view = rows.view();
      const std::vector<uint8_t> records = encode(quantizer, rows, Bits::kFour);
      encode(quantizer, rows, Bits::kSeven);
      Query query;
      ASSERT_TRUE(query.init(quantizer));
      std::vector<float> estimates(view.count);
      for (uint32_t q = 0; q < view.count; q++) {
        query.prepare(view.row(q));
        query.prepare_scan();
        query.estimate4({records.data(), code4_bytes(quantizer.padded_dim())}, nullptr, view.count, estimates.data());
        for (float estimate : estimates) EXPECT_TRUE(estimate <= FLT_MAX);
        for (uint32_t row = 0; row < view.count; row++) {
          EXPECT_FALSE(std::isnan(query.error4(records.data() + row * code4_bytes(quantizer.padded_dim()), 3)));
        }
      }
    }
  }
}

TEST(Codes, EqualVectorsHaveEqualCodes) {
  Rows rows{40, std::vector<float>(40 * 100, 0.7f)};
  const Quantizer quantizer = trained(rows, ELANUS_L2);
  const std::vector<uint8_t> records = encode(quantizer, rows, Bits::kFour);
  const size_t stride = code4_bytes(quantizer.padded_dim());
  for (uint32_t row = 1; row < 100; row++) EXPECT_EQ(0, memcmp(records.data(), records.data() + row * stride, stride));
  Query query;
  ASSERT_TRUE(query.init(quantizer));
  query.prepare(rows.values.data());
  float estimate;
  query.estimate4({records.data(), stride}, nullptr, 1, &estimate);
  EXPECT_NEAR(0, estimate, 1e-4);
}

}  // namespace
