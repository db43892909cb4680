// Support for the tests of the sparse index: seeded rows, an index over them, and the naive search that says what is
// right.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <vector>

#include "base/random.h"
#include "sparse/sparse_index.h"

namespace elanus::sparse_test {

constexpr uint64_t kSeed = 20261123;
constexpr SparseDriver kDrivers[] = {SparseDriver::kAuto, SparseDriver::kWindows, SparseDriver::kMaxScore,
                                     SparseDriver::kRows};

struct Vector {
  std::vector<uint32_t> terms;
  std::vector<float> weights;
  uint32_t length = 0;

  SparseVector view() const { return {terms.data(), weights.data(), uint32_t(terms.size())}; }
};

inline Vector vector_of(const std::map<uint32_t, float> &pairs, uint32_t length = 0) {
  Vector vector;
  for (const auto &[term, weight] : pairs) {
    vector.terms.push_back(term);
    vector.weights.push_back(weight);
  }
  vector.length = length;
  return vector;
}

inline double uniform(Random &random) { return double(random.next() >> 11) / 9007199254740992.0; }

// Terms 0 .. vocabulary - 1, each as likely, or the lower the likelier (Zipf: density 1 / term).
inline uint32_t draw_term(Random &random, uint32_t vocabulary, bool zipf) {
  if (!zipf) return random.below(vocabulary);
  return std::min(vocabulary - 1, uint32_t(std::exp(uniform(random) * std::log(double(vocabulary)))) - 1);
}

// Impacts of any value or rounded to 1/100, or term frequencies.
enum class Kind { kFloats, kRounded, kFrequencies };

inline Vector random_vector(Random &random, uint32_t vocabulary, uint32_t terms_max, bool zipf, Kind kind) {
  std::map<uint32_t, float> pairs;
  const uint32_t draws = random.below(terms_max + 1);
  for (uint32_t i = 0; i < draws; i++) {
    const uint32_t term = draw_term(random, vocabulary, zipf);
    const float weight = float(0.01 + 3 * uniform(random) * uniform(random));
    if (kind == Kind::kFloats) pairs[term] = weight;
    if (kind == Kind::kRounded) pairs[term] = std::round(weight * 100 + 1) / 100;
    if (kind == Kind::kFrequencies) pairs[term] += 1;
  }
  return vector_of(pairs, kind == Kind::kFrequencies ? draws + random.below(100) : 0);
}

inline std::vector<Vector> random_rows(Random &random, uint32_t count, uint32_t vocabulary, uint32_t terms_max, bool zipf,
                                       Kind kind) {
  std::vector<Vector> rows;
  for (uint32_t i = 0; i < count; i++) rows.push_back(random_vector(random, vocabulary, terms_max, zipf, kind));
  return rows;
}

inline Array<uint8_t> image_of(const std::vector<Vector> &rows, SparseWeights weights) {
  SparseBuilder builder(weights);
  for (const Vector &row : rows) EXPECT_EQ(ELANUS_OK, builder.add(row.view(), row.length));
  Array<uint8_t> image;
  EXPECT_EQ(ELANUS_OK, builder.finish(&image));
  return image;
}

// An index and all that a search needs.
struct Opened {
  Array<uint8_t> image;
  SparseIndex index;
  SparseScratch scratch;

  explicit Opened(const std::vector<Vector> &rows, SparseWeights weights = SparseWeights::kImpacts)
      : image(image_of(rows, weights)) {
    EXPECT_EQ(ELANUS_OK, index.open(image.data(), image.size()));
    EXPECT_EQ(ELANUS_OK, scratch.open(index.row_count(), 512, 2000));
  }
};

struct Hit {
  uint32_t row;
  float score;
  bool operator==(const Hit &) const = default;
};

inline std::ostream &operator<<(std::ostream &out, const Hit &hit) { return out << hit.row << ": " << hit.score; }

inline std::vector<Hit> search(Opened &opened, const Vector &query, const SparseParams &params,
                               const uint8_t *alive = nullptr, SparseWork *work = nullptr) {
  std::vector<uint32_t> rows(params.k);
  std::vector<float> scores(params.k);
  uint32_t count = 0;
  EXPECT_EQ(ELANUS_OK, opened.index.search(query.view(), params, alive, &opened.scratch, rows.data(), scores.data(),
                                           &count, work));
  std::vector<Hit> hits;
  for (uint32_t i = 0; i < count; i++) hits.push_back({rows[i], scores[i]});
  return hits;
}

// What a term adds, as sparse_index.h has it, in f32 or in f64.
template <class Real>
Real contribution(const Vector &row, float weight, float query_weight, const SparseParams &params, SparseWeights weights) {
  if (weights == SparseWeights::kImpacts) return Real(query_weight) * Real(weight);
  const Real base = Real(params.k1) * (1 - Real(params.b));
  const Real slope = Real(params.k1) * Real(params.b) / Real(params.average_length);
  const Real frequency = Real(weight);
  return Real(query_weight) * (Real(params.k1) + 1) * (frequency / (frequency + (base + slope * Real(row.length))));
}

template <class Real>
Real true_score(const Vector &row, const Vector &query, const SparseParams &params, SparseWeights weights) {
  Real sum = 0;
  size_t r = 0;
  for (size_t q = 0; q < query.terms.size(); q++) {
    while (r < row.terms.size() && row.terms[r] < query.terms[q]) r++;
    if (r == row.terms.size() || row.terms[r] != query.terms[q] || row.weights[r] == 0) continue;
    sum += contribution<Real>(row, row.weights[r], query.weights[q], params, weights);
  }
  return sum;
}

inline bool is_alive(const std::vector<uint8_t> *alive, uint32_t row) {
  return alive == nullptr || ((*alive)[row / 8] >> row % 8 & 1) != 0;
}

// The hits by computing every score in f32, in the order of terms: they must be met to the bit.
inline std::vector<Hit> naive_search(const std::vector<Vector> &rows, const Vector &query, const SparseParams &params,
                                     SparseWeights weights, const std::vector<uint8_t> *alive = nullptr) {
  std::vector<Hit> hits;
  for (uint32_t row = 0; row < rows.size(); row++) {
    const float score = true_score<float>(rows[row], query, params, weights);
    if (!is_alive(alive, row) || !(score > std::max(params.radius, 0.0f)) || score > params.range_filter) continue;
    hits.push_back({row, score});
  }
  std::stable_sort(hits.begin(), hits.end(), [](const Hit &a, const Hit &b) { return a.score > b.score; });
  if (hits.size() > params.k) hits.resize(params.k);
  return hits;
}

inline std::vector<uint8_t> random_bits(Random &random, uint32_t count, double share) {
  std::vector<uint8_t> bits((count + 63) / 64 * 8);
  for (uint32_t i = 0; i < count; i++) {
    if (uniform(random) < share) bits[i / 8] |= uint8_t(1u << i % 8);
  }
  return bits;
}

}  // namespace elanus::sparse_test
