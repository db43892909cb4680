// BinaryFlat: bits are counted exactly by every kernel set, and a search gives what sorting all scores gives.
#include "index/binary_flat.h"

#include <algorithm>

#include "support.h"

namespace {

using namespace elanus;
using Bytes = std::vector<uint8_t>;

constexpr BinaryMetric kBinaryMetrics[] = {BinaryMetric::kHamming, BinaryMetric::kJaccard};

class BinaryFlatTest : public EveryKernels {
 protected:
  const Kernels *set() const { return kernels_at(GetParam()); }
};

Bytes random_bytes(std::mt19937 &random, size_t count) {
  Bytes bytes(count);
  for (uint8_t &byte : bytes) byte = uint8_t(random() >> 8);
  return bytes;
}

float naive_score(BinaryMetric metric, const uint8_t *a, const uint8_t *b, uint32_t bytes) {
  uint32_t common = 0, either = 0;
  for (uint32_t i = 0; i < bytes * 8; i++) {
    const bool in_a = a[i / 8] >> (i % 8) & 1, in_b = b[i / 8] >> (i % 8) & 1;
    common += in_a && in_b;
    either += in_a || in_b;
  }
  if (metric == BinaryMetric::kHamming) return float(either - common);
  return either == 0 ? 1 : float(1 - double(common) / either);
}

using Hits = std::vector<std::pair<float, uint32_t>>;

// One list of hits for each query.
std::vector<Hits> hits(const BinaryFlat &flat, const Bytes &queries, uint32_t k, const Bytes *alive = nullptr) {
  const uint32_t query_count = uint32_t(queries.size() / flat.row_bytes());
  std::vector<uint32_t> counts(query_count), rows(size_t(query_count) * k);
  std::vector<float> scores(size_t(query_count) * k);
  flat.search(queries.data(), query_count, k, alive == nullptr ? nullptr : alive->data(), counts.data(), rows.data(),
              scores.data());
  std::vector<Hits> found(query_count);
  for (uint32_t q = 0; q < query_count; q++) {
    for (uint32_t i = 0; i < counts[q]; i++) found[q].push_back({scores[size_t(q) * k + i], rows[size_t(q) * k + i]});
  }
  return found;
}

Hits naive_hits(BinaryMetric metric, const Bytes &vectors, const uint8_t *query, uint32_t bytes, uint32_t k,
                const Bytes *alive = nullptr) {
  Hits all;
  for (uint32_t row = 0; row < vectors.size() / bytes; row++) {
    if (alive != nullptr && !((*alive)[row / 8] >> (row % 8) & 1)) continue;
    all.push_back({naive_score(metric, query, vectors.data() + size_t(row) * bytes, bytes), row});
  }
  std::sort(all.begin(), all.end());
  if (all.size() > k) all.resize(k);
  return all;
}

TEST_P(BinaryFlatTest, CountsEveryLengthExactly) {
  std::mt19937 random(kSeed);
  std::vector<uint32_t> lengths(140);
  std::iota(lengths.begin(), lengths.end(), 1);
  for (uint32_t bytes : {256u, 511u, 512u, 993u, 2049u, 32768u}) lengths.push_back(bytes);
  for (uint32_t bytes : lengths) {
    // 13 rows: full tiles of each shape, and what is left over.
    const Bytes vectors = random_bytes(random, size_t(13) * bytes), query = random_bytes(random, bytes);
    for (BinaryMetric metric : kBinaryMetrics) {
      BinaryFlat flat(bytes * 8, metric, set());
      ASSERT_TRUE(flat.append(vectors.data(), 13));
      ASSERT_EQ(naive_hits(metric, vectors, query.data(), bytes, 13), hits(flat, query, 13)[0]) << "bytes " << bytes;
    }
  }
}

TEST_P(BinaryFlatTest, CountersHoldTheLargestCounts) {
  for (uint32_t bytes : {31u * 16, 31u * 32, 32u * 32, 4096u, kBinaryDimMax / 8}) {
    const Bytes ones(size_t(9) * bytes, 0xff), zeros(bytes, 0), query(bytes, 0xff);
    BinaryFlat hamming(bytes * 8, BinaryMetric::kHamming, set()), jaccard(bytes * 8, BinaryMetric::kJaccard, set());
    ASSERT_TRUE(hamming.append(ones.data(), 9));
    ASSERT_TRUE(jaccard.append(ones.data(), 9));
    Hits expected(9);
    for (uint32_t row = 0; row < 9; row++) expected[row] = {float(bytes * 8), row};
    ASSERT_EQ(expected, hits(hamming, zeros, 9)[0]);
    for (auto &[score, row] : expected) score = 0;
    ASSERT_EQ(expected, hits(hamming, query, 9)[0]);
    ASSERT_EQ(expected, hits(jaccard, query, 9)[0]);
    for (auto &[score, row] : expected) score = 1;
    ASSERT_EQ(expected, hits(jaccard, zeros, 9)[0]);
  }
}

TEST_P(BinaryFlatTest, TwoEmptyVectorsAreAsFarApartAsCanBeUnderJaccard) {
  BinaryFlat flat(16, BinaryMetric::kJaccard, set());
  const Bytes vectors = {0, 0, 1, 0};
  ASSERT_TRUE(flat.append(vectors.data(), 2));
  EXPECT_EQ((Hits{{1, 0}, {1, 1}}), hits(flat, {0, 0}, 2)[0]);
  EXPECT_EQ((Hits{{0, 1}, {1, 0}}), hits(flat, {1, 0}, 2)[0]);
}

TEST_P(BinaryFlatTest, EqualsSortingForEveryKAndFilter) {
  std::mt19937 random(kSeed + 1);
  constexpr uint32_t kBytes = 3, kRows = 777;
  // Few bits: many ties.
  const Bytes vectors = random_bytes(random, kRows * kBytes), queries = random_bytes(random, 5 * kBytes);
  std::vector<Bytes> filters = {Bytes(104, 0xff), Bytes(104, 0), random_bytes(random, 104)};
  for (uint32_t row : {0u, 63u, 64u, 776u}) {
    filters.push_back(Bytes(104, 0));
    filters.back()[row / 8] = uint8_t(1 << (row % 8));
  }
  for (BinaryMetric metric : kBinaryMetrics) {
    BinaryFlat flat(kBytes * 8, metric, set());
    ASSERT_TRUE(flat.append(vectors.data(), kRows));
    for (uint32_t k : {1u, 2u, 10u, 100u, 777u, 778u, ELANUS_K_MAX}) {
      for (const Bytes &alive : filters) {
        const std::vector<Hits> found = hits(flat, queries, k, &alive);
        for (uint32_t q = 0; q < 5; q++) {
          ASSERT_EQ(naive_hits(metric, vectors, queries.data() + q * kBytes, kBytes, k, &alive), found[q]) << "k " << k;
        }
      }
    }
  }
}

TEST_P(BinaryFlatTest, ABatchIsTheSearchOfEachQuery) {
  std::mt19937 random(kSeed + 2);
  constexpr uint32_t kQueries = 131;  // more than two groups
  for (uint32_t bytes : {1u, 37u, 5000u}) {
    const Bytes vectors = random_bytes(random, size_t(200) * bytes), queries = random_bytes(random, size_t(kQueries) * bytes);
    for (BinaryMetric metric : kBinaryMetrics) {
      BinaryFlat flat(bytes * 8, metric, set());
      ASSERT_TRUE(flat.append(vectors.data(), 200));
      const std::vector<Hits> batch = hits(flat, queries, 10);
      for (uint32_t q = 0; q < kQueries; q++) {
        const Bytes query(queries.begin() + size_t(q) * bytes, queries.begin() + size_t(q + 1) * bytes);
        ASSERT_EQ(hits(flat, query, 10)[0], batch[q]);
      }
    }
  }
}

TEST_P(BinaryFlatTest, EqualRowsComeByNumber) {
  const Bytes vectors(300 * 5, 0x5a), query(5, 0xa5);
  for (BinaryMetric metric : kBinaryMetrics) {
    BinaryFlat flat(40, metric, set());
    ASSERT_TRUE(flat.append(vectors.data(), 300));
    const Hits found = hits(flat, query, 299)[0];
    ASSERT_EQ(299u, found.size());
    for (uint32_t i = 0; i < 299; i++) ASSERT_EQ(i, found[i].second);
  }
}

TEST_P(BinaryFlatTest, ReadsBackWhatOddPortionsAppended) {
  std::mt19937 random(kSeed + 3);
  for (uint32_t bytes : {1u, 7u, 256u, kBinaryDimMax / 8}) {
    const uint32_t rows = bytes > 256 ? 70 : 2 * (1 << 20) / bytes + 5;
    const Bytes vectors = random_bytes(random, size_t(rows) * bytes);
    BinaryFlat flat(bytes * 8, BinaryMetric::kJaccard, set());
    for (uint32_t done = 0, portion = 1; done < rows; done += portion, portion = portion * 2 + 1) {
      portion = std::min(portion, rows - done);
      ASSERT_TRUE(flat.append(vectors.data() + size_t(done) * bytes, portion));
      ASSERT_EQ(done + portion, flat.size());
    }
    Bytes back(vectors.size());
    flat.read(0, rows, back.data());
    ASSERT_EQ(vectors, back);
    EXPECT_GE(flat.bytes(), vectors.size());
  }
}

TEST_P(BinaryFlatTest, ReadsNothingBeyondTheLastByte) {
  // Kernels are called on memory that ends where the row ends; the sanitizers see a read beyond it.
  for (uint32_t bytes = 1; bytes <= 140; bytes++) {
    const Bytes query(bytes, 0xff), row(bytes, 0x0f);
    const uint8_t *rows = row.data();
    uint32_t counts[kBlockRowsMax];
    binary_kernels_of(set())->common({query.data(), 1, 1, bytes, &rows, counts});
    ASSERT_EQ(4 * bytes, counts[0]);
    binary_kernels_of(set())->differing({query.data(), 1, 1, bytes, &rows, counts});
    ASSERT_EQ(4 * bytes, counts[0]);
  }
}

TEST_P(BinaryFlatTest, AnEmptyOneFindsNothing) {
  for (BinaryMetric metric : kBinaryMetrics) {
    const BinaryFlat flat(24, metric, set());
    EXPECT_EQ(std::vector<Hits>(2), hits(flat, Bytes(6), 3));
  }
}

TEST_P(BinaryFlatTest, ReservedRoomIsUsed) {
  BinaryFlat flat(800, BinaryMetric::kJaccard, set());
  ASSERT_TRUE(flat.reserve(10000));
  const size_t reserved = flat.bytes();
  EXPECT_GE(reserved, 10000u * 104);
  const Bytes vectors(10000 * 100);
  ASSERT_TRUE(flat.append(vectors.data(), 10000));
  EXPECT_EQ(reserved, flat.bytes());
}

RUN_ON_EVERY_KERNELS(BinaryFlatTest);

}  // namespace
