// GraphRepair: rows that nothing led to are reached afterwards, and no row that was reached is lost for it.
#include "graph_support.h"

namespace {

using namespace elanus;

struct Repaired {
  NeighbourLists lists;
  uint32_t linked = 0;
};

uint32_t reached(const NeighbourLists &lists, uint32_t count, uint32_t entry) {
  std::vector<uint32_t> left = {entry};
  std::vector<bool> seen(count);
  seen[entry] = true;
  for (size_t at = 0; at < left.size(); at++) {
    for (uint32_t i = 0; i < lists.size(left[at]); i++) {
      const uint32_t next = lists.id(left[at], i);
      if (!seen[next]) left.push_back(next);
      seen[next] = true;
    }
  }
  return uint32_t(left.size());
}

// Repairs rows on a line whose neighbours are as told.
Repaired repair(uint32_t count, const std::vector<std::pair<uint32_t, uint32_t>> &edges) {
  GraphRows rows{2, {}};
  for (uint32_t i = 0; i < count; i++) rows.values.insert(rows.values.end(), {float(i), 1.0f});
  const GraphCodes codes = graph_codes(rows);
  const Pruner pruner(codes, *build_kernels_at(0));
  Repaired repaired;
  EXPECT_TRUE(repaired.lists.init(count));
  for (const auto &[from, to] : edges) repaired.lists.add(from, to, pruner.rank(from, to));
  GraphRepair repair;
  EXPECT_TRUE(repair.init(&repaired.lists, &pruner, count, 0));
  while (!repair.step()) continue;
  repaired.linked = repair.linked();
  EXPECT_EQ(count, reached(repaired.lists, count, 0));
  for (uint32_t i = 0; i < count; i++) EXPECT_LE(repaired.lists.size(i), kDegreeMax);
  return repaired;
}

TEST(GraphRepair, LeavesAloneWhatIsReached) {
  const Repaired repaired = repair(3, {{0, 1}, {1, 2}});
  EXPECT_EQ(0u, repaired.linked);
  EXPECT_EQ(0u, repaired.lists.size(2));
  EXPECT_EQ(0u, repair(1, {}).linked);
}

TEST(GraphRepair, LinksWhatNothingLedTo) {
  EXPECT_EQ(1u, repair(3, {{0, 1}, {2, 1}}).linked);
  EXPECT_EQ(1u, repair(4, {{0, 1}, {2, 3}, {3, 2}}).linked);
  EXPECT_EQ(999u, repair(1000, {}).linked);
}

TEST(GraphRepair, GivesUpOnlyEdgesThatNothingNeeds) {
  // Row 0 leads to 32 rows, which are all reached by it alone but the last, to which row 1 leads as well; 33 leads to
  // 0 and can be reached from 0 only by one more edge.
  std::vector<std::pair<uint32_t, uint32_t>> edges;
  for (uint32_t i = 1; i <= kDegreeMax; i++) edges.push_back({0, i});
  edges.push_back({33, 0});
  EXPECT_EQ(1u, repair(34, edges).linked);
}

TEST(GraphRepair, ReachesManyPartsOfAFullGraph) {
  // Rings of 33 in which every row leads to all others, so that no row has room.
  std::vector<std::pair<uint32_t, uint32_t>> edges;
  constexpr uint32_t kRing = kDegreeMax + 1;
  for (uint32_t from = 0; from < 40 * kRing; from++) {
    for (uint32_t i = 1; i < kRing; i++) edges.push_back({from, from / kRing * kRing + (from % kRing + i) % kRing});
  }
  EXPECT_EQ(39u, repair(40 * kRing, edges).linked);
}

}  // namespace
