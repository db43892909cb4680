// GraphBuilder in several threads: the graph is the one that a single thread builds, whoever runs which task when.
#include <algorithm>
#include <random>

#include "graph_support.h"
#include "threads/crew.h"

namespace {

using namespace elanus;

Graph build_by(const GraphCodes &codes, uint32_t workers) {
  GraphBuilder builder(codes, *build_kernels_at(0), kSeed, workers);
  for (;;) {
    EXPECT_TRUE(builder.plan());
    if (builder.task_count() == 0) return builder.take_graph();
    run_tasks(workers, builder.task_count(), [&](uint32_t worker, uint32_t task) {
      while (!builder.work(worker, task)) continue;
    });
  }
}

TEST(GraphThreads, BuildTheSameGraph) {
  for (const GraphRows &rows : {clustered_rows(4000, 16, 30, 2), repeated_rows(3000, 5, 900)}) {
    const GraphCodes codes = graph_codes(rows);
    const std::vector<uint8_t> expected = bytes_of(build_graph(codes).graph);
    for (uint32_t workers : {1u, 2u, 3u, 7u}) EXPECT_EQ(expected, bytes_of(build_by(codes, workers))) << workers;
  }
}

TEST(GraphThreads, BuildTheSameGraphWhateverTheOrderOfTasks) {
  const GraphCodes codes = graph_codes(clustered_rows(4000, 16, 30, 2));
  const std::vector<uint8_t> expected = bytes_of(build_graph(codes).graph);
  constexpr uint32_t kWorkers = 3;
  std::mt19937 random(kSeed);
  GraphBuilder builder(codes, *build_kernels_at(0), kSeed, kWorkers);
  uint32_t most_tasks = 0;
  for (;;) {
    ASSERT_TRUE(builder.plan());
    if (builder.task_count() == 0) break;
    most_tasks = std::max(most_tasks, builder.task_count());
    std::vector<uint32_t> tasks(builder.task_count());
    for (uint32_t i = 0; i < tasks.size(); i++) tasks[i] = i;
    std::shuffle(tasks.begin(), tasks.end(), random);
    // Three workers take turns, each in the middle of a task of its own.
    std::vector<uint32_t> at(tasks.begin(), tasks.begin() + std::min<size_t>(kWorkers, tasks.size()));
    std::vector<uint32_t> left(tasks.rbegin(), tasks.rend() - std::ptrdiff_t(at.size()));
    for (std::vector<bool> busy(at.size(), true); std::count(busy.begin(), busy.end(), true) > 0;) {
      const uint32_t worker = uint32_t(random() % at.size());
      if (!busy[worker] || !builder.work(worker, at[worker])) continue;
      busy[worker] = !left.empty();
      if (left.empty()) continue;
      at[worker] = left.back();
      left.pop_back();
    }
  }
  EXPECT_GT(most_tasks, 50u);
  EXPECT_EQ(expected, bytes_of(builder.take_graph()));
}

TEST(NeighbourLists, GiveTheNearestWhateverTheOrder) {
  constexpr uint32_t kOffered = 200;
  std::mt19937 random(kSeed);
  std::vector<Neighbour> offered;
  // Every one twice, as two leaves may offer the same.
  for (uint32_t i = 0; i < kOffered; i++) offered.insert(offered.end(), 2, neighbour(i, Rank(random() % 100)));
  std::vector<Neighbour> expected(offered.begin(), offered.end());
  std::sort(expected.begin(), expected.end());
  expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
  expected.resize(NeighbourLists::kNearest);
  for (uint32_t round = 0; round < 20; round++) {
    std::shuffle(offered.begin(), offered.end(), random);
    NeighbourLists lists;
    ASSERT_TRUE(lists.init(1));
    for (uint32_t i = 0; i < offered.size(); i += 8) lists.offer(0, offered.data() + i, 8);
    std::vector<Neighbour> found(NeighbourLists::kListMax);
    found.resize(lists.nearest(0, found.data()));
    EXPECT_EQ(expected, found);
  }
}

}  // namespace
