// Fuzzer: the graph index, from index files that may say anything, their checksums put right. What can be opened can be
// searched by any query under any filter, and an answer holds live rows, each once.
#include "index/graph_searcher.h"
#include "support.h"

using elanus::Array;

static constexpr uint32_t kRowsMax = 512;
static constexpr uint32_t kHitsMax = 20;

static void search(fuzzing::Input &input, const elanus::GraphIndex &index) {
  const uint32_t dim = index.quantizer().dim(), count = index.count();
  if (count > kRowsMax || dim > 64) return;
  elanus::Flat flat(dim, index.quantizer().metric(), elanus::kernels_at(0));
  Array<float> vectors;
  MUST(vectors.resize(size_t(count) * dim) && flat.append(vectors.data(), count));
  elanus::GraphSearcher searcher;
  MUST(searcher.init(index, flat, kHitsMax));
  const Array<float> query = input.array<float>(dim);
  const bool is_filtered = input.byte() % 2 == 0;
  const Array<uint8_t> alive = input.array<uint8_t>((count + 63) / 64 * 8);
  const uint32_t k = input.between(1, kHitsMax);
  uint32_t rows[kHitsMax];
  float scores[kHitsMax];
  const uint32_t found = searcher.search(query.data(), k, input.between(1, kHitsMax), input.between(0, kHitsMax),
                                         is_filtered ? alive.data() : nullptr, rows, scores);
  MUST(found <= k);
  bool seen[kRowsMax] = {};
  for (uint32_t i = 0; i < found; i++) {
    MUST(rows[i] < count && !seen[rows[i]] && (!is_filtered || fuzzing::is_alive(alive, rows[i])));
    seen[rows[i]] = true;
  }
}

FUZZ(input) {
  const elanus::CodeKernels *kernels = elanus::code_kernels_at(input.byte() % 4);
  const uint32_t size = input.value<uint16_t>();
  Array<uint8_t> file = input.array<uint8_t>(size < 8192 ? size : 8192);
  fuzzing::reseal(file);
  if (kernels == nullptr) return;
  elanus::GraphIndex index;
  if (index.open(file.data(), file.size(), kernels) == ELANUS_OK) search(input, index);
}
