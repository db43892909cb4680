// GraphBuilder: whatever the rows are, every row can be reached and none has too many neighbours; and the graph
// depends on the rows and the seed alone.
#include <cfloat>
#include <set>

#include "graph_support.h"

namespace {

using namespace elanus;

void expect_sound(const Graph &graph, uint32_t count) {
  GraphView view;
  ASSERT_TRUE(open_graph(graph.data(), graph.bytes(), &view));
  ASSERT_EQ(count, view.count);
  ASSERT_GE(view.entry_count, 1u);
  EXPECT_EQ(count, reachable(view, view.entries[0]));
  for (uint32_t row = 0; row < count; row++) {
    const std::set<uint32_t> neighbours(view.neighbours + view.begin(row), view.neighbours + view.end(row));
    ASSERT_EQ(view.end(row) - view.begin(row), neighbours.size()) << "twice a neighbour of " << row;
    ASSERT_EQ(0u, neighbours.count(row)) << row << " is its own neighbour";
    ASSERT_LE(neighbours.size(), kDegreeMax);
  }
}

void expect_sound(const GraphRows &rows) { expect_sound(build_graph(graph_codes(rows)).graph, rows.count()); }

using GraphBuilders = EveryKernels;

TEST_P(GraphBuilders, BuildTheSameGraph) {
  for (const GraphRows &rows : {clustered_rows(3000, 40, 20, 2), repeated_rows(2000, 5, 700)}) {
    const GraphCodes codes = graph_codes(rows);
    const uint32_t scalar = uint32_t(kernel_sets().size()) - 1;
    EXPECT_EQ(bytes_of(build_graph(codes, scalar).graph), bytes_of(build_graph(codes, GetParam()).graph));
  }
}

RUN_ON_EVERY_KERNELS(GraphBuilders);

TEST(GraphBuilder, BuildsTheSameInAnySteps) {
  const GraphCodes codes = graph_codes(clustered_rows(3000, 24, 20, 2));
  const BuiltGraph at_once = build_graph(codes, 0, kSeed, UINT64_MAX), piecewise = build_graph(codes, 0, kSeed, 1);
  EXPECT_EQ(1u, at_once.steps);
  EXPECT_GT(piecewise.steps, 500u);
  EXPECT_EQ(bytes_of(at_once.graph), bytes_of(piecewise.graph));
  EXPECT_NE(bytes_of(at_once.graph), bytes_of(build_graph(codes, 0, kSeed + 1).graph));
}

TEST(GraphBuilder, ReachesEveryRow) {
  expect_sound(clustered_rows(5000, 16, 1, 0));
  expect_sound(clustered_rows(5000, 32, 50, 3));
  // Clusters larger than a leaf, and smaller, so far apart that no row has its nearest in another.
  expect_sound(clustered_rows(6000, 12, 4, 1000));
  expect_sound(clustered_rows(6000, 12, 300, 1000));
}

TEST(GraphBuilder, TakesAnyNumberOfRows) {
  EXPECT_EQ(0u, build_graph(graph_codes(GraphRows{3, {}})).graph.view().count);
  for (uint32_t count : {1u, 2u, 3u, 63u, 64u, 65u, 299u, 600u, 601u, 1000u}) {
    expect_sound(clustered_rows(count, 9, 3, 2));
  }
}

TEST(GraphBuilder, TakesRowsThatAreEqual) {
  for (uint32_t different : {1u, 2u, 5u, 40u, 700u}) expect_sound(repeated_rows(3000, 20, different));
  expect_sound(GraphRows{7, std::vector<float>(7 * 1000, 0.0f)});
  // In one dimension no more than 127 codes differ.
  expect_sound(clustered_rows(3000, 1, 1, 0));
}

TEST(GraphBuilder, TakesRowsOfAllSizes) {
  GraphRows rows = clustered_rows(1500, 30, 5, 2);
  for (uint32_t i = 0; i < 30; i++) {
    rows.values[i] = FLT_MAX;
    rows.values[30 + i] = -FLT_MAX;
    rows.values[60 + i] = 1e-40f;
    rows.values[90 + i] = i == 3 ? NAN : INFINITY;
  }
  // And a dimension in which all are equal.
  for (uint32_t row = 0; row < rows.count(); row++) rows.values[row * 30 + 7] = 12345;
  expect_sound(rows);
  GraphRows small = clustered_rows(1500, 30, 5, 2);
  for (float &value : small.values) value *= 1e-42f;
  expect_sound(small);
  expect_sound(clustered_rows(130, 2000, 1, 0));
}

TEST(GraphBuilder, EntersByTheRowsItIsTold) {
  const GraphRows rows = repeated_rows(3000, 6, 900);
  const GraphCodes codes = graph_codes(rows);
  GraphBuilder builder(codes, *build_kernels_at(0), kSeed);
  const uint32_t entries[] = {2999, 5, 5, 1700};
  builder.enter_by(entries, 4);
  while (builder.step(1000000) == GraphBuilder::Progress::kMore) continue;
  const Graph graph = builder.take_graph();
  ASSERT_EQ(4u, graph.view().entry_count);
  EXPECT_EQ(0, memcmp(entries, graph.view().entries, sizeof(entries)));
  expect_sound(graph, rows.count());
}

TEST(GraphBuilder, PartsHardRowsMoreOften) {
  EXPECT_EQ(1u, build_graph(graph_codes(clustered_rows(500, 64, 1, 0))).partitions);
  EXPECT_EQ(3u, build_graph(graph_codes(clustered_rows(5000, 3, 1, 0))).partitions);
  EXPECT_LT(5u, build_graph(graph_codes(clustered_rows(5000, 64, 1, 0))).partitions);
}

TEST(GraphScale, CutsWhatIsFarOut) {
  GraphScale scale;
  ASSERT_TRUE(scale.init());
  EXPECT_EQ(0, scale.scale());
  std::vector<float> values(100000, 1.0f);
  values[5] = 1e30f;
  scale.add(values.data(), uint32_t(values.size()));
  EXPECT_NEAR(kBuildCodeMax, scale.scale(), 1);
  GraphCodes codes;
  ASSERT_TRUE(codes.init(1, 3));
  const float row[3] = {-1e30f, 0.5f, 1.0f};
  codes.set(0, row, scale.scale());
  EXPECT_EQ(-kBuildCodeMax, codes.row(0)[0]);
  EXPECT_NEAR(kBuildCodeMax / 2, codes.row(0)[1], 1);
}

}  // namespace
