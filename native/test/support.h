// Support for the tests: they enter through elanus.h alone, and each runs once for every kernel set of this machine.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "elanus.h"

constexpr elanus_metric kMetrics[] = {ELANUS_L2, ELANUS_IP, ELANUS_COSINE};
constexpr uint32_t kSeed = 20261122;

// The positions of all kernel sets.
inline std::vector<uint32_t> kernel_sets() {
  std::vector<uint32_t> positions;
  for (uint32_t i = 0; elanus_kernels_name(i) != nullptr; i++) positions.push_back(i);
  return positions;
}

class EveryKernels : public testing::TestWithParam<uint32_t> {};

#define RUN_ON_EVERY_KERNELS(suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(All, suite, testing::ValuesIn(kernel_sets()),                    \
                           [](const auto &info) { return std::string(elanus_kernels_name(info.param)); })

struct CloseFlat {
  void operator()(elanus_flat *flat) const { elanus_flat_close(flat); }
};
using FlatPointer = std::unique_ptr<elanus_flat, CloseFlat>;

inline FlatPointer open_flat(uint32_t dim, elanus_metric metric, uint32_t kernels) {
  elanus_flat *flat = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_flat_open(dim, metric, ELANUS_FLOAT_VECTOR, kernels, &flat));
  return FlatPointer(flat);
}

inline std::vector<float> random_vectors(std::mt19937 &random, size_t count) {
  std::uniform_real_distribution<float> values(-1, 1);
  std::vector<float> vectors(count);
  for (float &value : vectors) value = values(random);
  return vectors;
}

struct Result {
  std::vector<uint32_t> counts, rows;
  std::vector<float> scores;
};

inline Result search(const FlatPointer &flat, const std::vector<float> &queries, uint32_t query_count, uint32_t k,
                     const std::vector<uint8_t> *alive = nullptr) {
  Result result{std::vector<uint32_t>(query_count), std::vector<uint32_t>(size_t(query_count) * k),
                std::vector<float>(size_t(query_count) * k)};
  EXPECT_EQ(ELANUS_OK, elanus_flat_search(flat.get(), queries.data(), query_count, k,
                                          alive == nullptr ? nullptr : alive->data(), nullptr, result.counts.data(),
                                          result.rows.data(), result.scores.data()));
  return result;
}

// The score in f64, and what an error is measured against: the sum of the sizes of what was added.
struct Truth {
  double score, scale;
};

inline Truth true_score(elanus_metric metric, const float *a, const float *b, uint32_t dim) {
  double sum = 0, size = 0, a2 = 0, b2 = 0;
  for (uint32_t i = 0; i < dim; i++) {
    const double x = a[i], y = b[i];
    const double term = metric == ELANUS_L2 ? (x - y) * (x - y) : x * y;
    sum += term;
    size += std::fabs(term);
    a2 += x * x;
    b2 += y * y;
  }
  if (metric != ELANUS_COSINE) return {sum, size};
  const double norms = std::sqrt(a2) * std::sqrt(b2);
  return norms == 0 ? Truth{0, 0} : Truth{sum / norms, size / norms};
}
