// Support for the tests of approximate indexes: rows, their index files, and searches, all through elanus.h.
#pragma once

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "base/array.h"
#include "graph_support.h"

namespace ann_test {

using Bytes = elanus::Array<uint8_t>;

struct CloseBuilder {
  void operator()(elanus_builder *builder) const { elanus_builder_close(builder); }
};
using BuilderPointer = std::unique_ptr<elanus_builder, CloseBuilder>;

struct CloseIndex {
  void operator()(elanus_index *index) const { elanus_index_close(index); }
};
using IndexPointer = std::unique_ptr<elanus_index, CloseIndex>;

struct CloseSearcher {
  void operator()(elanus_searcher *searcher) const { elanus_searcher_close(searcher); }
};
using SearcherPointer = std::unique_ptr<elanus_searcher, CloseSearcher>;

inline FlatPointer flat_of(const GraphRows &rows, elanus_metric metric, uint32_t kernels = 0) {
  FlatPointer flat = open_flat(rows.dim, metric, kernels);
  EXPECT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), rows.values.data(), rows.count()));
  return flat;
}

inline elanus_build_options options_of(elanus_kind kind, uint32_t lists = 0) {
  elanus_build_options options = {kind, lists, kSeed, {}};
  for (uint8_t i = 0; i < 32; i++) options.rows_sha256[i] = i;
  return options;
}

// After its last step.
inline BuilderPointer build(const FlatPointer &flat, const elanus_build_options &options, uint32_t kernels = 0,
                            uint32_t pairs = 10000000) {
  elanus_builder *builder = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_builder_open(flat.get(), &options, kernels, &builder));
  for (uint32_t done = 0; done == 0;) EXPECT_EQ(ELANUS_OK, elanus_builder_step(builder, pairs, &done));
  return BuilderPointer(builder);
}

inline Bytes copy_of(const uint8_t *bytes, size_t size_bytes) {
  Bytes copy;
  EXPECT_TRUE(copy.resize(size_bytes));
  if (size_bytes > 0) memcpy(copy.data(), bytes, size_bytes);
  return copy;
}

inline Bytes file_of(const BuilderPointer &builder, elanus_kind kind, const std::vector<uint8_t> &calibration = {}) {
  EXPECT_EQ(ELANUS_OK, elanus_builder_write(builder.get(), kind, calibration.data(), uint32_t(calibration.size())));
  const uint8_t *bytes = nullptr;
  size_t size_bytes = 0;
  EXPECT_EQ(ELANUS_OK, elanus_builder_bytes(builder.get(), &bytes, &size_bytes));
  return copy_of(bytes, size_bytes);
}

inline Bytes build_file(const FlatPointer &flat, elanus_kind kind, uint32_t lists = 0, uint32_t kernels = 0) {
  return file_of(build(flat, options_of(kind, lists), kernels), kind);
}

inline elanus_status try_open(const Bytes &file, uint32_t flags, IndexPointer *out, uint32_t kernels = 0) {
  elanus_index *index = nullptr;
  const elanus_status status = elanus_index_open(file.data(), file.size(), flags, kernels, &index);
  if (status == ELANUS_OK) out->reset(index);
  return status;
}

inline IndexPointer open(const Bytes &file, uint32_t flags = 0, uint32_t kernels = 0) {
  IndexPointer index;
  EXPECT_EQ(ELANUS_OK, try_open(file, flags, &index, kernels));
  return index;
}

inline elanus_index_about about(const IndexPointer &index) {
  elanus_index_about about = {};
  EXPECT_EQ(ELANUS_OK, elanus_index_info(index.get(), &about));
  return about;
}

// The first bytes of a file that hold a stage.
inline Bytes head_of(const Bytes &file, elanus_stage stage) {
  uint64_t bytes = 0;
  uint32_t more = 1;
  EXPECT_EQ(ELANUS_OK, elanus_index_extent(file.data(), file.size(), stage, &bytes, &more));
  EXPECT_EQ(0u, more);
  return copy_of(file.data(), size_t(bytes));
}

// `rows` may be NULL.
inline SearcherPointer open_searcher(const IndexPointer &index, const elanus_flat *rows, uint32_t effort_max = 1024) {
  elanus_searcher *searcher = nullptr;
  EXPECT_EQ(ELANUS_OK, elanus_searcher_open(index.get(), rows, effort_max, &searcher));
  return SearcherPointer(searcher);
}

inline Result ask(const SearcherPointer &searcher, const std::vector<float> &queries, uint32_t query_count,
                  const elanus_request &request, const std::vector<uint8_t> *alive = nullptr) {
  Result result{std::vector<uint32_t>(query_count), std::vector<uint32_t>(size_t(query_count) * request.k),
                std::vector<float>(size_t(query_count) * request.k)};
  EXPECT_EQ(ELANUS_OK, elanus_searcher_search(searcher.get(), queries.data(), query_count, &request,
                                              alive == nullptr ? nullptr : alive->data(), result.counts.data(),
                                              result.rows.data(), result.scores.data()));
  return result;
}

inline elanus_cost cost_of(const SearcherPointer &searcher) {
  elanus_cost cost = {};
  elanus_searcher_cost(searcher.get(), &cost);
  return cost;
}

inline bool is_alive(const std::vector<uint8_t> &alive, uint32_t row) { return (alive[row >> 3] >> (row & 7) & 1) != 0; }

// Rows 0 .. count - 1, about one in `one_in`, or as many as `exactly` says.
inline std::vector<uint8_t> some_alive(uint32_t count, uint32_t one_in, uint32_t seed = kSeed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> alive((count + 63) / 64 * 8);
  for (uint32_t row = 0; row < count; row++) {
    if (random() % one_in == 0) alive[row >> 3] = uint8_t(alive[row >> 3] | 1 << (row & 7));
  }
  return alive;
}

inline uint32_t alive_count(const std::vector<uint8_t> &alive, uint32_t count) {
  uint32_t alive_rows = 0;
  for (uint32_t row = 0; row < count; row++) alive_rows += is_alive(alive, row);
  return alive_rows;
}

// Every answer has as many rows as there can be, each once and alive, scores in order.
inline void expect_full(const Result &result, uint32_t k, uint32_t count, elanus_metric metric,
                        const std::vector<uint8_t> *alive = nullptr) {
  const uint32_t expected = std::min(k, alive == nullptr ? count : alive_count(*alive, count));
  for (size_t q = 0; q < result.counts.size(); q++) {
    ASSERT_EQ(expected, result.counts[q]) << "query " << q;
    const uint32_t *rows = result.rows.data() + q * k;
    const float *scores = result.scores.data() + q * k;
    ASSERT_EQ(expected, std::set<uint32_t>(rows, rows + expected).size());
    for (uint32_t i = 0; i < expected; i++) {
      ASSERT_LT(rows[i], count);
      ASSERT_TRUE(alive == nullptr || is_alive(*alive, rows[i])) << "row " << rows[i];
      if (i > 0) {
        ASSERT_TRUE(metric == ELANUS_L2 ? scores[i - 1] <= scores[i] : scores[i - 1] >= scores[i]);
      }
    }
  }
}

// The share of the exact answers that is found.
inline double recall_of(const Result &found, const Result &truth, uint32_t k) {
  uint32_t common = 0, all = 0;
  for (size_t q = 0; q < truth.counts.size(); q++) {
    const std::set<uint32_t> rows(truth.rows.begin() + long(q * k), truth.rows.begin() + long(q * k + truth.counts[q]));
    for (uint32_t i = 0; i < found.counts[q]; i++) common += uint32_t(rows.count(found.rows[q * k + i]));
    all += truth.counts[q];
  }
  return all == 0 ? 1 : double(common) / all;
}

// Rows of which some are moved a little: queries of the rows' own distribution.
inline std::vector<float> queries_near(const GraphRows &rows, uint32_t count, uint32_t seed = kSeed + 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> queries(size_t(count) * rows.dim);
  for (uint32_t q = 0; q < count; q++) {
    const float *near = rows.row(random() % rows.count());
    for (uint32_t i = 0; i < rows.dim; i++) queries[size_t(q) * rows.dim + i] = near[i] + 0.3f * normal(random);
  }
  return queries;
}

// An index file may be opened in these ways; the last two are parts of it.
struct Opening {
  const char *name;
  elanus_kind file;
  uint32_t flags;
  elanus_stage stage;
};
constexpr Opening kOpenings[] = {
    {"graph", ELANUS_GRAPH, 0, ELANUS_STAGE_GRAPH},
    {"graph as ivf", ELANUS_GRAPH, ELANUS_AS_IVF, ELANUS_STAGE_REFINE},
    {"ivf", ELANUS_IVF, 0, ELANUS_STAGE_REFINE},
    {"graph to refine", ELANUS_GRAPH, ELANUS_PARTIAL, ELANUS_STAGE_REFINE},
    {"ivf to scan", ELANUS_IVF, ELANUS_PARTIAL, ELANUS_STAGE_SCAN},
};

inline Bytes part_of(const Bytes &file, const Opening &opening) {
  return (opening.flags & ELANUS_PARTIAL) != 0 ? head_of(file, opening.stage) : copy_of(file.data(), file.size());
}

}  // namespace ann_test
