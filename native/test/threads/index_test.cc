// elanus.h in several threads: an index file is the one that a single thread builds, byte for byte; and searches of one
// index, at once, give the answers that they give one after another.
#include <cstring>

#include "support.h"
#include "threads/crew.h"

namespace {

constexpr uint32_t kRows = 3000, kDim = 24, kTasksMin = 40;

struct CloseBuilder {
  void operator()(elanus_builder *builder) const { elanus_builder_close(builder); }
};
using Builder = std::unique_ptr<elanus_builder, CloseBuilder>;

// Clouds, so that rows have near ones and some nearer than others.
FlatPointer some_rows(uint32_t count = kRows) {
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(size_t(count) * kDim);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j < kDim; j++) vectors[size_t(i) * kDim + j] = float((i % 30) * (j % 7)) + normal(random);
  }
  FlatPointer flat = open_flat(kDim, ELANUS_L2, 0);
  EXPECT_EQ(ELANUS_OK, elanus_flat_append(flat.get(), vectors.data(), count));
  return flat;
}

Builder open_builder(const FlatPointer &rows, elanus_kind kind = ELANUS_GRAPH) {
  elanus_builder *builder = nullptr;
  const elanus_build_options options = {kind, 0, kSeed, {}};
  EXPECT_EQ(ELANUS_OK, elanus_builder_open(rows.get(), &options, 0, &builder));
  return Builder(builder);
}

std::vector<uint8_t> file_of(const Builder &builder, elanus_kind kind = ELANUS_GRAPH) {
  const uint8_t *bytes = nullptr;
  size_t size_bytes = 0;
  EXPECT_EQ(ELANUS_OK, elanus_builder_write(builder.get(), kind, nullptr, 0));
  EXPECT_EQ(ELANUS_OK, elanus_builder_bytes(builder.get(), &bytes, &size_bytes));
  return std::vector<uint8_t>(bytes, bytes + size_bytes);
}

std::vector<uint8_t> build_in_steps(const FlatPointer &rows, elanus_kind kind) {
  const Builder builder = open_builder(rows, kind);
  for (uint32_t done = 0; done == 0;) EXPECT_EQ(ELANUS_OK, elanus_builder_step(builder.get(), 1000000, &done));
  return file_of(builder, kind);
}

// `tasks_run` becomes the number of tasks that all workers ran together.
std::vector<uint8_t> build_by(const FlatPointer &rows, elanus_kind kind, uint32_t workers, uint32_t *tasks_run) {
  const Builder builder = open_builder(rows, kind);
  *tasks_run = 0;
  for (uint32_t tasks = 1; tasks > 0;) {
    EXPECT_EQ(ELANUS_OK, elanus_builder_plan(builder.get(), workers, &tasks));
    for (uint32_t ran : run_tasks(workers, tasks, [&](uint32_t worker, uint32_t task) {
           EXPECT_EQ(ELANUS_OK, elanus_builder_work(builder.get(), worker, task));
         })) {
      *tasks_run += ran;
    }
  }
  return file_of(builder, kind);
}

TEST(IndexThreads, BuildTheSameFile) {
  const FlatPointer rows = some_rows();
  for (elanus_kind kind : {ELANUS_GRAPH, ELANUS_IVF}) {
    const std::vector<uint8_t> expected = build_in_steps(rows, kind);
    for (uint32_t workers : {1u, 2u, 3u, 7u}) {
      uint32_t tasks = 0;
      EXPECT_EQ(expected, build_by(rows, kind, workers, &tasks)) << workers;
      EXPECT_LT(kTasksMin, tasks);
    }
  }
}

// Work that no other thread can take part in is a few tasks of many.
TEST(IndexThreads, ShareNearlyAllTasks) {
  const FlatPointer rows = some_rows();
  const Builder builder = open_builder(rows);
  uint32_t alone = 0, shared = 0;
  for (uint32_t tasks = 1; tasks > 0;) {
    ASSERT_EQ(ELANUS_OK, elanus_builder_plan(builder.get(), 2, &tasks));
    (tasks == 1 ? alone : shared) += tasks;
    // The even tasks and the odd ones, as two threads would.
    run_tasks(2, tasks < 2 ? tasks : 2, [&](uint32_t worker, uint32_t first) {
      for (uint32_t task = first; task < tasks; task += 2) {
        EXPECT_EQ(ELANUS_OK, elanus_builder_work(builder.get(), worker, task));
      }
    });
  }
  EXPECT_LT(50 * alone, shared);
  EXPECT_EQ(file_of(builder), build_in_steps(rows, ELANUS_GRAPH));
}

TEST(IndexThreads, MayNotSkipTasksNorMixThemWithSteps) {
  const FlatPointer rows = some_rows(200);
  const Builder builder = open_builder(rows);
  uint32_t tasks = 0, done = 0;
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_work(builder.get(), 0, 0));
  for (uint32_t workers : {0u, ELANUS_WORKERS_MAX + 1}) {
    EXPECT_EQ(ELANUS_INVALID, elanus_builder_plan(builder.get(), workers, &tasks));
  }
  ASSERT_EQ(ELANUS_OK, elanus_builder_plan(builder.get(), 2, &tasks));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_plan(builder.get(), 2, &tasks)) << "tasks are left";
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_work(builder.get(), 2, 0));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_work(builder.get(), 0, tasks));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_step(builder.get(), 1, &done));
  for (uint32_t task = 0; task < tasks; task++) EXPECT_EQ(ELANUS_OK, elanus_builder_work(builder.get(), 1, task));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_plan(builder.get(), 3, &tasks)) << "of another number of workers";
  EXPECT_EQ(ELANUS_OK, elanus_builder_plan(builder.get(), 2, &tasks));
  const Builder stepped = open_builder(rows);
  EXPECT_EQ(ELANUS_OK, elanus_builder_step(stepped.get(), 1, &done));
  EXPECT_EQ(ELANUS_INVALID, elanus_builder_plan(stepped.get(), 2, &tasks));
}

struct Answer {
  uint32_t count = 0;
  uint32_t rows[10] = {};
  float scores[10] = {};
  bool operator==(const Answer &other) const {
    return count == other.count && memcmp(rows, other.rows, count * 4) == 0 && memcmp(scores, other.scores, count * 4) == 0;
  }
};

TEST(IndexThreads, SearchOneIndexAtOnce) {
  constexpr uint32_t kQueries = 400, kWorkers = 4;
  const FlatPointer rows = some_rows();
  const std::vector<uint8_t> file = build_in_steps(rows, ELANUS_GRAPH);
  std::mt19937 random(kSeed + 1);
  std::vector<float> queries(size_t(kQueries) * kDim);
  for (uint32_t i = 0; i < kQueries; i++) {
    ASSERT_EQ(ELANUS_OK, elanus_flat_read(rows.get(), random() % kRows, 1, queries.data() + size_t(i) * kDim));
  }
  std::vector<uint8_t> alive((kRows + 63) / 64 * 8);
  for (uint8_t &byte : alive) byte = uint8_t(random());
  void *aligned = elanus_alloc(file.size());
  memcpy(aligned, file.data(), file.size());
  elanus_index *index = nullptr;
  ASSERT_EQ(ELANUS_OK, elanus_index_open(static_cast<uint8_t *>(aligned), file.size(), 0, 0, &index));
  elanus_searcher *searchers[kWorkers];
  for (elanus_searcher *&searcher : searchers) {
    ASSERT_EQ(ELANUS_OK, elanus_searcher_open(index, rows.get(), 256, &searcher));
  }
  const elanus_request request = {.k = 10, .effort = 40, .keep = 100, .rerank = 30, .patience = 50};
  // Every third by the graph, every third under a filter, every third over all rows.
  const auto search = [&](uint32_t worker, uint32_t i) {
    Answer answer;
    const float *query = queries.data() + size_t(i) * kDim;
    const uint8_t *filter = i % 3 == 1 ? alive.data() : nullptr;
    const elanus_status status =
        i % 3 == 2 ? elanus_flat_search(rows.get(), query, 1, 10, nullptr, nullptr, &answer.count, answer.rows, answer.scores)
                   : elanus_searcher_search(searchers[worker], query, 1, &request, filter, &answer.count, answer.rows, answer.scores);
    EXPECT_EQ(ELANUS_OK, status);
    return answer;
  };
  std::vector<Answer> expected(kQueries), found(kQueries);
  for (uint32_t i = 0; i < kQueries; i++) expected[i] = search(0, i);
  run_tasks(kWorkers, kQueries, [&](uint32_t worker, uint32_t i) { found[i] = search(worker, i); });
  for (uint32_t i = 0; i < kQueries; i++) EXPECT_TRUE(expected[i] == found[i]) << "query " << i;
  for (elanus_searcher *searcher : searchers) elanus_searcher_close(searcher);
  elanus_index_close(index);
  elanus_free(aligned);
}

}  // namespace
