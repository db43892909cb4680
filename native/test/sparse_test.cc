// Sparse index: every driver gives the rows and the scores that the naive search gives, whatever the rows, the block
// and window edges, the filter and the range.
#include "sparse_support.h"

namespace elanus::sparse_test {
namespace {

SparseWeights weights_of(Kind kind) {
  return kind == Kind::kFrequencies ? SparseWeights::kFrequencies : SparseWeights::kImpacts;
}

void expect_exact(Opened &opened, const std::vector<Vector> &rows, const Vector &query, SparseParams params,
                  SparseWeights weights, const std::vector<uint8_t> *alive = nullptr) {
  const std::vector<Hit> expected = naive_search(rows, query, params, weights, alive);
  for (SparseDriver driver : kDrivers) {
    params.driver = driver;
    ASSERT_EQ(expected, search(opened, query, params, alive == nullptr ? nullptr : alive->data()))
        << "driver " << uint32_t(driver) << ", k " << params.k << ", rows " << rows.size();
  }
}

TEST(Sparse, EveryDriverIsExactOnRandomRows) {
  Random random(kSeed);
  for (Kind kind : {Kind::kFloats, Kind::kRounded, Kind::kFrequencies}) {
    for (bool zipf : {false, true}) {
      const std::vector<Vector> rows = random_rows(random, 9000, zipf ? 3000 : 500, 40, zipf, kind);
      Opened opened(rows, weights_of(kind));
      SparseParams params;
      params.average_length = 70;
      for (uint32_t i = 0; i < 40; i++) {
        const Vector query = random_vector(random, zipf ? 3000 : 500, i % 4 == 0 ? 60 : 6, zipf, Kind::kFloats);
        params.k = i % 3 == 0 ? 1 : i % 3 == 1 ? 10 : 300;
        expect_exact(opened, rows, query, params, weights_of(kind));
        const std::vector<uint8_t> alive = random_bits(random, 9000, i % 5 == 0 ? 0.002 : 0.1 * double(i % 5));
        expect_exact(opened, rows, query, params, weights_of(kind), &alive);
      }
    }
  }
}

TEST(Sparse, ScoresAreWithinRoundingOfF64) {
  Random random(kSeed + 1);
  for (Kind kind : {Kind::kFloats, Kind::kFrequencies}) {
    const std::vector<Vector> rows = random_rows(random, 2000, 300, 60, true, kind);
    Opened opened(rows, weights_of(kind));
    SparseParams params;
    params.k = 2000;
    params.average_length = 80;
    for (uint32_t i = 0; i < 20; i++) {
      const Vector query = random_vector(random, 300, 60, true, Kind::kFloats);
      for (const Hit &hit : search(opened, query, params)) {
        const double score = true_score<double>(rows[hit.row], query, params, weights_of(kind));
        ASSERT_NEAR(score, hit.score, score * 1e-5);
      }
    }
  }
}

TEST(Sparse, BlocksAndWindowsHoldAtTheirEdges) {
  Random random(kSeed + 2);
  for (uint32_t count : {1u, 2u, 63u, 64u, 65u, 127u, 128u, 129u, 255u, 256u, 257u, 4095u, 4096u, 4097u, 65535u, 65536u,
                         65537u, 131073u}) {
    std::vector<Vector> rows(count);
    for (uint32_t row = 0; row < count; row++) {
      // Term 7 is everywhere, 8 in every 300th row, 9 in the last row, 10 in the first and the last.
      std::map<uint32_t, float> pairs = {{7, float(1 + row % 11)}};
      if (row % 300 == 0) pairs[8] = float(1 + row % 7);
      if (row + 1 == count) pairs[9] = 3;
      if (row == 0 || row + 1 == count) pairs[10] = 2.5;
      rows[row] = vector_of(pairs);
    }
    Opened opened(rows);
    EXPECT_EQ(count, opened.index.rows_with(7, nullptr));
    EXPECT_EQ(1u, opened.index.rows_with(9, nullptr));
    SparseParams params;
    params.k = 20;
    for (const Vector &query : {vector_of({{7, 1}}), vector_of({{8, 1}}), vector_of({{9, 1}}), vector_of({{10, 1}}),
                                vector_of({{7, 0.01f}, {8, 1}, {10, 2}}), vector_of({{7, 1}, {8, 0.001f}, {9, 5}})}) {
      expect_exact(opened, rows, query, params, SparseWeights::kImpacts);
      const std::vector<uint8_t> alive = random_bits(random, count, 0.05);
      expect_exact(opened, rows, query, params, SparseWeights::kImpacts, &alive);
    }
  }
}

TEST(Sparse, ListsThatBecomeNeededLateLeaveNothingBehind) {
  // A list whose blocks span many ranges is optional at first and needed later; then it adds rows already passed.
  Random random(kSeed + 3);
  std::vector<Vector> rows(140000);
  for (uint32_t row = 0; row < rows.size(); row++) {
    std::map<uint32_t, float> pairs;
    if (row % 97 == 0) pairs[1] = float(0.1 + (row > 100000 ? 5 : 0) + uniform(random));
    if (row % 501 == 0) pairs[2] = float(1 + uniform(random));
    if (row % 3 == 0) pairs[3] = float(0.1 * uniform(random));
    rows[row] = vector_of(pairs);
  }
  Opened opened(rows);
  for (uint32_t i = 0; i < 30; i++) {
    SparseParams params;
    params.k = 1 + random.below(40);
    std::map<uint32_t, float> pairs;
    for (uint32_t term : {1, 2, 3}) pairs[term] = float(uniform(random));
    const Vector query = vector_of(pairs);
    expect_exact(opened, rows, query, params, SparseWeights::kImpacts);
  }
}

TEST(Sparse, EqualScoresAreInOrderOfRows) {
  const std::vector<Vector> rows(70000, vector_of({{3, 0.5f}, {4, 0.25f}}));
  Opened opened(rows);
  for (SparseDriver driver : kDrivers) {
    SparseParams params;
    params.k = 300;
    params.driver = driver;
    const std::vector<Hit> hits = search(opened, vector_of({{3, 1}, {4, 1}}), params);
    ASSERT_EQ(300u, hits.size());
    for (uint32_t i = 0; i < 300; i++) ASSERT_EQ((Hit{i, 0.75f}), hits[i]);
  }
}

TEST(Sparse, FewerThanKMatchesGiveFewerHits) {
  std::vector<Vector> rows(1000);
  rows[5] = vector_of({{1, 2}});
  rows[900] = vector_of({{1, 3}, {2, 1}});
  Opened opened(rows);
  SparseParams params;
  params.k = 100;
  expect_exact(opened, rows, vector_of({{1, 1}}), params, SparseWeights::kImpacts);
  EXPECT_EQ(2u, search(opened, vector_of({{1, 1}}), params).size());
  EXPECT_EQ(0u, search(opened, vector_of({{3, 1}}), params).size());
  EXPECT_EQ(0u, search(opened, vector_of({}), params).size());
  EXPECT_EQ(0u, search(opened, vector_of({{1, 0}}), params).size());
  const std::vector<uint8_t> none(128, 0);
  EXPECT_EQ(0u, search(opened, vector_of({{1, 1}}), params, none.data()).size());
}

TEST(Sparse, NoRowsAndEmptyRowsAreAnIndex) {
  for (uint32_t count : {0u, 1u, 100u}) {
    for (SparseWeights weights : {SparseWeights::kImpacts, SparseWeights::kFrequencies}) {
      const std::vector<Vector> rows(count);
      Opened opened(rows, weights);
      EXPECT_EQ(count, opened.index.row_count());
      for (SparseDriver driver : kDrivers) {
        SparseParams params;
        params.driver = driver;
        EXPECT_EQ(0u, search(opened, vector_of({{0, 1}, {0xffffffff, 1}}), params).size());
      }
    }
  }
}

TEST(Sparse, RangeSearchGivesWhatIsAboveTheRadius) {
  Random random(kSeed + 4);
  const std::vector<Vector> rows = random_rows(random, 3000, 100, 30, true, Kind::kRounded);
  Opened opened(rows);
  for (float radius : {-1.0f, 0.0f, 1.0f, 4.0f, 1000.0f}) {
    for (float range_filter : {INFINITY, 5.0f, 0.5f}) {
      SparseParams params;
      params.k = 2000;
      params.radius = radius;
      params.range_filter = range_filter;
      const Vector query = random_vector(random, 100, 20, true, Kind::kRounded);
      expect_exact(opened, rows, query, params, SparseWeights::kImpacts);
      params.k = 5;
      expect_exact(opened, rows, query, params, SparseWeights::kImpacts);
    }
  }
}

TEST(Sparse, ExtremeTermsAndWeightsAreExact) {
  const float tiny = 1e-45f, huge = 3.4e38f;
  const std::vector<Vector> rows = {vector_of({{0, tiny}, {0xffffffff, huge}}), vector_of({{0, huge}}),
                                    vector_of({{0, tiny}}), vector_of({{0xfffffffe, 1}, {0xffffffff, tiny}}),
                                    vector_of({{0, 0}, {0xffffffff, 0}})};
  Opened opened(rows);
  SparseParams params;
  for (float a : {tiny, 1.0f, huge}) {
    for (float b : {tiny, 1.0f, huge}) {
      expect_exact(opened, rows, vector_of({{0, a}, {0xffffffff, b}}), params, SparseWeights::kImpacts);
    }
  }
}

TEST(Sparse, Bm25TakesItsParametersFromTheQuery) {
  Random random(kSeed + 5);
  std::vector<Vector> rows = random_rows(random, 5000, 400, 40, true, Kind::kFrequencies);
  rows[17].weights.assign(rows[17].weights.size(), 16777216.0f);
  rows[18].length = 0;
  rows[19].length = 0x7fffffff;
  Opened opened(rows, SparseWeights::kFrequencies);
  for (float k1 : {0.0f, 0.9f, 1.2f, 100.0f}) {
    for (float b : {0.0f, 0.4f, 1.0f}) {
      SparseParams params;
      params.k1 = k1;
      params.b = b;
      params.average_length = 33.5f;
      for (uint32_t i = 0; i < 5; i++) {
        const Vector query = random_vector(random, 400, 5, true, Kind::kFloats);
        expect_exact(opened, rows, query, params, SparseWeights::kFrequencies);
      }
    }
  }
}

TEST(Sparse, DroppedTermsCostLittleRecall) {
  Random random(kSeed + 6);
  const std::vector<Vector> rows = random_rows(random, 60000, 80, 60, false, Kind::kFloats);
  Opened opened(rows);
  SparseParams params;
  uint32_t found = 0, wanted = 0;
  uint64_t added = 0, added_whole = 0;
  for (uint32_t i = 0; i < 20; i++) {
    const Vector query = random_vector(random, 80, 40, false, Kind::kFloats);
    SparseWork work;
    params.drop_ratio = 0;
    const std::vector<Hit> truth = search(opened, query, params, nullptr, &work);
    added_whole += work.postings_added;
    params.drop_ratio = 0.4f;
    const std::vector<Hit> hits = search(opened, query, params, nullptr, &work);
    added += work.postings_added;
    // What is found is scored by the whole query.
    for (const Hit &hit : hits) {
      ASSERT_EQ(true_score<float>(rows[hit.row], query, params, SparseWeights::kImpacts), hit.score);
    }
    for (const Hit &hit : truth) found += uint32_t(std::count(hits.begin(), hits.end(), hit));
    wanted += uint32_t(truth.size());
  }
  EXPECT_GE(found, wanted * 0.9);
  EXPECT_LT(added, added_whole);
}

TEST(Sparse, MaxScoreReadsLessThanAll) {
  Random random(kSeed + 7);
  std::vector<Vector> rows(100000);
  for (uint32_t row = 0; row < rows.size(); row++) {
    std::map<uint32_t, float> pairs = {{1, float(0.1 * uniform(random))}};
    if (row % 1000 == 0) pairs[2] = float(1 + uniform(random));
    rows[row] = vector_of(pairs);
  }
  Opened opened(rows);
  SparseParams params;
  params.driver = SparseDriver::kMaxScore;
  SparseWork work;
  search(opened, vector_of({{1, 1}, {2, 1}}), params, nullptr, &work);
  EXPECT_LT(work.postings_added, 20000u);
}

}  // namespace
}  // namespace elanus::sparse_test
