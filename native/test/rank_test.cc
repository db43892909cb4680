// Rank: vectors that are handed in come in the order, and with the scores, of a flat index of them; so candidates of a
// searcher without rows, ranked by their vectors, are what a searcher with rows gives.
#include "ann_support.h"
#include "flat_support.h"

namespace ann_test {
namespace {

constexpr elanus_element kDense[] = {ELANUS_FLOAT_VECTOR, ELANUS_FLOAT16_VECTOR, ELANUS_BFLOAT16_VECTOR, ELANUS_INT8_VECTOR};

struct Ranking {
  uint32_t count;
  std::vector<uint32_t> positions;
  std::vector<float> scores;
};

Ranking rank(uint32_t dim, elanus_metric metric, elanus_element element, const float *query, const std::vector<uint8_t> &vectors,
             uint32_t count, uint32_t k, uint32_t kernels) {
  Ranking ranking{0, std::vector<uint32_t>(k), std::vector<float>(k)};
  EXPECT_EQ(ELANUS_OK, elanus_rank(dim, metric, element, kernels, query, vectors.data(), count, k, &ranking.count,
                                   ranking.positions.data(), ranking.scores.data()));
  return ranking;
}

using Rankings = EveryKernels;

TEST_P(Rankings, AreThoseOfAFlatIndex) {
  std::mt19937 random(kSeed);
  for (uint32_t dim : {1u, 40u, 131u}) {
    std::vector<float> values = random_vectors(random, size_t(200) * dim);
    for (float &value : values) value = std::nearbyint(value * 90);
    std::copy_n(values.begin(), dim, values.begin() + 70 * dim);  // equal scores
    std::fill_n(values.begin() + 9 * dim, dim, 0.0f);
    const std::vector<float> query = random_vectors(random, dim);
    for (elanus_element element : kDense) {
      std::vector<uint8_t> bytes = bytes_of(element, values);
      for (elanus_metric metric : kMetrics) {
        const FlatPointer flat = open_element(dim, metric, element, GetParam());
        ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), bytes.data(), 200));
        for (uint32_t k : {1u, 10u, 200u, 300u}) {
          const Result truth = search(flat, query, 1, k);
          const Ranking ranking = rank(dim, metric, element, query.data(), bytes, 200, k, GetParam());
          ASSERT_EQ(truth.counts[0], ranking.count);
          for (uint32_t i = 0; i < ranking.count; i++) {
            ASSERT_EQ(truth.rows[i], ranking.positions[i]) << "element " << element << " metric " << metric << " dim " << dim;
            ASSERT_EQ(truth.scores[i], ranking.scores[i]);
          }
        }
      }
    }
  }
}

// Candidates are as many as the searcher with rows scores exactly; their vectors are read, here from the rows.
TEST_P(Rankings, OfCandidatesAreWhatASearcherWithRowsGives) {
  const GraphRows rows = clustered_rows(1500, 40, 20, 1.5f);
  const std::vector<float> queries = queries_near(rows, 20);
  for (elanus_metric metric : kMetrics) {
    const FlatPointer flat = flat_of(rows, metric, GetParam());
    const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH), GetParam());
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags, GetParam());
      const SearcherPointer with = open_searcher(index, flat.get()), without = open_searcher(index, nullptr);
      // 1-bit codes are so rough that all that are kept are scored.
      const uint32_t scored = opening.stage == ELANUS_STAGE_SCAN ? 100 : 40;
      const Result expected = ask(with, queries, 20, {10, 60, 100, 40, 0});
      const Result candidates = ask(without, queries, 20, {scored, 60, 100, scored, 0});
      for (uint32_t q = 0; q < 20; q++) {
        std::vector<uint8_t> vectors(size_t(candidates.counts[q]) * 40 * 4);
        for (uint32_t i = 0; i < candidates.counts[q]; i++) {
          memcpy(vectors.data() + size_t(i) * 160, rows.row(candidates.rows[q * scored + i]), 160);
        }
        const float *query = queries.data() + q * 40;
        const Ranking ranking = rank(40, metric, ELANUS_FLOAT_VECTOR, query, vectors, candidates.counts[q], 10, GetParam());
        ASSERT_EQ(10u, ranking.count);
        for (uint32_t i = 0; i < 10; i++) {
          ASSERT_EQ(expected.rows[q * 10 + i], candidates.rows[q * scored + ranking.positions[i]]) << opening.name;
          ASSERT_EQ(expected.scores[q * 10 + i], ranking.scores[i]) << opening.name;
        }
      }
    }
  }
}

RUN_ON_EVERY_KERNELS(Rankings);

TEST(Ranked, AreNoBitsAndNothingThatBreaksTheContract) {
  const float query[8] = {};
  const std::vector<uint8_t> vectors(64);
  uint32_t found, positions[4];
  float scores[4];
  const auto refused = [&](uint32_t dim, elanus_metric metric, elanus_element element, const void *rows, uint32_t k) {
    return elanus_rank(dim, metric, element, 0, query, rows, 2, k, &found, positions, scores) == ELANUS_INVALID;
  };
  EXPECT_FALSE(refused(8, ELANUS_L2, ELANUS_FLOAT_VECTOR, vectors.data(), 4));
  EXPECT_TRUE(refused(8, ELANUS_HAMMING, ELANUS_BINARY_VECTOR, vectors.data(), 4));
  EXPECT_TRUE(refused(8, ELANUS_HAMMING, ELANUS_FLOAT_VECTOR, vectors.data(), 4));
  EXPECT_TRUE(refused(8, ELANUS_L2, 104, vectors.data(), 4));
  EXPECT_TRUE(refused(0, ELANUS_L2, ELANUS_FLOAT_VECTOR, vectors.data(), 4));
  EXPECT_TRUE(refused(8, ELANUS_L2, ELANUS_FLOAT_VECTOR, nullptr, 4));
  EXPECT_TRUE(refused(8, ELANUS_L2, ELANUS_FLOAT_VECTOR, vectors.data(), 0));
  EXPECT_TRUE(refused(8, ELANUS_L2, ELANUS_FLOAT_VECTOR, vectors.data(), ELANUS_K_MAX + 1));
  EXPECT_EQ(ELANUS_UNSUPPORTED, elanus_rank(8, ELANUS_L2, ELANUS_FLOAT_VECTOR, 99, query, vectors.data(), 2, 4, &found, positions, scores));
}

TEST(Estimated, ScoresAreWithinThreeErrorsOfTheTrueOnes) {
  const GraphRows rows = clustered_rows(1500, 128, 20, 1.5f);
  const std::vector<float> queries = queries_near(rows, 40);
  for (elanus_metric metric : kMetrics) {
    const FlatPointer flat = flat_of(rows, metric);
    const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH));
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = open(part_of(file_of(builder, opening.file), opening), opening.flags);
      const SearcherPointer searcher = open_searcher(index, nullptr);
      const elanus_request request = {30, 60, 100, 30, 0};
      const Result plain = ask(searcher, queries, 40, request);
      std::vector<uint32_t> counts(40), found(1200);
      std::vector<float> scores(1200), errors(1200);
      ASSERT_EQ(ELANUS_OK, elanus_searcher_estimate(searcher.get(), queries.data(), 40, &request, nullptr, counts.data(),
                                                    found.data(), scores.data(), errors.data()));
      EXPECT_EQ(plain.rows, found);
      EXPECT_EQ(plain.scores, scores);
      uint32_t within1 = 0, within3 = 0;
      for (uint32_t i = 0; i < 1200; i++) {
        const double off = std::fabs(true_score(metric, queries.data() + i / 30 * 128, rows.row(found[i]), 128).score - double(scores[i]));
        within1 += off <= double(errors[i]);
        within3 += off <= 3 * double(errors[i]);
        EXPECT_EQ(opening.stage == ELANUS_STAGE_SCAN, std::isinf(errors[i]));
      }
      EXPECT_GE(within3, 1188u) << opening.name << " metric " << metric;
      if (opening.stage != ELANUS_STAGE_SCAN) {
        EXPECT_LT(within1, 1080u) << "errors that mean something";
      }
    }
    const IndexPointer index = open(file_of(builder, ELANUS_IVF));
    const SearcherPointer with = open_searcher(index, flat.get());
    const elanus_request request = {1, 1, 1, 1, 0};
    uint32_t count, row;
    float score, error;
    EXPECT_EQ(ELANUS_INVALID, elanus_searcher_estimate(with.get(), queries.data(), 1, &request, nullptr, &count, &row, &score, &error));
  }
}

}  // namespace
}  // namespace ann_test
