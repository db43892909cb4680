// Approximate searches: k rows whenever k match, whatever the index, the way, the filter and the rows; with the vectors
// in their exact order, without them by estimates; the same on every kernel set.
#include "ann_support.h"

#include <cfloat>
#include <limits>

namespace ann_test {
namespace {

// Requests of every way: the graph or some lists; lists until patience ends; all lists.
constexpr elanus_request kRequests[] = {{10, 40, 60, 30, 300}, {10, 0, 60, 30, 300}, {10, 0, 60, 30, 0}, {1, 1, 0, 0, 0}, {10, 1, 1, 1, 1}};

struct Searching {
  GraphRows rows;
  elanus_metric metric;
  FlatPointer flat;
  Bytes graph, ivf;

  Searching(GraphRows given, elanus_metric metric, uint32_t kernels = 0, uint32_t lists = 0)
      : rows(std::move(given)), metric(metric), flat(flat_of(rows, metric, kernels)) {
    const BuilderPointer builder = build(flat, options_of(ELANUS_GRAPH, lists), kernels);
    graph = file_of(builder, ELANUS_GRAPH);
    ivf = file_of(builder, ELANUS_IVF);
  }

  IndexPointer open_as(const Opening &opening, uint32_t kernels = 0) const {
    return open(part_of(opening.file == ELANUS_GRAPH ? graph : ivf, opening), opening.flags, kernels);
  }
};

using AnnSearches = EveryKernels;

TEST_P(AnnSearches, FindNearlyWhatThereIs) {
  for (elanus_metric metric : kMetrics) {
    const Searching made(clustered_rows(3000, 64, 30, 1.5f), metric, GetParam());
    const std::vector<float> queries = queries_near(made.rows, 50);
    const Result truth = search(made.flat, queries, 50, 10);
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = made.open_as(opening, GetParam());
      const SearcherPointer searcher = open_searcher(index, made.flat.get());
      for (const elanus_request &request : {elanus_request{10, 64, 120, 40, 0}, elanus_request{10, 0, 120, 40, 500}}) {
        const Result found = ask(searcher, queries, 50, request);
        expect_full(found, 10, 3000, metric);
        EXPECT_GE(recall_of(found, truth, 10), 0.95) << opening.name << " metric " << metric << " effort " << request.effort;
      }
    }
  }
}

// Files and answers, estimates too, are the same on every kernel set; exact scores are not, bit for bit.
TEST_P(AnnSearches, FindTheSameAsAnyOther) {
  const Searching made(clustered_rows(1200, 48, 12, 1.5f), ELANUS_COSINE);
  const std::vector<float> queries = queries_near(made.rows, 30);
  const std::vector<uint8_t> half = some_alive(1200, 2), few = some_alive(1200, 40);
  for (const Opening &opening : kOpenings) {
    const IndexPointer one = made.open_as(opening, uint32_t(kernel_sets().size()) - 1), two = made.open_as(opening, GetParam());
    const SearcherPointer scalar = open_searcher(one, nullptr), other = open_searcher(two, nullptr);
    for (const elanus_request &request : kRequests) {
      for (const std::vector<uint8_t> *alive : {static_cast<const std::vector<uint8_t> *>(nullptr), &half, &few}) {
        const Result first = ask(scalar, queries, 30, request, alive), second = ask(other, queries, 30, request, alive);
        ASSERT_EQ(first.counts, second.counts) << opening.name;
        ASSERT_EQ(first.rows, second.rows) << opening.name;
        ASSERT_EQ(first.scores, second.scores) << opening.name;
      }
    }
    const elanus_cost a = cost_of(scalar), b = cost_of(other);
    EXPECT_EQ(0, memcmp(&a, &b, sizeof(a))) << opening.name;
  }
}

RUN_ON_EVERY_KERNELS(AnnSearches);

TEST(AnnSearch, GivesKRowsWheneverKMatch) {
  const Searching made(clustered_rows(2500, 24, 20, 2), ELANUS_L2);
  const std::vector<float> queries = queries_near(made.rows, 8);
  std::vector<std::vector<uint8_t>> filters = {std::vector<uint8_t>(320, 0xff), std::vector<uint8_t>(320)};
  for (uint32_t one_in : {2u, 3u, 20u, 300u}) filters.push_back(some_alive(2500, one_in));
  // All but what is near the first query; and one row alone.
  const Result near = search(made.flat, queries, 1, 1200);
  filters.push_back(filters[0]);
  for (uint32_t row : near.rows) filters.back()[row >> 3] = uint8_t(filters.back()[row >> 3] & ~(1 << (row & 7)));
  filters.push_back(filters[1]);
  filters.back()[312] = 8;
  for (const Opening &opening : kOpenings) {
    const IndexPointer index = made.open_as(opening);
    for (const elanus_flat *flat : {static_cast<const elanus_flat *>(made.flat.get()), static_cast<const elanus_flat *>(nullptr)}) {
      const SearcherPointer searcher = open_searcher(index, flat);
      for (const elanus_request &request : kRequests) {
        for (uint32_t k : {1u, 10u, 1000u}) {
          elanus_request asked = request;
          asked.k = k;
          expect_full(ask(searcher, queries, 8, asked), k, 2500, ELANUS_L2);
          for (const std::vector<uint8_t> &alive : filters) {
            expect_full(ask(searcher, queries, 8, asked, &alive), k, 2500, ELANUS_L2, &alive);
            if (testing::Test::HasFatalFailure()) FAIL() << opening.name << " k " << k << " effort " << request.effort;
          }
        }
      }
    }
  }
}

TEST(AnnSearch, KeepsAsManyMatchingRowsOfAFilterAsOfNone) {
  const Searching made(clustered_rows(4000, 32, 30, 1.5f), ELANUS_L2);
  const std::vector<float> queries = queries_near(made.rows, 40);
  for (uint32_t one_in : {2u, 5u, 30u}) {
    const std::vector<uint8_t> alive = some_alive(4000, one_in);
    const Result truth = search(made.flat, queries, 40, 10, &alive);
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = made.open_as(opening);
      const SearcherPointer searcher = open_searcher(index, made.flat.get());
      const Result found = ask(searcher, queries, 40, {10, 64, 120, 40, 400}, &alive);
      EXPECT_GE(recall_of(found, truth, 10), 0.95) << opening.name << " one in " << one_in;
    }
  }
}

TEST(AnnSearch, OfOneRowAmongManyFindsIt) {
  constexpr uint32_t kRows = 200000;
  const GraphRows rows = clustered_rows(kRows, 4, 50, 3);
  const FlatPointer flat = flat_of(rows, ELANUS_L2);
  const Bytes file = build_file(flat, ELANUS_IVF, 300);
  const IndexPointer index = open(file);
  const SearcherPointer searcher = open_searcher(index, flat.get());
  for (uint32_t row : {0u, 77777u, kRows - 1}) {
    std::vector<uint8_t> alive((kRows + 63) / 64 * 8);
    alive[row >> 3] = uint8_t(1 << (row & 7));
    const Result found = ask(searcher, queries_near(rows, 3), 3, {10, 4, 50, 20, 100}, &alive);
    EXPECT_EQ(std::vector<uint32_t>(3, 1), found.counts);
    EXPECT_EQ(row, found.rows[0]);
  }
  // By its vector: of so few rows no code is read.
  EXPECT_EQ(9u, cost_of(searcher).reranked);
  EXPECT_EQ(0u, cost_of(searcher).scored + cost_of(searcher).scanned);
}

TEST(AnnSearch, WithoutVectorsGivesEstimatesOfTheirScores) {
  for (elanus_metric metric : kMetrics) {
    const Searching made(clustered_rows(1500, 128, 15, 1.5f), metric);
    const std::vector<float> queries = queries_near(made.rows, 20);
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = made.open_as(opening);
      const SearcherPointer searcher = open_searcher(index, nullptr);
      const Result found = ask(searcher, queries, 20, {40, 60, 200, 40, 0});
      // 4-bit codes are off by a few hundredths, 1-bit codes by more.
      const double tolerance = opening.stage == ELANUS_STAGE_SCAN ? 0.4 : 0.06;
      for (uint32_t i = 0; i < 20 * 40; i++) {
        const float *query = queries.data() + size_t(i / 40) * 128, *row = made.rows.row(found.rows[i]);
        const double scale = metric == ELANUS_COSINE ? 1 : std::sqrt(true_score(ELANUS_IP, query, query, 128).score *
                                                                     true_score(ELANUS_IP, row, row, 128).score);
        EXPECT_NEAR(true_score(metric, query, row, 128).score, found.scores[i], tolerance * scale) << opening.name;
      }
      // Who ranks these by their vectors gets what there is.
      EXPECT_GE(recall_of(found, search(made.flat, queries, 20, 40), 40), opening.stage == ELANUS_STAGE_SCAN ? 0.5 : 0.85);
      EXPECT_EQ(0u, cost_of(searcher).reranked);
    }
  }
}

TEST(AnnSearch, ForARowDoesNotFindItself) {
  const Searching made(clustered_rows(1000, 32, 10, 1.5f), ELANUS_L2);
  std::vector<uint32_t> selves(100);
  for (uint32_t i = 0; i < 100; i++) selves[i] = i * 10;
  for (const Opening &opening : kOpenings) {
    const IndexPointer index = made.open_as(opening);
    const SearcherPointer searcher = open_searcher(index, made.flat.get());
    for (const elanus_request &request : {elanus_request{10, 64, 150, 40, 0}, elanus_request{10, 0, 150, 40, 600}, elanus_request{999, 1, 1, 1, 1}}) {
      const uint32_t k = request.k;
      Result found{std::vector<uint32_t>(100), std::vector<uint32_t>(100 * k), std::vector<float>(100 * k)};
      ASSERT_EQ(ELANUS_OK, elanus_searcher_search_rows(searcher.get(), selves.data(), 100, &request, found.counts.data(),
                                                       found.rows.data(), found.scores.data()));
      Result truth = found;
      for (uint32_t i = 0; i < 100; i++) {
        ASSERT_EQ(k, found.counts[i]);
        std::vector<uint8_t> others(128, 0xff);
        others[selves[i] >> 3] = uint8_t(~(1 << (selves[i] & 7)));
        const float *row = made.rows.row(selves[i]);
        const Result one = search(made.flat, std::vector<float>(row, row + 32), 1, k, &others);
        std::copy(one.rows.begin(), one.rows.end(), truth.rows.begin() + i * k);
        for (uint32_t j = 0; j < k; j++) ASSERT_NE(selves[i], found.rows[i * k + j]);
      }
      EXPECT_GE(recall_of(found, truth, k), 0.95) << opening.name;
    }
  }
}

// What vectors may be, and hardly ever are.
std::vector<std::pair<const char *, GraphRows>> odd_rows() {
  std::vector<std::pair<const char *, GraphRows>> odd;
  for (uint32_t count : {1u, 2u, 5u}) odd.push_back({"few", clustered_rows(count, 7, 1, 1)});
  odd.push_back({"equal", repeated_rows(600, 12, 1)});
  odd.push_back({"many equal", repeated_rows(600, 12, 7)});
  odd.push_back({"one dimension", clustered_rows(500, 1, 1, 1)});
  const auto scaled = [](float factor, float added) {
    GraphRows rows = clustered_rows(500, 20, 5, 1);
    for (float &value : rows.values) value = value * factor + added;
    return rows;
  };
  odd.push_back({"huge", scaled(1e30f, 0)});
  odd.push_back({"denormal", scaled(1e-41f, 0)});
  odd.push_back({"zero", scaled(0, 0)});
  odd.push_back({"largest", scaled(0, FLT_MAX)});
  odd.push_back({"far from zero", scaled(1, 1e6f)});
  GraphRows constant = scaled(1, 0);
  for (uint32_t i = 0; i < constant.count(); i++) {
    for (uint32_t j = 3; j < 20; j++) constant.values[i * 20 + j] = float(j);
  }
  odd.push_back({"constant dimensions", constant});
  GraphRows mixed = scaled(1, 0);
  for (uint32_t j = 0; j < 20; j++) mixed.values[17 * 20 + j] = 1e30f;
  odd.push_back({"one huge among small", mixed});
  return odd;
}

TEST(AnnSearch, HoldsForOddRows) {
  for (auto &[name, rows] : odd_rows()) {
    const uint32_t count = rows.count();
    std::vector<float> queries(rows.values.begin(), rows.values.begin() + std::min(count, 3u) * rows.dim);
    queries.insert(queries.end(), rows.dim, 0.0f);
    const uint32_t query_count = uint32_t(queries.size() / rows.dim);
    const std::vector<uint8_t> alive = some_alive(count, 2);
    for (elanus_metric metric : kMetrics) {
      const Searching made(rows, metric);
      for (const Opening &opening : kOpenings) {
        const IndexPointer index = made.open_as(opening);
        for (const elanus_flat *flat : {static_cast<const elanus_flat *>(made.flat.get()), static_cast<const elanus_flat *>(nullptr)}) {
          const SearcherPointer searcher = open_searcher(index, flat);
          for (const elanus_request &request : kRequests) {
            const Result found = ask(searcher, queries, query_count, request);
            const Result half = ask(searcher, queries, query_count, request, &alive);
            for (uint32_t q = 0; q < query_count; q++) {
              ASSERT_EQ(std::min(request.k, count), found.counts[q]) << name << ", " << opening.name << ", metric " << metric;
              const uint32_t *first = found.rows.data() + q * request.k;
              ASSERT_EQ(found.counts[q], std::set<uint32_t>(first, first + found.counts[q]).size()) << name;
              ASSERT_EQ(std::min(request.k, alive_count(alive, count)), half.counts[q]) << name;
            }
          }
        }
      }
    }
  }
}

// A query that no distance can be told of finds as many rows as any other, each once.
TEST(AnnSearch, HoldsForOddQueries) {
  constexpr float kOdd[] = {1e16f, 1e19f, 1e30f, FLT_MAX, -FLT_MAX, 1e-41f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()};
  constexpr uint32_t kCount = 600, kDim = 20, kQueries = uint32_t(std::size(kOdd));
  std::vector<float> everywhere(kQueries * kDim), once(kQueries * kDim, 1.0f);
  for (uint32_t q = 0; q < kQueries; q++) {
    std::fill_n(everywhere.begin() + q * kDim, kDim, kOdd[q]);
    once[q * kDim + 3] = kOdd[q];
  }
  const std::vector<uint8_t> alive = some_alive(kCount, 2), few = some_alive(kCount, 100);
  for (elanus_metric metric : kMetrics) {
    const Searching made(clustered_rows(kCount, kDim, 5, 1), metric);
    for (const Opening &opening : kOpenings) {
      const IndexPointer index = made.open_as(opening);
      for (const elanus_flat *flat : {static_cast<const elanus_flat *>(made.flat.get()), static_cast<const elanus_flat *>(nullptr)}) {
        const SearcherPointer searcher = open_searcher(index, flat);
        for (const elanus_request &request : kRequests) {
          for (const std::vector<float> *queries : {&everywhere, &once}) {
            for (const std::vector<uint8_t> *filter : {static_cast<const std::vector<uint8_t> *>(nullptr), &alive, &few}) {
              const Result found = ask(searcher, *queries, kQueries, request, filter);
              const uint32_t matching = filter == nullptr ? kCount : alive_count(*filter, kCount);
              for (uint32_t q = 0; q < kQueries; q++) {
                const uint32_t *rows = found.rows.data() + q * request.k;
                ASSERT_EQ(std::min(request.k, matching), found.counts[q]) << kOdd[q] << ", " << opening.name << ", metric " << metric << ", effort " << request.effort;
                ASSERT_EQ(found.counts[q], std::set<uint32_t>(rows, rows + found.counts[q]).size());
                for (uint32_t i = 0; i < found.counts[q]; i++) ASSERT_TRUE(filter == nullptr || is_alive(*filter, rows[i]));
              }
            }
          }
        }
      }
    }
  }
}

TEST(AnnSearch, BeyondItsRoomIsExactOrRefused) {
  const Searching made(clustered_rows(500, 16, 5, 1), ELANUS_L2);
  const std::vector<float> queries = queries_near(made.rows, 3);
  const IndexPointer index = open(made.graph);
  const SearcherPointer exact = open_searcher(index, made.flat.get(), 20), estimating = open_searcher(index, nullptr, 20);
  uint32_t counts[3], rows[3 * 30], selves[1] = {0};
  float scores[3 * 30];
  for (const elanus_request &request : {elanus_request{30, 1, 1, 1, 0}, {10, 21, 1, 1, 0}, {10, 1, 21, 1, 0}}) {
    const Result truth = search(made.flat, queries, 3, request.k);
    EXPECT_EQ(truth.rows, ask(exact, queries, 3, request).rows);
    EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search(estimating.get(), queries.data(), 3, &request, nullptr, counts, rows, scores));
    EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search_rows(exact.get(), selves, 1, &request, counts, rows, scores));
  }
  EXPECT_EQ(9u, cost_of(exact).scans);
}

TEST(AnnSearch, RefusesWhatBreaksTheContract) {
  const Searching made(clustered_rows(50, 16, 5, 1), ELANUS_L2);
  const IndexPointer index = open(made.graph);
  elanus_searcher *out = nullptr;
  const FlatPointer other_dim = flat_of(clustered_rows(50, 17, 5, 1), ELANUS_L2), other_metric = flat_of(made.rows, ELANUS_IP),
                    other_count = flat_of(clustered_rows(51, 16, 5, 1), ELANUS_L2);
  for (const FlatPointer *flat : {&other_dim, &other_metric, &other_count}) {
    EXPECT_EQ(ELANUS_INVALID, elanus_searcher_open(index.get(), flat->get(), 10, &out));
  }
  EXPECT_EQ(ELANUS_INVALID, elanus_searcher_open(index.get(), made.flat.get(), 0, &out));
  EXPECT_EQ(ELANUS_INVALID, elanus_searcher_open(index.get(), made.flat.get(), ELANUS_EFFORT_MAX + 1, &out));
  const SearcherPointer searcher = open_searcher(index, made.flat.get()), estimating = open_searcher(index, nullptr);
  const float query[16] = {};
  uint32_t counts[1], rows[10], selves[] = {50};
  float scores[10];
  for (const elanus_request &request : {elanus_request{0, 1, 1, 1, 0}, {ELANUS_K_MAX + 1, 1, 1, 1, 0}, {10, 1, 1, 1, -1},
                                        {10, 1, 1, 1, std::numeric_limits<float>::quiet_NaN()}}) {
    EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search(searcher.get(), query, 1, &request, nullptr, counts, rows, scores));
  }
  EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search(searcher.get(), query, 1, nullptr, nullptr, counts, rows, scores));
  const elanus_request request = {10, 1, 1, 1, 0};
  EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search_rows(searcher.get(), selves, 1, &request, counts, rows, scores));
  selves[0] = 0;
  EXPECT_EQ(ELANUS_INVALID, elanus_searcher_search_rows(estimating.get(), selves, 1, &request, counts, rows, scores));
  EXPECT_EQ(ELANUS_OK, elanus_searcher_search(searcher.get(), nullptr, 0, &request, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace
}  // namespace ann_test
