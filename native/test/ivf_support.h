// Support for the tests of lists: rows in clusters, an index over them, and what there is to be found.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "index/ivf.h"
#include "index/ivf_builder.h"
#include "index/ivf_search.h"
#include "index/rerank.h"
#include "kernels/kernels.h"

namespace ivf_test {

using namespace elanus;

constexpr uint32_t kSeed = 20261122;

// An index over rows, all that belongs to it, and one search at a time.
struct Fixture {
  uint32_t dim, count;
  std::vector<float> values;
  Quantizer quantizer;
  TypedRows vectors;
  std::vector<uint8_t> codes;
  Ivf ivf;
  IvfScratch scratch;
  RerankScratch rerank_scratch;
  IvfCosts costs = {};
  uint32_t scored = 0;

  Fixture(std::vector<float> given, uint32_t dim, elanus_metric metric, uint32_t lists, uint32_t set = 0)
      : dim(dim), count(uint32_t(given.size() / dim)), values(std::move(given)),
        vectors(dim, Element::kF32, metric, kernels_at(set)) {
    EXPECT_TRUE(vectors.append(values.data(), count));
    EXPECT_TRUE(quantizer.init(dim, metric, kSeed, code_kernels_at(set)));
    EXPECT_TRUE(quantizer.train(view()));
    IvfBuilder builder;
    EXPECT_TRUE(builder.init(quantizer, count, lists));
    EXPECT_TRUE(builder.train(view()));
    Encoder encoder;
    EXPECT_TRUE(encoder.init(quantizer));
    codes.resize(count * stride());
    for (uint32_t row = 0; row < count; row++) {
      encoder.load(view().row(row));
      encoder.encode4(encoder.nearest().first, codes.data() + row * stride());
      builder.add(&encoder);
    }
    EXPECT_TRUE(builder.finish(&ivf));
    EXPECT_TRUE(scratch.init(lists, std::max(count, 64u)));
    EXPECT_TRUE(rerank_scratch.init(std::max(count, 64u)));
  }

  size_t stride() const { return code4_bytes(quantizer.padded_dim()); }
  Vectors view() const {
    const auto at = [](const void *owner, uint32_t row) {
      const Fixture *fixture = static_cast<const Fixture *>(owner);
      return fixture->values.data() + size_t(row) * fixture->dim;
    };
    return {this, at, count, dim};
  }

  std::vector<uint32_t> search(const float *vector, IvfRequest request, float deviations = 0) {
    Query query;
    EXPECT_TRUE(query.init(quantizer));
    query.prepare(vector);
    query.prepare_scan();
    request.query = &query;
    const CodeRows rows = {codes.data(), stride()};
    IvfSearch search(ivf, rows, &scratch);
    search.run(request);
    costs = search.costs();
    Rerank rerank(vectors, &rerank_scratch);
    std::vector<uint32_t> found(request.k);
    std::vector<float> scores(request.k);
    RerankRequest exact = {vector, search.found(), search.found_count(), request.k};
    exact.deviations = deviations;
    exact.prepared = &query;
    exact.codes = rows;
    found.resize(rerank.run(exact, found.data(), scores.data()));
    scored = rerank.scored();
    return found;
  }

  // By computing every score.
  std::vector<uint32_t> truth(const float *vector, uint32_t k, const uint8_t *alive = nullptr) {
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < count; row++) {
      if (alive == nullptr || (alive[row / 8] >> (row % 8) & 1) != 0) rows.push_back(row);
    }
    std::vector<float> scores(rows.size());
    vectors.score(vector, rows.data(), uint32_t(rows.size()), scores.data());
    std::vector<std::pair<float, uint32_t>> order;
    for (size_t i = 0; i < rows.size(); i++) {
      order.emplace_back(vectors.metric() == ELANUS_L2 ? scores[i] : -scores[i], rows[i]);
    }
    std::sort(order.begin(), order.end());
    if (order.size() > k) order.resize(k);
    std::vector<uint32_t> best;
    for (const auto &[key, row] : order) best.push_back(row);
    return best;
  }
};

// Clusters, as real vectors have them.
inline std::vector<float> clustered(uint32_t count, uint32_t dim, uint32_t clusters) {
  std::mt19937 random(kSeed + count + dim);
  std::normal_distribution<float> normal;
  std::vector<float> centres(size_t(clusters) * dim), values(size_t(count) * dim);
  for (float &value : centres) value = 2 * normal(random);
  for (uint32_t row = 0; row < count; row++) {
    const float *centre = centres.data() + size_t(random() % clusters) * dim;
    for (uint32_t i = 0; i < dim; i++) values[size_t(row) * dim + i] = centre[i] + normal(random);
  }
  return values;
}

inline double overlap(const std::vector<uint32_t> &found, const std::vector<uint32_t> &truth) {
  const std::set<uint32_t> rows(truth.begin(), truth.end());
  size_t common = 0;
  for (uint32_t row : found) common += rows.count(row);
  return truth.empty() ? 1 : double(common) / double(truth.size());
}

}  // namespace ivf_test
