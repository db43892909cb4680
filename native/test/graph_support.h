// Support for the tests of graphs: rows of several kinds, and graphs built from them.
#pragma once

#include <cmath>
#include <vector>

#include "index/graph_builder.h"
#include "support.h"

struct GraphRows {
  uint32_t dim;
  std::vector<float> values;
  uint32_t count() const { return uint32_t(values.size() / dim); }
  const float *row(uint32_t i) const { return values.data() + size_t(i) * dim; }
};

// `clusters` normal clouds of width 1, their centres `spread` wide.
inline GraphRows clustered_rows(uint32_t count, uint32_t dim, uint32_t clusters, float spread, uint32_t seed = kSeed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> centres(size_t(clusters) * dim);
  for (float &value : centres) value = spread * normal(random);
  GraphRows rows{dim, std::vector<float>(size_t(count) * dim)};
  for (uint32_t i = 0; i < count; i++) {
    const size_t centre = random() % clusters;
    for (uint32_t j = 0; j < dim; j++) rows.values[size_t(i) * dim + j] = centres[centre * dim + j] + normal(random);
  }
  return rows;
}

// Every row is one of `different`, so that most have many equals.
inline GraphRows repeated_rows(uint32_t count, uint32_t dim, uint32_t different) {
  GraphRows rows = clustered_rows(different, dim, 1, 0);
  rows.values.resize(size_t(count) * dim);
  std::mt19937 random(kSeed);
  for (uint32_t i = different; i < count; i++) {
    const uint32_t twin = random() % different;
    for (uint32_t j = 0; j < dim; j++) rows.values[size_t(i) * dim + j] = rows.row(twin)[j];
  }
  return rows;
}

inline elanus::GraphCodes graph_codes(const GraphRows &rows) {
  elanus::GraphScale scale;
  EXPECT_TRUE(scale.init());
  for (uint32_t i = 0; i < rows.count(); i++) scale.add(rows.row(i), rows.dim);
  elanus::GraphCodes codes;
  EXPECT_TRUE(codes.init(rows.count(), rows.dim));
  for (uint32_t i = 0; i < rows.count(); i++) codes.set(i, rows.row(i), scale.scale());
  return codes;
}

struct BuiltGraph {
  elanus::Graph graph;
  uint32_t steps = 0, partitions = 0, repaired = 0;
};

inline BuiltGraph build_graph(const elanus::GraphCodes &codes, uint32_t kernels = 0, uint64_t seed = kSeed,
                              uint64_t pairs = 1000000) {
  using Progress = elanus::GraphBuilder::Progress;
  elanus::GraphBuilder builder(codes, *elanus::build_kernels_at(kernels), seed);
  BuiltGraph built;
  Progress progress = Progress::kMore;
  for (; progress == Progress::kMore; built.steps++) progress = builder.step(pairs);
  EXPECT_EQ(Progress::kDone, progress);
  built.partitions = builder.partitions();
  built.repaired = builder.repaired();
  built.graph = builder.take_graph();
  return built;
}

inline std::vector<uint8_t> bytes_of(const elanus::Graph &graph) {
  return std::vector<uint8_t>(graph.data(), graph.data() + graph.bytes());
}

// Rows that can be reached from `entry`.
inline uint32_t reachable(const elanus::GraphView &graph, uint32_t entry) {
  std::vector<bool> seen(graph.count);
  std::vector<uint32_t> left = {entry};
  seen[entry] = true;
  uint32_t reached = 0;
  while (!left.empty()) {
    const uint32_t row = left.back();
    left.pop_back();
    reached++;
    for (size_t at = graph.begin(row); at < graph.end(row); at++) {
      if (seen[graph.neighbours[at]]) continue;
      seen[graph.neighbours[at]] = true;
      left.push_back(graph.neighbours[at]);
    }
  }
  return reached;
}
