// ListSearch: what a search by 4-bit codes finds is what there is, under every filter, and the same everywhere.
#include "index/list_search.h"

#include "ivf_support.h"

namespace ivf_test {
namespace {

// An index without blocks.
struct Lists : Fixture {
  ListScratch lists_scratch;
  ListCosts list_costs = {};

  Lists(std::vector<float> given, uint32_t dim, elanus_metric metric, uint32_t lists, uint32_t set = 0)
      : Fixture(std::move(given), dim, metric, lists, set) {
    EXPECT_EQ(ELANUS_OK, ivf.drop_blocks());
    EXPECT_TRUE(lists_scratch.init(lists, std::max(count, 64u)));
  }

  std::vector<Candidate> candidates(const float *vector, ListRequest request) {
    Query query;
    EXPECT_TRUE(query.init(quantizer));
    query.prepare(vector);
    query.prepare_scan();
    request.query = &query;
    ListSearch search(ivf, {codes.data(), stride()}, &lists_scratch);
    search.run(request);
    list_costs = search.costs();
    return {search.found(), search.found() + search.found_count()};
  }

  // The best k of the candidates, by true scores.
  std::vector<uint32_t> find(const float *vector, const ListRequest &request) {
    const std::vector<Candidate> found = candidates(vector, request);
    std::vector<uint32_t> rows(request.k);
    std::vector<float> scores(request.k);
    Rerank rerank(vectors, &rerank_scratch);
    rows.resize(rerank.run({vector, found.data(), uint32_t(found.size()), request.k}, rows.data(), scores.data()));
    return rows;
  }
};

ListRequest wanting(uint32_t k, uint32_t keep, float patience) { return {nullptr, k, keep, patience}; }

std::vector<std::pair<float, uint32_t>> pairs_of(const std::vector<Candidate> &candidates) {
  std::vector<std::pair<float, uint32_t>> pairs;
  for (const Candidate &candidate : candidates) pairs.emplace_back(candidate.estimate, candidate.row);
  return pairs;
}

TEST(ListSearch, ReadingAndKeepingEverythingIsExact) {
  for (elanus_metric metric : {ELANUS_L2, ELANUS_IP, ELANUS_COSINE}) {
    Lists lists(clustered(700, 20, 8), 20, metric, 30);
    for (uint32_t q = 0; q < 10; q++) {
      const float *query = lists.view().row(q * 17);
      EXPECT_EQ(lists.truth(query, 20), lists.find(query, wanting(20, 700, 0)));
      EXPECT_EQ(30u, lists.list_costs.lists);
      EXPECT_EQ(700u, lists.list_costs.coded);
    }
  }
}

TEST(ListSearch, KeepsTheBestEstimates) {
  Lists lists(clustered(900, 40, 8), 40, ELANUS_L2, 30);
  const float *query = lists.view().row(3);
  const auto all = pairs_of(lists.candidates(query, wanting(10, 900, 0)));
  EXPECT_EQ(900u, all.size());
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  for (uint32_t keep : {1u, 10u, 33u, 300u}) {
    const auto some = pairs_of(lists.candidates(query, wanting(10, keep, 0)));
    const size_t kept = std::max(keep, 10u);
    EXPECT_EQ(std::vector(all.begin(), all.begin() + kept), some);
  }
}

TEST(ListSearch, PatienceEndsASearchThatHasFoundNearlyAll) {
  Lists lists(clustered(4000, 48, 30), 48, ELANUS_L2, ivf_lists_for(4000));
  double recall = 0;
  for (uint32_t q = 0; q < 20; q++) {
    const float *query = lists.view().row(q * 191);
    recall += overlap(lists.find(query, wanting(10, 30, 500)), lists.truth(query, 10));
    EXPECT_LT(lists.list_costs.lists, lists.ivf.list_count() / 2);
  }
  EXPECT_GT(recall / 20, 0.95);
}

TEST(ListSearch, GivesKRowsWheneverKRowsPass) {
  Lists lists(clustered(2000, 32, 20), 32, ELANUS_L2, 60);
  std::mt19937 random(kSeed);
  for (uint32_t passing : {0u, 1u, 9u, 10u, 11u, 200u, 2000u}) {
    std::vector<uint8_t> alive(256);
    for (uint32_t i = 0; i < passing; i++) {
      uint32_t row = random() % 2000;
      while ((alive[row / 8] >> (row % 8) & 1) != 0) row = (row + 1) % 2000;
      alive[row / 8] |= uint8_t(1 << row % 8);
    }
    for (float patience : {0.0f, 1.0f, 300.0f}) {
      ListRequest request = wanting(10, 40, patience);
      request.alive = alive.data();
      const float *query = lists.view().row(random() % 2000);
      const std::vector<uint32_t> found = lists.find(query, request);
      EXPECT_EQ(std::min(10u, passing), found.size());
      EXPECT_LE(lists.list_costs.coded, passing);
      for (uint32_t row : found) EXPECT_NE(0, alive[row / 8] >> (row % 8) & 1);
      if (passing <= 10 || patience == 0) {
        EXPECT_EQ(lists.truth(query, 10, alive.data()), found);
      }
    }
  }
}

TEST(ListSearch, AnAbsentRowIsAsOneThatDoesNotPass) {
  Lists lists(clustered(900, 32, 12), 32, ELANUS_COSINE, 40);
  for (uint32_t row = 0; row < 900; row += 37) {
    std::vector<uint8_t> alive(113, 0xff);
    alive[row / 8] ^= uint8_t(1 << row % 8);
    ListRequest request = wanting(10, 50, 300);
    request.absent = row;
    const std::vector<uint32_t> found = lists.find(lists.view().row(row), request);
    request.absent = UINT32_MAX;
    request.alive = alive.data();
    EXPECT_EQ(lists.find(lists.view().row(row), request), found);
    EXPECT_EQ(0, std::count(found.begin(), found.end(), row));
  }
}

// What is known beforehand is found once, and changes nothing else where all is read.
TEST(ListSearch, BeginsWithWhatIsKnown) {
  Lists lists(clustered(900, 40, 8), 40, ELANUS_L2, 30);
  const float *query = lists.view().row(3);
  const std::vector<Candidate> all = lists.candidates(query, wanting(10, 900, 0));
  for (uint32_t first : {0u, 5u, 500u}) {
    const std::vector<Candidate> known(all.begin() + first, all.begin() + first + 40);
    ListRequest request = wanting(10, 30, 0);
    const auto without = pairs_of(lists.candidates(query, request));
    request.known = known.data();
    request.known_count = uint32_t(known.size());
    EXPECT_EQ(without, pairs_of(lists.candidates(query, request)));
  }
}

TEST(ListSearch, IsTheSameWithEveryKernels) {
  const std::vector<float> values = clustered(600, 40, 9);
  Lists first(values, 40, ELANUS_COSINE, 20, 0);
  std::vector<uint8_t> alive(75, 0x6d);
  ListRequest request = wanting(10, 40, 200);
  for (uint32_t set = 1; code_kernels_at(set) != nullptr; set++) {
    Lists other(values, 40, ELANUS_COSINE, 20, set);
    for (uint32_t q = 0; q < 10; q++) {
      request.alive = q % 2 == 0 ? nullptr : alive.data();
      EXPECT_EQ(pairs_of(first.candidates(values.data() + q * 40, request)),
                pairs_of(other.candidates(values.data() + q * 40, request)))
          << code_kernels_at(set)->name;
      EXPECT_EQ(first.list_costs.coded, other.list_costs.coded);
    }
  }
}

TEST(ListSearch, WorksOnOddRows) {
  for (float value : {0.0f, 0.7f, 3e38f, -3e38f, 1e-45f}) {
    for (uint32_t count : {1u, 3u, 200u}) {
      std::vector<float> values(size_t(count) * 33, value);
      values[0] = 1;
      Lists lists(values, 33, ELANUS_IP, ivf_lists_for(count));
      for (uint32_t k : {1u, 10u, 40u}) {
        EXPECT_EQ(std::min(k, count), lists.find(values.data(), wanting(k, 5, 50)).size());
      }
    }
  }
}

TEST(ListSearch, AnEmptyIndexFindsNothing) {
  Lists lists({}, 8, ELANUS_L2, 1);
  const float query[8] = {};
  EXPECT_TRUE(lists.find(query, wanting(5, 20, 10)).empty());
}

}  // namespace
}  // namespace ivf_test
