// Distances: every kernel set agrees with sums in f64, at every length of tail and in every shape of block.
#include "support.h"

namespace {

// Scores of all rows by row number.
std::vector<float> all_scores(const FlatPointer &flat, const std::vector<float> &query) {
  const uint32_t size = elanus_flat_size(flat.get());
  const Result result = search(flat, query, 1, size);
  EXPECT_EQ(size, result.counts[0]);
  std::vector<float> scores(size);
  for (uint32_t i = 0; i < size; i++) scores[result.rows[i]] = result.scores[i];
  return scores;
}

void expect_true_scores(uint32_t kernels, elanus_metric metric, uint32_t dim, const std::vector<float> &vectors,
                        const std::vector<float> &query) {
  const FlatPointer flat = open_flat(dim, metric, kernels);
  const uint32_t size = uint32_t(vectors.size() / dim);
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), size));
  const std::vector<float> scores = all_scores(flat, query);
  for (uint32_t row = 0; row < size; row++) {
    const Truth truth = true_score(metric, query.data(), vectors.data() + size_t(row) * dim, dim);
    ASSERT_NEAR(truth.score, scores[row], 1e-5 * truth.scale) << "metric " << metric << " dim " << dim << " row " << row;
  }
}

using Distances = EveryKernels;

TEST_P(Distances, AgreeWithF64AtEveryDim) {
  std::vector<uint32_t> dims(67);
  std::iota(dims.begin(), dims.end(), 1);
  for (uint32_t dim : {128u, 384u, 784u, 1000u, 32768u}) dims.push_back(dim);
  std::mt19937 random(kSeed);
  for (uint32_t dim : dims) {
    // 13 rows: one full tile of each shape, and what is left over.
    const std::vector<float> vectors = random_vectors(random, size_t(13) * dim);
    const std::vector<float> query = random_vectors(random, dim);
    for (elanus_metric metric : kMetrics) expect_true_scores(GetParam(), metric, dim, vectors, query);
  }
}

TEST_P(Distances, AgreeWithF64OnConstantVectors) {
  for (uint32_t dim : {784u, 32768u}) {
    const std::vector<float> vectors(dim, 0.1f), query(dim, -0.7f);
    for (elanus_metric metric : kMetrics) expect_true_scores(GetParam(), metric, dim, vectors, query);
  }
}

TEST_P(Distances, ReadNothingBeyondTheLastValue) {
  // The row of an index of its own ends where its memory ends; the sanitizers see a read beyond it.
  for (uint32_t dim = 1; dim <= 35; dim++) {
    const std::vector<float> vector(dim, 1.0f);
    for (elanus_metric metric : kMetrics) expect_true_scores(GetParam(), metric, dim, vector, vector);
  }
}

TEST_P(Distances, HoldForDenormalAndHugeValues) {
  const std::vector<float> small = {1e-20f, -2e-20f, 3e-20f, 0, 1e-19f};
  expect_true_scores(GetParam(), ELANUS_COSINE, 5, small, {1, 2, 3, 4, 5});
  const std::vector<float> large = {1e18f, -2e18f, 3e18f, 0, 1e18f};
  for (elanus_metric metric : kMetrics) expect_true_scores(GetParam(), metric, 5, large, {1, 2, 3, 4, 5});
}

TEST_P(Distances, AZeroVectorScoresZeroUnderCosine) {
  const FlatPointer flat = open_flat(3, ELANUS_COSINE, GetParam());
  // The last is shorter than 2^-126.
  const std::vector<float> vectors = {1, 2, 3, 0, 0, 0, 1e-40f, 0, 0};
  ASSERT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), 3));
  EXPECT_EQ((std::vector<float>{0, 0, 0}), all_scores(flat, {0, 0, 0}));
  const std::vector<float> scores = all_scores(flat, {1, 2, 3});
  EXPECT_NEAR(1, scores[0], 1e-6);
  EXPECT_EQ(0, scores[1]);
  EXPECT_EQ(0, scores[2]);
}

RUN_ON_EVERY_KERNELS(Distances);

}  // namespace
