// Search: the flat index gives what sorting all scores gives, for every metric, k, filter and batch.
#include <algorithm>
#include <limits>

#include "support.h"

namespace {

constexpr uint32_t kDim = 19;

using Search = EveryKernels;

// Small whole numbers: every kernel set computes the same score exactly, and there are many ties.
std::vector<float> tied_vectors(std::mt19937 &random, size_t count) {
  std::uniform_int_distribution<int> values(-1, 1);
  std::vector<float> vectors(count);
  for (float &value : vectors) value = float(values(random));
  return vectors;
}

bool is_alive(const std::vector<uint8_t> &alive, uint32_t row) { return (alive[row >> 3] >> (row & 7)) & 1; }

// Rows by score, then by number, the way the header says.
std::vector<uint32_t> expected_rows(elanus_metric metric, const std::vector<float> &vectors, const float *query,
                                    uint32_t k, const std::vector<uint8_t> *alive) {
  std::vector<std::pair<double, uint32_t>> order;
  for (uint32_t row = 0; row < vectors.size() / kDim; row++) {
    if (alive != nullptr && !is_alive(*alive, row)) continue;
    const double score = true_score(metric, query, vectors.data() + size_t(row) * kDim, kDim).score;
    order.push_back({metric == ELANUS_L2 ? score : -score, row});
  }
  std::sort(order.begin(), order.end());
  if (order.size() > k) order.resize(k);
  std::vector<uint32_t> rows;
  for (const auto &[key, row] : order) rows.push_back(row);
  return rows;
}

void expect_rows(const Result &result, uint32_t query, uint32_t k, const std::vector<uint32_t> &expected) {
  ASSERT_EQ(expected.size(), result.counts[query]);
  const auto first = result.rows.begin() + size_t(query) * k;
  EXPECT_EQ(expected, std::vector<uint32_t>(first, first + result.counts[query])) << "query " << query << " k " << k;
}

TEST_P(Search, EqualsSortingForEveryK) {
  std::mt19937 random(kSeed);
  const std::vector<float> vectors = tied_vectors(random, 500 * kDim), queries = tied_vectors(random, 5 * kDim);
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP}) {
    const FlatPointer flat = open_flat(kDim, metric, GetParam());
    ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 500));
    for (uint32_t k : {1u, 2u, 3u, 10u, 100u, 499u, 500u, 501u, ELANUS_K_MAX}) {
      const Result result = search(flat, queries, 5, k);
      for (uint32_t q = 0; q < 5; q++) {
        expect_rows(result, q, k, expected_rows(metric, vectors, queries.data() + q * kDim, k, nullptr));
      }
    }
  }
}

TEST_P(Search, EqualsSortingUnderCosine) {
  std::mt19937 random(kSeed + 1);
  const std::vector<float> vectors = random_vectors(random, 300 * kDim), query = random_vectors(random, kDim);
  const FlatPointer flat = open_flat(kDim, ELANUS_COSINE, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 300));
  expect_rows(search(flat, query, 1, 20), 0, 20, expected_rows(ELANUS_COSINE, vectors, query.data(), 20, nullptr));
}

TEST_P(Search, GivesEqualScoresByRowNumber) {
  for (elanus_metric metric : kMetrics) {
    const FlatPointer flat = open_flat(kDim, metric, GetParam());
    const std::vector<float> same(200 * kDim, 1.0f), query(kDim, 1.0f);
    ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), same.data(), 200));
    for (uint32_t k : {1u, 7u, 199u, 300u}) {
      std::vector<uint32_t> expected(std::min(k, 200u));
      std::iota(expected.begin(), expected.end(), 0);
      expect_rows(search(flat, query, 1, k), 0, k, expected);
    }
  }
}

TEST_P(Search, TakesOnlyTheRowsAlive) {
  std::mt19937 random(kSeed + 2);
  constexpr uint32_t kRows = 777;
  const std::vector<float> vectors = tied_vectors(random, kRows * kDim), query = tied_vectors(random, kDim);
  const FlatPointer flat = open_flat(kDim, ELANUS_L2, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), kRows));
  std::vector<std::vector<uint8_t>> bitsets = {std::vector<uint8_t>(104, 0), std::vector<uint8_t>(104, 0xff)};
  for (uint32_t row : {0u, 63u, 64u, 500u, 776u}) {
    bitsets.push_back(bitsets[0]);
    bitsets.back()[row >> 3] = uint8_t(1 << (row & 7));
  }
  for (uint32_t one_in : {2u, 10u, 100u}) {
    bitsets.push_back(bitsets[0]);
    for (uint32_t row = 0; row < kRows; row++) {
      if (random() % one_in == 0) bitsets.back()[row >> 3] |= uint8_t(1 << (row & 7));
    }
  }
  for (const std::vector<uint8_t> &alive : bitsets) {
    expect_rows(search(flat, query, 1, 25, &alive), 0, 25, expected_rows(ELANUS_L2, vectors, query.data(), 25, &alive));
  }
}

TEST_P(Search, OfABatchIsTheSearchOfEachQuery) {
  std::mt19937 random(kSeed + 3);
  constexpr uint32_t kQueries = 131;  // more than two groups, and a remainder of every tile
  for (uint32_t dim : {3u, 100u, 2000u}) {
    const std::vector<float> vectors = random_vectors(random, size_t(200) * dim);
    const std::vector<float> queries = random_vectors(random, size_t(kQueries) * dim);
    for (elanus_metric metric : kMetrics) {
      const FlatPointer flat = open_flat(dim, metric, GetParam());
      ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 200));
      const Result batch = search(flat, queries, kQueries, 10);
      for (uint32_t q = 0; q < kQueries; q++) {
        const auto first = queries.begin() + size_t(q) * dim;
        const Result single = search(flat, std::vector<float>(first, first + dim), 1, 10);
        ASSERT_EQ(10u, batch.counts[q]);
        for (uint32_t i = 0; i < 10; i++) {
          ASSERT_EQ(single.rows[i], batch.rows[q * 10 + i]) << "dim " << dim << " query " << q;
          ASSERT_EQ(single.scores[i], batch.scores[q * 10 + i]) << "dim " << dim << " query " << q;
        }
      }
    }
  }
}

TEST_P(Search, PutsNaNLastAndInfinityBeforeIt) {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNaN = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> vectors = {kNaN, 1, 3e38f, 0, 1, 1, kInf, 0, 0, kNaN, 2, 2};
  const FlatPointer l2 = open_flat(2, ELANUS_L2, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(l2.get(), vectors.data(), 6));
  const std::vector<float> query = {1, 1};
  EXPECT_EQ((std::vector<uint32_t>{2, 5, 1, 3, 0, 4}), search(l2, query, 1, 6).rows);
  EXPECT_EQ((std::vector<uint32_t>{2}), search(l2, query, 1, 1).rows);
  EXPECT_EQ((std::vector<uint32_t>{2, 5, 1, 3, 0}), search(l2, query, 1, 5).rows);
  const FlatPointer ip = open_flat(2, ELANUS_IP, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(ip.get(), vectors.data(), 6));
  EXPECT_EQ((std::vector<uint32_t>{3, 1, 5, 2, 0, 4}), search(ip, query, 1, 6).rows);
}

TEST_P(Search, OfOnlyNaNScoresIsByRowNumber) {
  const FlatPointer flat = open_flat(4, ELANUS_IP, GetParam());
  const std::vector<float> vectors(4 * 150, std::numeric_limits<float>::quiet_NaN());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 150));
  const Result result = search(flat, {1, 1, 1, 1}, 1, 3);
  EXPECT_EQ((std::vector<uint32_t>{0, 1, 2}), result.rows);
  EXPECT_TRUE(std::isnan(result.scores[0]));
}

TEST_P(Search, OfAnEmptyIndexFindsNothing) {
  for (elanus_metric metric : kMetrics) {
    const FlatPointer flat = open_flat(kDim, metric, GetParam());
    EXPECT_EQ((std::vector<uint32_t>{0, 0}), search(flat, std::vector<float>(2 * kDim), 2, 5).counts);
  }
}

TEST_P(Search, SortsALargeKFromWorstToBest) {
  // Rows come nearer and nearer, so that each replaces the worst.
  constexpr uint32_t kRows = 40000;
  std::vector<float> vectors(kRows);
  for (uint32_t i = 0; i < kRows; i++) vectors[i] = float(kRows - i);
  const FlatPointer flat = open_flat(1, ELANUS_L2, GetParam());
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), kRows));
  const Result result = search(flat, {0}, 1, ELANUS_K_MAX);
  ASSERT_EQ(ELANUS_K_MAX, result.counts[0]);
  for (uint32_t i = 0; i < ELANUS_K_MAX; i++) ASSERT_EQ(kRows - 1 - i, result.rows[i]);
}

RUN_ON_EVERY_KERNELS(Search);

}  // namespace
