// Fuzzer: approximate indexes, from index files that may say anything, their checksums put right. What can be opened,
// whole or in part, as a graph or as lists, can be searched by any request, query and filter, with and without the
// vectors, and an answer holds live rows, each once.
#include "index/ann_searcher.h"
#include "support.h"

using elanus::Array;

static constexpr uint32_t kRowsMax = 512;
static constexpr uint32_t kHitsMax = 20;
static constexpr uint32_t kEffortMax = 40;

struct Answer {
  uint32_t rows[kHitsMax];
  float scores[kHitsMax];
  uint32_t count;
};

static void check(const Answer &answer, uint32_t k, uint32_t count, const Array<uint8_t> *alive, uint32_t absent) {
  uint32_t passing = 0;
  for (uint32_t row = 0; row < count; row++) passing += row != absent && (alive == nullptr || fuzzing::is_alive(*alive, row));
  MUST(answer.count == (k < passing ? k : passing));
  bool seen[kRowsMax] = {};
  for (uint32_t i = 0; i < answer.count; i++) {
    const uint32_t row = answer.rows[i];
    MUST(row < count && row != absent && !seen[row] && (alive == nullptr || fuzzing::is_alive(*alive, row)));
    MUST(answer.scores[i] == answer.scores[i]);
    seen[row] = true;
  }
}

static void search(fuzzing::Input &input, const elanus::AnnIndex &index) {
  const uint32_t dim = index.quantizer().dim(), count = index.count();
  if (count > kRowsMax || dim > 64) return;
  elanus::Flat flat(dim, index.quantizer().metric(), elanus::kernels_at(0));
  Array<float> vectors;
  MUST(vectors.resize(size_t(count) * dim) && flat.append(vectors.data(), count));
  const bool has_rows = input.byte() % 2 == 0, is_filtered = input.byte() % 2 == 0;
  elanus::AnnSearcher searcher;
  MUST(searcher.init(index, has_rows ? &flat : nullptr, kEffortMax));
  Array<float> query = input.array<float>(dim);
  for (float &value : query) value = value - value == 0 ? value : 0;
  const Array<uint8_t> alive = input.array<uint8_t>((count + 63) / 64 * 8);
  const elanus_request request = {input.between(1, kHitsMax), input.between(0, kEffortMax), input.between(0, kEffortMax),
                                  input.between(0, kEffortMax), float(input.byte())};
  const elanus::Passing passing = searcher.passing(is_filtered ? alive.data() : nullptr);
  Answer answer;
  answer.count = searcher.search(query.data(), request, passing, answer.rows, answer.scores);
  check(answer, request.k, count, is_filtered ? &alive : nullptr, UINT32_MAX);
  if (!has_rows) return;
  const uint32_t self = input.between(0, count - 1);
  answer.count = searcher.search_row(self, request, answer.rows, answer.scores);
  check(answer, request.k, count, nullptr, self);
}

FUZZ(input) {
  const elanus::CodeKernels *kernels = elanus::code_kernels_at(input.byte() % 4);
  const uint8_t how = input.byte();
  const elanus::AnnOpening opening = {how % 2 == 1, how % 4 >= 2};
  const uint32_t size = input.value<uint16_t>();
  Array<uint8_t> file = input.array<uint8_t>(size < 8192 ? size : 8192);
  fuzzing::reseal(file);
  if (kernels == nullptr) return;
  uint64_t bytes;
  bool more;
  elanus::ann_index_extent(file.data(), file.size(), elanus::Stage(1 + how % 3), &bytes, &more);
  elanus::AnnIndex index;
  if (index.open(file.data(), file.size(), opening, kernels) == ELANUS_OK) search(input, index);
}
