// Range search: the k best of the rows whose score lies in the range are those that filtering all scores leaves.
#include "flat_support.h"

namespace {

using FlatRange = EveryKernels;
constexpr float kInfinity = __builtin_inff();

struct Kind {
  elanus_element element;
  elanus_metric metric;
};
constexpr Kind kKinds[] = {{ELANUS_FLOAT_VECTOR, ELANUS_L2},     {ELANUS_FLOAT_VECTOR, ELANUS_IP},
                           {ELANUS_FLOAT_VECTOR, ELANUS_COSINE}, {ELANUS_INT8_VECTOR, ELANUS_L2},
                           {ELANUS_INT8_VECTOR, ELANUS_COSINE},  {ELANUS_BINARY_VECTOR, ELANUS_HAMMING},
                           {ELANUS_BINARY_VECTOR, ELANUS_JACCARD}};

bool is_distance(elanus_metric metric) { return metric != ELANUS_IP && metric != ELANUS_COSINE; }

bool lies_in(elanus_metric metric, const elanus_range &range, float score) {
  if (is_distance(metric)) return range.range_filter <= score && score < range.radius;
  return range.radius < score && score <= range.range_filter;
}

// Dimension 16 of whatever it is: rows and queries as bytes.
struct Fixture {
  static constexpr uint32_t kDim = 16, kRows = 400, kQueries = 70;
  std::vector<uint8_t> rows, queries;

  Fixture(std::mt19937 &random, elanus_element element) {
    if (element == ELANUS_FLOAT_VECTOR) {
      const std::vector<float> values = random_vectors(random, kRows * kDim);
      rows.assign(reinterpret_cast<const uint8_t *>(values.data()), reinterpret_cast<const uint8_t *>(values.data() + values.size()));
    } else {
      rows.resize(element == ELANUS_BINARY_VECTOR ? kRows * kDim / 8 : kRows * kDim);
      for (uint8_t &byte : rows) byte = uint8_t(random());
    }
    if (element == ELANUS_BINARY_VECTOR) {
      queries.resize(kQueries * kDim / 8);
      for (uint8_t &byte : queries) byte = uint8_t(random());
    } else {
      const std::vector<float> values = random_vectors(random, kQueries * kDim);
      queries.assign(reinterpret_cast<const uint8_t *>(values.data()), reinterpret_cast<const uint8_t *>(values.data() + values.size()));
    }
  }
};

void expect_filtered(const Kind &kind, const elanus_range &range, const Result &all, const Result &found, uint32_t k) {
  for (uint32_t q = 0; q < found.counts.size(); q++) {
    std::vector<uint32_t> rows;
    std::vector<float> scores;
    for (uint32_t i = 0; i < all.counts[q] && rows.size() < k; i++) {
      const size_t at = size_t(q) * Fixture::kRows + i;
      if (!lies_in(kind.metric, range, all.scores[at])) continue;
      rows.push_back(all.rows[at]);
      scores.push_back(all.scores[at]);
    }
    ASSERT_EQ(rows.size(), found.counts[q]) << "metric " << kind.metric << ", " << range.radius << ", " << range.range_filter;
    const size_t first = size_t(q) * k;
    ASSERT_EQ(rows, std::vector<uint32_t>(found.rows.begin() + first, found.rows.begin() + first + rows.size()));
    ASSERT_EQ(scores, std::vector<float>(found.scores.begin() + first, found.scores.begin() + first + rows.size()));
  }
}

TEST_P(FlatRange, LeavesWhatFilteringAllScoresLeaves) {
  std::mt19937 random(kSeed);
  std::vector<uint8_t> half(Fixture::kRows / 8 + 6);
  for (uint32_t i = 0; i < Fixture::kRows / 8; i++) half[i] = uint8_t(random());
  for (const Kind &kind : kKinds) {
    const Fixture fixture(random, kind.element);
    const FlatPointer flat = open_element(Fixture::kDim, kind.metric, kind.element, GetParam());
    ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), fixture.rows.data(), Fixture::kRows));
    for (const std::vector<uint8_t> *alive : {static_cast<const std::vector<uint8_t> *>(nullptr), static_cast<const std::vector<uint8_t> *>(&half)}) {
      for (uint32_t query_count : {1u, Fixture::kQueries}) {
        const Result all = search_any(flat, fixture.queries.data(), query_count, Fixture::kRows, alive, nullptr);
        for (int round = 0; round < 12; round++) {
          // Bounds that are scores, so that what is just in and just out is tried.
          const float a = all.scores[random() % all.counts[0]], b = all.scores[random() % all.counts[0]];
          const elanus_range ranges[] = {{a, b}, {b, a}, {a, a}, {a, is_distance(kind.metric) ? -kInfinity : kInfinity}, {is_distance(kind.metric) ? kInfinity : -kInfinity, b}};
          const elanus_range &range = ranges[random() % 5];
          for (uint32_t k : {1u, 10u, Fixture::kRows}) {
            expect_filtered(kind, range, all, search_any(flat, fixture.queries.data(), query_count, k, alive, &range), k);
          }
        }
      }
    }
  }
}

TEST_P(FlatRange, HoldsNoNaNAndOfZeroTheBound) {
  const FlatPointer flat = open_flat(1, ELANUS_IP, GetParam());
  const float rows[] = {NAN, 0, -0.0f, 1, -1};
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), rows, 5));
  const float query = 1;
  const elanus_range every = {-kInfinity, kInfinity}, not_above_zero = {-2, 0}, above_zero = {0, kInfinity};
  EXPECT_EQ(5u, search_any(flat, &query, 1, 5, nullptr, nullptr).counts[0]);
  EXPECT_EQ(4u, search_any(flat, &query, 1, 5, nullptr, &every).counts[0]);
  EXPECT_EQ(3u, search_any(flat, &query, 1, 5, nullptr, &not_above_zero).counts[0]);
  EXPECT_EQ(1u, search_any(flat, &query, 1, 5, nullptr, &above_zero).counts[0]);
}

TEST_P(FlatRange, OfNaNIsRefused) {
  const FlatPointer flat = open_flat(1, ELANUS_L2, GetParam());
  const float query = 1;
  uint32_t count = 9, row = 9;
  float score = 9;
  for (const elanus_range &range : {elanus_range{NAN, 0}, elanus_range{1, NAN}}) {
    EXPECT_EQ(ELANUS_INVALID, elanus_flat_search(flat.get(), &query, 1, 1, nullptr, &range, &count, &row, &score));
  }
  EXPECT_EQ(9u, count);
}

RUN_ON_EVERY_KERNELS(FlatRange);

}  // namespace
