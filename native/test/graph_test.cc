// Graph: bytes that were damaged are refused, or are still a graph in which nothing leads outside.
#include "graph_support.h"

namespace {

using namespace elanus;

// Aligned bytes that end where their memory ends, so that the sanitizers see a read beyond.
struct Bytes {
  explicit Bytes(const std::vector<uint8_t> &from) : words((from.size() + 7) / 8), size(from.size()) {
    if (size > 0) memcpy(words.data(), from.data(), size);
  }
  uint8_t *data() { return reinterpret_cast<uint8_t *>(words.data()); }
  std::vector<uint64_t> words;
  size_t size;
};

bool opens(const std::vector<uint8_t> &from) {
  Bytes bytes(from);
  GraphView view;
  if (!open_graph(bytes.data(), bytes.size, &view)) return false;
  size_t end = 0;
  for (uint32_t row = 0; row < view.count; row++) {
    EXPECT_EQ(end, view.begin(row));
    end = view.end(row);
    EXPECT_LE(end - view.begin(row), kDegreeMax);
    for (size_t at = view.begin(row); at < end; at++) EXPECT_LT(view.neighbours[at], view.count);
  }
  EXPECT_EQ(view.edges, end);
  for (uint32_t i = 0; i < view.entry_count; i++) EXPECT_LT(view.entries[i], view.count);
  return true;
}

std::vector<uint8_t> small_graph() { return bytes_of(build_graph(graph_codes(clustered_rows(130, 4, 3, 2))).graph); }

TEST(Graph, OpensAsItWasWritten) {
  const uint32_t rows[] = {1, 2, 0}, entries[] = {2};
  Graph graph;
  ASSERT_TRUE(graph.init(3, 3, entries, 1));
  graph.append(rows, 2);
  graph.append(rows, 0);
  graph.append(rows + 2, 1);
  size_t size;
  ASSERT_TRUE(graph_size(3, 3, 1, &size));
  EXPECT_EQ(size, graph.bytes());
  GraphView view;
  ASSERT_TRUE(open_graph(graph.data(), graph.bytes(), &view));
  EXPECT_EQ(3u, view.count);
  EXPECT_EQ(2u, view.entries[0]);
  EXPECT_EQ(2u, view.end(0) - view.begin(0));
  EXPECT_EQ(0u, view.end(1) - view.begin(1));
  EXPECT_EQ(0u, view.neighbours[view.begin(2)]);
  EXPECT_TRUE(opens(small_graph()));
}

TEST(Graph, RefusesAnyOtherLength) {
  std::vector<uint8_t> bytes = small_graph();
  std::vector<uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(opens(longer));
  for (size_t size = 0; size < bytes.size(); size++) EXPECT_FALSE(opens({bytes.begin(), bytes.begin() + size})) << size;
}

TEST(Graph, IsNeverLedOutsideByDamage) {
  const std::vector<uint8_t> bytes = small_graph();
  uint32_t refused = 0;
  for (size_t at = 0; at < bytes.size(); at++) {
    for (uint8_t mask : {0x01, 0x80, 0xff}) {
      std::vector<uint8_t> damaged = bytes;
      damaged[at] ^= mask;
      refused += !opens(damaged);
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST(Graph, RefusesWhatIsNoGraph) {
  const std::vector<uint8_t> bytes = small_graph();
  const auto with = [&](size_t at, auto value) {
    std::vector<uint8_t> changed = bytes;
    memcpy(changed.data() + at, &value, sizeof(value));
    return changed;
  };
  EXPECT_FALSE(opens(with(0, UINT64_MAX)));           // edges
  EXPECT_FALSE(opens(with(8, UINT32_MAX)));           // rows
  EXPECT_FALSE(opens(with(12, kEntriesMax + 1)));     // entries
  EXPECT_FALSE(opens(with(12, uint32_t(0))));
  EXPECT_FALSE(opens(with(24, UINT64_MAX - 5)));      // a base, from which offsets would wrap
  const size_t neighbours = 16 + 8 * (130 / 64 + 1);
  EXPECT_FALSE(opens(with(neighbours, uint32_t(130))));
  EXPECT_FALSE(opens(with(bytes.size() - 2, uint16_t(0))));
}

}  // namespace
