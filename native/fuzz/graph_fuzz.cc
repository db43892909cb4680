// Fuzzer: stored graphs that may say anything. What can be opened can be searched, and ends.
#include "codes.h"
#include "index/graph_search.h"

using elanus::Array;

static constexpr uint32_t kRowsMax = 1024;
static constexpr uint32_t kEfMax = 40;

FUZZ(input) {
  const Array<uint8_t> bytes = input.array<uint8_t>(input.between(0, 3000));
  elanus::GraphView graph;
  if (!elanus::open_graph(bytes.data(), bytes.size(), &graph) || graph.count > kRowsMax) return;
  fuzzing::Codes codes;
  if (!codes.init(input, graph.count)) return;
  elanus::GraphScratch scratch;
  MUST(scratch.init(graph.count, kEfMax));
  const bool is_filtered = input.byte() % 2 == 0;
  const Array<uint8_t> alive = input.array<uint8_t>((graph.count + 63) / 64 * 8);
  elanus::GraphRequest request = {&codes.query, input.between(1, kEfMax), nullptr, 0};
  if (is_filtered) request.alive = alive.data(), request.scored_max = input.byte();
  // The scratch is reused, as it is from query to query.
  for (uint32_t repeat = 0; repeat < 3; repeat++) {
    elanus::GraphSearch search(graph, codes.rows(), &scratch);
    if (!search.run(request)) continue;
    MUST(search.found_count() <= request.ef);
    bool seen[kRowsMax] = {};
    for (uint32_t i = 0; i < search.found_count(); i++) {
      const elanus::Candidate &found = search.found()[i];
      MUST(found.row < graph.count && !seen[found.row] && (!is_filtered || fuzzing::is_alive(alive, found.row)));
      seen[found.row] = true;
    }
  }
}
