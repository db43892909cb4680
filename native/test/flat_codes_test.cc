// FlatCodes: whatever was appended, coded and deleted in whatever steps, a search finds what an exact scan finds, as many rows
// as there are, and the same with every kernel set.
#include <algorithm>
#include <cfloat>
#include <cstring>
#include <limits>
#include <set>

#include "support.h"

namespace {

constexpr float kDeviations = 3;

struct CloseCodes {
  void operator()(elanus_codes *codes) const { elanus_codes_close(codes); }
};
using CodesPointer = std::unique_ptr<elanus_codes, CloseCodes>;

CodesPointer open_codes(const FlatPointer &flat, uint32_t kernels) {
  elanus_codes *codes = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_codes_open(flat.get(), kSeed, kernels, &codes));
  return CodesPointer(codes);
}

void append(const FlatPointer &flat, const std::vector<float> &vectors, uint32_t dim) {
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), uint32_t(vectors.size() / dim)));
}

// Until nothing is left; every call leaves less, or trains.
void update_all(const CodesPointer &codes, uint32_t rows_max) {
  uint32_t left = 1;
  for (uint32_t calls = 0; left > 0; calls++) {
    ASSERT_LT(calls, 1000000u);
    ASSERT_EQ(ELANUS_OK, elanus_codes_update(codes.get(), rows_max, &left));
  }
}

Result search(const CodesPointer &codes, const std::vector<float> &queries, uint32_t query_count, uint32_t k,
              const std::vector<uint8_t> *alive = nullptr, float deviations = kDeviations) {
  Result result{std::vector<uint32_t>(query_count), std::vector<uint32_t>(size_t(query_count) * k),
                std::vector<float>(size_t(query_count) * k)};
  EXPECT_EQ(ELANUS_OK, elanus_codes_search(codes.get(), queries.data(), query_count, k, deviations,
                                           alive == nullptr ? nullptr : alive->data(), result.counts.data(),
                                           result.rows.data(), result.scores.data()));
  return result;
}

// Points about 20 centres, which is what rows are like.
std::vector<float> clustered(std::mt19937 &random, uint32_t count, uint32_t dim) {
  std::normal_distribution<float> normal;
  std::mt19937 same(kSeed);
  std::vector<float> centres(20 * dim), rows(size_t(count) * dim);
  for (float &value : centres) value = normal(same);
  for (uint32_t i = 0; i < count; i++) {
    const float *centre = centres.data() + random() % 20 * dim;
    for (uint32_t j = 0; j < dim; j++) rows[size_t(i) * dim + j] = centre[j] + normal(random) * 0.7f;
  }
  return rows;
}

std::vector<uint8_t> bitset(std::mt19937 &random, uint32_t size, uint32_t percent) {
  std::vector<uint8_t> alive((size + 63) / 64 * 8);
  for (uint32_t i = 0; i < size; i++) alive[i / 8] |= uint8_t((random() % 100 < percent) << i % 8);
  return alive;
}

// The share of the rows that an exact scan finds. Everything that is found is checked: alive, once, in order, scored exactly.
double recall(const FlatPointer &flat, const CodesPointer &codes, const std::vector<float> &queries, uint32_t query_count,
              uint32_t k, elanus_metric metric, const std::vector<uint8_t> *alive = nullptr) {
  const Result truth = ::search(flat, queries, query_count, k, alive), found = search(codes, queries, query_count, k, alive);
  uint32_t hits = 0, wanted = 0;
  for (uint32_t q = 0; q < query_count; q++) {
    EXPECT_EQ(truth.counts[q], found.counts[q]);
    std::set<uint32_t> rows;
    for (uint32_t i = 0; i < found.counts[q]; i++) {
      const uint32_t row = found.rows[q * k + i];
      EXPECT_TRUE(rows.insert(row).second);
      EXPECT_TRUE(alive == nullptr || ((*alive)[row / 8] >> row % 8 & 1));
      const float score = found.scores[q * k + i], last = i == 0 ? score : found.scores[q * k + i - 1];
      EXPECT_TRUE(metric == ELANUS_L2 ? last <= score : last >= score);
    }
    for (uint32_t i = 0; i < truth.counts[q]; i++) hits += rows.count(truth.rows[q * k + i]) > 0;
    wanted += truth.counts[q];
  }
  return wanted == 0 ? 1 : double(hits) / wanted;
}

using FlatCodes = EveryKernels;

TEST_P(FlatCodes, FindWhatAnExactScanFinds) {
  std::mt19937 random(kSeed);
  for (elanus_metric metric : kMetrics) {
    for (uint32_t dim : {64u, 100u, 384u}) {
      const FlatPointer flat = open_flat(dim, metric, GetParam());
      const CodesPointer codes = open_codes(flat, GetParam());
      append(flat, clustered(random, 3000, dim), dim);
      update_all(codes, 200);
      const std::vector<float> queries = clustered(random, 30, dim);
      EXPECT_GE(recall(flat, codes, queries, 30, 10, metric), 0.99) << "metric " << metric << " dim " << dim;
      uint64_t cost[3];
      elanus_codes_cost(codes.get(), cost);
      EXPECT_EQ(0u, cost[2]) << "dim " << dim;
      EXPECT_EQ(30u * 3000, cost[0]);
      EXPECT_LT(cost[1], 30u * 3000 / 4);
      EXPECT_GE(elanus_codes_recall(codes.get(), kDeviations), 0.98f);
      EXPECT_LT(elanus_codes_recall(codes.get(), kDeviations), 1.0f);
    }
  }
}

TEST_P(FlatCodes, KnowEveryRowAtAnyTime) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 70;
  const FlatPointer flat = open_flat(dim, ELANUS_COSINE, GetParam());
  const CodesPointer codes = open_codes(flat, GetParam());
  // Past the second training; updates lag behind and catch up.
  for (uint32_t size = 0, portion = 1; size < 9000; size += portion, portion = portion % 997 * 3 + 1) {
    append(flat, clustered(random, portion, dim), dim);
    uint32_t left;
    ASSERT_EQ(ELANUS_OK, elanus_codes_update(codes.get(), 1 + random() % 1500, &left));
    std::vector<float> last(dim);
    ASSERT_EQ(ELANUS_OK, elanus_flat_read(flat.get(), size + portion - 1, 1, last.data()));
    ASSERT_EQ(size + portion - 1, search(codes, last, 1, 1).rows[0]);
    const std::vector<uint8_t> alive = bitset(random, size + portion, 60);
    EXPECT_GE(recall(flat, codes, clustered(random, 10, dim), 10, 10, ELANUS_COSINE, &alive), 0.95) << size;
  }
  update_all(codes, 1);
  EXPECT_GE(recall(flat, codes, clustered(random, 30, dim), 30, 10, ELANUS_COSINE), 0.99);
}

TEST_P(FlatCodes, StepsDoNotChangeWhatIsFound) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 96;
  const std::vector<float> rows = clustered(random, 2500, dim), queries = clustered(random, 20, dim);
  std::vector<Result> results;
  for (uint32_t rows_max : {1u, 37u, 100000u}) {
    const FlatPointer flat = open_flat(dim, ELANUS_L2, GetParam());
    const CodesPointer codes = open_codes(flat, GetParam());
    append(flat, rows, dim);
    update_all(codes, rows_max);
    results.push_back(search(codes, queries, 20, 10, nullptr, 0.5f));
    EXPECT_EQ(results[0].rows, results.back().rows);
    EXPECT_EQ(results[0].scores, results.back().scores);
  }
}

TEST_P(FlatCodes, FindAsManyRowsAsMatch) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 64;
  const FlatPointer flat = open_flat(dim, ELANUS_IP, GetParam());
  const CodesPointer codes = open_codes(flat, GetParam());
  EXPECT_EQ(0u, search(codes, std::vector<float>(dim, 1), 1, 10).counts[0]);
  append(flat, clustered(random, 5, dim), dim);
  EXPECT_EQ(5u, search(codes, std::vector<float>(dim, 1), 1, 10).counts[0]);
  append(flat, clustered(random, 4000, dim), dim);
  update_all(codes, 500);
  const std::vector<float> queries = clustered(random, 10, dim);
  for (uint32_t percent : {0u, 1u, 5u, 8u, 30u, 95u}) {
    const std::vector<uint8_t> alive = bitset(random, 4005, percent);
    for (uint32_t k : {1u, 10u, 200u, 5000u}) {
      EXPECT_GE(recall(flat, codes, queries, 10, k, ELANUS_IP, &alive), 0.97) << percent << " % " << k;
    }
  }
  EXPECT_EQ(1, recall(flat, codes, queries, 10, 4005, ELANUS_IP));
}

TEST_P(FlatCodes, AreAsExactAsAScanWhereAllRowsAreEqual) {
  for (elanus_metric metric : kMetrics) {
    const uint32_t dim = 64;
    const FlatPointer flat = open_flat(dim, metric, GetParam());
    const CodesPointer codes = open_codes(flat, GetParam());
    append(flat, std::vector<float>(2000 * dim, 3), dim);
    update_all(codes, 300);
    std::vector<float> queries(2 * dim, 3);
    queries[5] = -1;
    const Result truth = ::search(flat, queries, 2, 7), found = search(codes, queries, 2, 7);
    EXPECT_EQ(truth.rows, found.rows);
    EXPECT_EQ(truth.scores, found.scores);
  }
}

TEST_P(FlatCodes, FindTheFirstOfManyTwins) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 64;
  const std::vector<float> some = clustered(random, 40, dim);
  const FlatPointer flat = open_flat(dim, ELANUS_L2, GetParam());
  const CodesPointer codes = open_codes(flat, GetParam());
  for (uint32_t i = 0; i < 50; i++) append(flat, some, dim);
  update_all(codes, 64);
  const Result truth = ::search(flat, some, 40, 20), found = search(codes, some, 40, 20);
  EXPECT_EQ(truth.rows, found.rows);
}

TEST_P(FlatCodes, FindRowsAndQueriesThatNoCodeCanSay) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 64;
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (elanus_metric metric : kMetrics) {
    std::vector<float> rows = clustered(random, 2000, dim);
    for (uint32_t j = 0; j < dim; j++) {
      rows[100 * dim + j] *= 1e18f;
      rows[200 * dim + j] *= 1e35f;
      rows[300 * dim + j] *= 1e-40f;
      rows[400 * dim + j] = 0;
      rows[500 * dim + j] = j == 3 ? FLT_MAX : 0;
    }
    const FlatPointer flat = open_flat(dim, metric, GetParam());
    const CodesPointer codes = open_codes(flat, GetParam());
    append(flat, rows, dim);
    update_all(codes, 128);
    for (uint32_t row : {0u, 100u, 200u, 300u, 400u, 500u}) {
      const std::vector<float> query(rows.begin() + row * dim, rows.begin() + (row + 1) * dim);
      const Result truth = ::search(flat, query, 1, 10), found = search(codes, query, 1, 10);
      EXPECT_EQ(10u, found.counts[0]);
      EXPECT_EQ(truth.rows[0], found.rows[0]) << "metric " << metric << " row " << row;
    }
    for (float odd : {inf, -inf, nan, FLT_MAX}) {
      std::vector<float> query(dim, 1);
      query[7] = odd;
      const Result truth = ::search(flat, query, 1, 10), found = search(codes, query, 1, 10);
      EXPECT_EQ(truth.rows, found.rows) << "metric " << metric << " value " << odd;
    }
  }
}

TEST_P(FlatCodes, FarFromTheOriginNothingIsLost) {
  std::mt19937 random(kSeed);
  const uint32_t dim = 64;
  for (elanus_metric metric : kMetrics) {
    for (float shift : {10.0f, 1000.0f}) {
      std::vector<float> rows = clustered(random, 2000, dim), queries = clustered(random, 20, dim);
      for (float &value : rows) value += shift;
      for (float &value : queries) value += shift;
      const FlatPointer flat = open_flat(dim, metric, GetParam());
      const CodesPointer codes = open_codes(flat, GetParam());
      append(flat, rows, dim);
      update_all(codes, 1000);
      EXPECT_GE(recall(flat, codes, queries, 20, 10, metric), 0.99) << "metric " << metric << " shift " << shift;
    }
  }
}

TEST_P(FlatCodes, OfShortRowsAreNotMade) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {1u, 2u, 31u, 63u}) {
    const FlatPointer flat = open_flat(dim, ELANUS_L2, GetParam());
    const CodesPointer codes = open_codes(flat, GetParam());
    append(flat, random_vectors(random, 1500 * dim), dim);
    update_all(codes, 100);
    EXPECT_EQ(1, elanus_codes_recall(codes.get(), 1));
    EXPECT_EQ(1, recall(flat, codes, random_vectors(random, 5 * dim), 5, 10, ELANUS_L2));
  }
}

TEST_P(FlatCodes, RefuseWhatBreaksTheContract) {
  const FlatPointer flat = open_flat(4, ELANUS_L2, GetParam());
  elanus_codes *none = nullptr;
  EXPECT_EQ(ELANUS_INVALID, elanus_codes_open(nullptr, 1, GetParam(), &none));
  EXPECT_EQ(ELANUS_INVALID, elanus_codes_open(flat.get(), 1, GetParam(), nullptr));
  EXPECT_EQ(ELANUS_UNSUPPORTED, elanus_codes_open(flat.get(), 1, uint32_t(kernel_sets().size()), &none));
  EXPECT_EQ(nullptr, none);
  const CodesPointer codes = open_codes(flat, GetParam());
  uint32_t left = 99, count = 99, row = 99;
  float score = 99;
  EXPECT_EQ(ELANUS_INVALID, elanus_codes_update(nullptr, 1, &left));
  EXPECT_EQ(ELANUS_INVALID, elanus_codes_update(codes.get(), 1, nullptr));
  const float query[4] = {};
  const auto tried = [&](elanus_codes *given, const float *queries, uint32_t k, float deviations, uint32_t *counts) {
    return elanus_codes_search(given, queries, 1, k, deviations, nullptr, counts, &row, &score);
  };
  EXPECT_EQ(ELANUS_INVALID, tried(nullptr, query, 1, 3, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), nullptr, 1, 3, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, 0, 3, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, ELANUS_K_MAX + 1, 3, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, 1, 0, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, 1, -1, &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, 1, std::numeric_limits<float>::quiet_NaN(), &count));
  EXPECT_EQ(ELANUS_INVALID, tried(codes.get(), query, 1, 3, nullptr));
  EXPECT_EQ(99u, count);
  EXPECT_EQ(99u, left);
  EXPECT_EQ(0u, elanus_codes_bytes(nullptr));
  EXPECT_EQ(0, elanus_codes_recall(nullptr, 3));
  EXPECT_GT(elanus_codes_bytes(codes.get()), 0u);
}

RUN_ON_EVERY_KERNELS(FlatCodes);

// Once, with the best kernels: it takes 128 MB.
TEST(FlatCodesOfLongRows, FindThem) {
  std::mt19937 random(kSeed);
  const uint32_t dim = ELANUS_DIM_MAX;
  const FlatPointer flat = open_flat(dim, ELANUS_L2, 0);
  const CodesPointer codes = open_codes(flat, 0);
  // As many as it takes to train, most of them equal.
  const std::vector<float> zeros(dim), some = random_vectors(random, 4 * dim);
  for (uint32_t i = 0; i < 1020; i++) append(flat, zeros, dim);
  append(flat, some, dim);
  update_all(codes, 4000);
  EXPECT_EQ(1021u, search(codes, std::vector<float>(some.begin() + dim, some.begin() + 2 * dim), 1, 1).rows[0]);
}

TEST(FlatCodesParity, EveryKernelSetReadsTheSameRows) {
  const uint32_t dim = 100;
  std::vector<uint64_t> first;
  Result answers;
  for (uint32_t set : kernel_sets()) {
    std::mt19937 random(kSeed);
    const FlatPointer flat = open_flat(dim, ELANUS_L2, set);
    const CodesPointer codes = open_codes(flat, set);
    append(flat, clustered(random, 2000, dim), dim);
    update_all(codes, 100);
    const Result found = search(codes, clustered(random, 20, dim), 20, 10);
    std::vector<uint64_t> cost(3);
    elanus_codes_cost(codes.get(), cost.data());
    if (first.empty()) {
      first = cost;
      answers = found;
    }
    EXPECT_EQ(answers.rows, found.rows);
    // Scores differ by rounding, and a bar that differs may admit another row.
    EXPECT_EQ(first[0], cost[0]);
    EXPECT_NEAR(double(first[1]), double(cost[1]), 32);
    EXPECT_EQ(first[2], cost[2]);
  }
}

}  // namespace
