// GraphSearch: it finds what scanning all codes finds, only rows that may be found, and says when a filter makes the
// graph the wrong way.
#include "index/graph_search.h"

#include <algorithm>

#include "graph_support.h"
#include "quant/encoder.h"

namespace {

using namespace elanus;

// A graph and the codes that it is searched by.
struct Searchable {
  GraphRows rows;
  Quantizer quantizer;
  std::vector<uint8_t> records;
  BuiltGraph built;

  explicit Searchable(GraphRows from, uint32_t kernels = 0) : rows(std::move(from)) {
    const auto at = [](const void *owner, uint32_t row) { return static_cast<const GraphRows *>(owner)->row(row); };
    EXPECT_TRUE(quantizer.init(rows.dim, ELANUS_L2, kSeed, code_kernels_at(kernels)));
    EXPECT_TRUE(quantizer.train({&rows, at, rows.count(), rows.dim}));
    Encoder encoder;
    EXPECT_TRUE(encoder.init(quantizer));
    const size_t stride = code4_bytes(quantizer.padded_dim());
    records.resize(rows.count() * stride);
    GraphRows frames{quantizer.padded_dim(), {}};
    for (uint32_t i = 0; i < rows.count(); i++) {
      encoder.load(rows.row(i));
      encoder.encode4(encoder.nearest().first, records.data() + i * stride);
      frames.values.insert(frames.values.end(), encoder.frame(), encoder.frame() + frames.dim);
    }
    built = build_graph(graph_codes(frames), kernels);
  }

  const GraphView &graph() const { return built.graph.view(); }
  CodeRows codes() const { return {records.data(), code4_bytes(quantizer.padded_dim())}; }
  uint32_t count() const { return rows.count(); }
};

struct Searcher {
  const Searchable &index;
  GraphScratch scratch;
  Query query;
  explicit Searcher(const Searchable &index, uint32_t ef_max = 256) : index(index) {
    EXPECT_TRUE(scratch.init(index.count(), ef_max));
    EXPECT_TRUE(query.init(index.quantizer));
  }

  std::vector<Candidate> scan(uint32_t k, const uint8_t *alive = nullptr) const {
    std::vector<float> estimates(index.count());
    query.estimate4(index.codes(), nullptr, index.count(), estimates.data());
    std::vector<Candidate> all;
    for (uint32_t i = 0; i < index.count(); i++) {
      if (alive == nullptr || (alive[i / 8] >> (i % 8) & 1)) all.push_back({estimates[i], i});
    }
    std::sort(all.begin(), all.end(), [](Candidate a, Candidate b) { return a.estimate < b.estimate; });
    all.resize(std::min<size_t>(all.size(), k));
    return all;
  }
};

// The share of the scan's best estimates that a search found.
double share_found(const std::vector<Candidate> &truth, const GraphSearch &search) {
  if (truth.empty()) return 1;
  uint32_t found = 0;
  for (uint32_t i = 0; i < search.found_count(); i++) found += search.found()[i].estimate <= truth.back().estimate;
  return double(std::min<size_t>(found, truth.size())) / double(truth.size());
}

double mean_share_found(const Searchable &index, uint32_t k, uint32_t ef) {
  Searcher searcher(index);
  const GraphRows queries = clustered_rows(100, index.rows.dim, 1, 0, kSeed + 1);
  double sum = 0;
  for (uint32_t i = 0; i < queries.count(); i++) {
    // A query near a row: it is of the rows' own distribution.
    std::vector<float> vector(queries.row(i), queries.row(i) + queries.dim);
    const float *near = index.rows.row(i * 7 % index.count());
    for (uint32_t j = 0; j < queries.dim; j++) vector[j] = near[j] + 0.3f * vector[j];
    searcher.query.prepare(vector.data());
    GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
    EXPECT_TRUE(search.run({.query = &searcher.query, .ef = ef}));
    EXPECT_LE(search.found_count(), ef);
    for (uint32_t j = 1; j < search.found_count(); j++) {
      EXPECT_LE(search.found()[j - 1].estimate, search.found()[j].estimate);
    }
    sum += share_found(searcher.scan(k), search);
  }
  return sum / queries.count();
}

using GraphSearches = EveryKernels;

TEST_P(GraphSearches, FindWhatScanningFinds) {
  EXPECT_GE(mean_share_found(Searchable(clustered_rows(4000, 32, 40, 1.5f), GetParam()), 10, 64), 0.99);
}

TEST_P(GraphSearches, FindTheSameAsAnyOther) {
  const GraphRows rows = clustered_rows(2000, 48, 10, 2);
  const Searchable scalar(rows, uint32_t(kernel_sets().size()) - 1), other(rows, GetParam());
  Searcher one(scalar), two(other);
  for (uint32_t i = 0; i < 300; i++) {
    one.query.prepare(rows.row(i));
    two.query.prepare(rows.row(i));
    GraphSearch first(scalar.graph(), scalar.codes(), &one.scratch), second(other.graph(), other.codes(), &two.scratch);
    ASSERT_TRUE(first.run({.query = &one.query, .ef = 20}));
    ASSERT_TRUE(second.run({.query = &two.query, .ef = 20}));
    ASSERT_EQ(first.found_count(), second.found_count());
    ASSERT_EQ(first.scored(), second.scored());
    ASSERT_EQ(0, memcmp(first.found(), second.found(), first.found_count() * sizeof(Candidate)));
  }
}

RUN_ON_EVERY_KERNELS(GraphSearches);

TEST(GraphSearch, FindsClustersFarApart) {
  // More clusters than entries, and nothing between them: only links between hubs lead from one to another.
  EXPECT_GE(mean_share_found(Searchable(clustered_rows(4000, 16, 30, 20)), 10, 64), 0.99);
  EXPECT_GE(mean_share_found(Searchable(clustered_rows(20000, 16, 100, 8)), 10, 64), 0.98);
}

TEST(GraphSearch, FindsAllEqualRows) {
  const Searchable index(repeated_rows(500, 8, 5));
  Searcher searcher(index, 500);
  searcher.query.prepare(index.rows.row(3));
  GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
  ASSERT_TRUE(search.run({.query = &searcher.query, .ef = 500}));
  EXPECT_EQ(500u, search.found_count());
}

TEST(GraphSearch, HoldsForFewRowsAndSmallEf) {
  for (uint32_t count : {1u, 2u, 10u}) {
    const Searchable index(clustered_rows(count, 6, 1, 0));
    for (uint32_t ef : {1u, 2u, 3u, 64u}) {
      Searcher searcher(index, ef);
      searcher.query.prepare(index.rows.row(0));
      GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
      ASSERT_TRUE(search.run({.query = &searcher.query, .ef = ef}));
      EXPECT_EQ(std::min(count, ef), search.found_count());
      const std::vector<uint8_t> all(16, 0xff), none(16, 0);
      ASSERT_TRUE(search.run({.query = &searcher.query, .ef = ef, .alive = all.data()}));
      EXPECT_EQ(std::min(count, ef), search.found_count());
      ASSERT_TRUE(search.run({.query = &searcher.query, .ef = ef, .alive = none.data()}));
      EXPECT_EQ(0u, search.found_count());
    }
  }
}

TEST(GraphSearch, FindsOnlyWhatMayBeFound) {
  const Searchable index(clustered_rows(3000, 24, 10, 1));
  Searcher searcher(index);
  std::mt19937 random(kSeed);
  std::vector<uint8_t> alive(index.count() / 8 + 1);
  for (uint8_t &byte : alive) byte = uint8_t(random());
  double sum = 0;
  for (uint32_t i = 0; i < 50; i++) {
    searcher.query.prepare(index.rows.row(i));
    GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
    ASSERT_TRUE(search.run({.query = &searcher.query, .ef = 48, .alive = alive.data()}));
    EXPECT_EQ(48u, search.found_count());
    for (uint32_t j = 0; j < search.found_count(); j++) {
      const uint32_t row = search.found()[j].row;
      ASSERT_TRUE(alive[row / 8] >> (row % 8) & 1);
    }
    sum += share_found(searcher.scan(10, alive.data()), search);
  }
  EXPECT_GE(sum / 50, 0.98);
}

TEST(GraphSearch, GivesUpWhereAFilterIsUnlucky) {
  const Searchable index(clustered_rows(3000, 24, 10, 1));
  Searcher searcher(index);
  searcher.query.prepare(index.rows.row(0));
  GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
  // All rows may be found but those near the query.
  std::vector<uint8_t> alive(index.count() / 8 + 1, 0xff);
  for (const Candidate &near : searcher.scan(600)) alive[near.row / 8] &= uint8_t(~(1u << near.row % 8));
  EXPECT_FALSE(search.run({.query = &searcher.query, .ef = 10, .alive = alive.data(), .scored_max = 100000}));
  EXPECT_LT(search.scored(), 120u);
  EXPECT_TRUE(search.run({.query = &searcher.query, .ef = 10, .alive = alive.data()}));
  const std::vector<uint8_t> all(alive.size(), 0xff);
  EXPECT_TRUE(search.run({.query = &searcher.query, .ef = 10, .alive = all.data(), .scored_max = 100000}));
  EXPECT_FALSE(search.run({.query = &searcher.query, .ef = 200, .alive = all.data(), .scored_max = 60}));
}

TEST(GraphSearch, FindsTheSameHoweverOftenItsScratchIsUsed) {
  const Searchable index(clustered_rows(600, 12, 5, 1));
  Searcher searcher(index);
  searcher.query.prepare(index.rows.row(1));
  GraphSearch search(index.graph(), index.codes(), &searcher.scratch);
  ASSERT_TRUE(search.run({.query = &searcher.query, .ef = 20}));
  const std::vector<Candidate> first(search.found(), search.found() + search.found_count());
  for (uint32_t i = 0; i < 600; i++) {
    ASSERT_TRUE(search.run({.query = &searcher.query, .ef = 20}));
    ASSERT_EQ(first.size(), search.found_count());
    ASSERT_EQ(0, memcmp(first.data(), search.found(), first.size() * sizeof(Candidate)));
  }
}

TEST(NearestEntries, AreOfTheTwoNearestCentres) {
  const float distances[] = {5, 1, 3, 1};
  const uint32_t entries[] = {10, 11, 12, 13}, same[] = {7, 7, 7, 7};
  uint32_t out[2];
  ASSERT_EQ(2u, nearest_entries(distances, entries, 4, out));
  EXPECT_EQ(11u, out[0]);
  EXPECT_EQ(13u, out[1]);
  EXPECT_EQ(1u, nearest_entries(distances, entries, 1, out));
  EXPECT_EQ(10u, out[0]);
  EXPECT_EQ(1u, nearest_entries(distances, same, 4, out));
}

}  // namespace
