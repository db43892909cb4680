// Fuzzer: builds through elanus.h, of any rows, element, dimension, metric, kind, lists and steps. What is built can be opened in
// every way and searched, and its answers hold as many live rows as there are, each once.
#include "elanus.h"
#include "support.h"

using elanus::Array;

static constexpr uint32_t kRowsMax = 200;
static constexpr uint32_t kDimMax = 40;
static constexpr uint32_t kStepsMax = 100000;
static constexpr uint32_t kHitsMax = 20;
static constexpr uint32_t kEffortMax = 64;

// Rows as wild as finite rows are: any bits, or few different values, or equal rows.
static Array<float> draw_rows(fuzzing::Input &input, uint32_t count, uint32_t dim) {
  const uint8_t how = input.byte() % 3;
  const uint32_t given = how == 2 ? 1 + input.byte() % 4 : count;
  Array<float> rows = input.array<float>(size_t(count) * dim);
  for (size_t i = 0; i < rows.size(); i++) {
    float &value = rows[i];
    if (how == 1) value = float(int32_t(i * 2654435761u) % 5);
    if (how == 2) value = rows[i % (size_t(given) * dim)];
    if (!(value - value == 0)) value = 1;
  }
  return rows;
}

// Any bits of another element, infinities and NaN among them: the core promises no more than to live with these.
static elanus_status append_rows(fuzzing::Input &input, elanus_flat *flat, elanus_element element, uint32_t count, uint32_t dim) {
  if (element == ELANUS_FLOAT_VECTOR) return elanus_flat_append(flat, draw_rows(input, count, dim).data(), count);
  const Array<uint8_t> rows = input.array<uint8_t>(size_t(count) * dim * (element == ELANUS_INT8_VECTOR ? 1 : 2));
  return elanus_flat_append(flat, rows.data(), count);
}

static void search(fuzzing::Input &input, const elanus_index *index, const elanus_flat *flat, uint32_t dim) {
  const bool has_rows = input.byte() % 2 == 0, is_filtered = input.byte() % 2 == 0;
  elanus_searcher *searcher = nullptr;
  MUST(elanus_searcher_open(index, has_rows ? flat : nullptr, kEffortMax, &searcher) == ELANUS_OK);
  const uint32_t count = elanus_flat_size(flat);
  Array<float> query = input.array<float>(dim);
  for (float &value : query) value = value - value == 0 ? value : 0;
  const Array<uint8_t> alive = input.array<uint8_t>((count + 63) / 64 * 8);
  const elanus_request request = {input.between(1, kHitsMax), input.between(0, kEffortMax), input.between(0, kEffortMax),
                                  input.between(0, kEffortMax), float(input.byte())};
  uint32_t found = 0, passing = 0, rows[kHitsMax];
  float scores[kHitsMax], errors[kHitsMax];
  bool seen[kRowsMax] = {};
  MUST(elanus_searcher_search(searcher, query.data(), 1, &request, is_filtered ? alive.data() : nullptr, &found, rows, scores) == ELANUS_OK);
  const elanus_status estimated = elanus_searcher_estimate(searcher, query.data(), 1, &request, is_filtered ? alive.data() : nullptr, &found, rows, scores, errors);
  MUST(estimated == (has_rows ? ELANUS_INVALID : ELANUS_OK));
  for (uint32_t row = 0; row < count; row++) passing += !is_filtered || fuzzing::is_alive(alive, row);
  MUST(found == (request.k < passing ? request.k : passing));
  for (uint32_t i = 0; i < found; i++) {
    MUST(rows[i] < count && !seen[rows[i]] && (!is_filtered || fuzzing::is_alive(alive, rows[i])));
    seen[rows[i]] = true;
  }
  elanus_searcher_close(searcher);
}

static void open_and_search(fuzzing::Input &input, elanus_builder *builder, elanus_kind kind, const elanus_flat *flat, uint32_t dim) {
  const Array<uint8_t> calibration = input.array<uint8_t>(input.byte());
  MUST(elanus_builder_write(builder, kind, calibration.data(), uint32_t(calibration.size())) == ELANUS_OK);
  const uint8_t *bytes;
  size_t size_bytes;
  MUST(elanus_builder_bytes(builder, &bytes, &size_bytes) == ELANUS_OK);
  const uint32_t flags = input.byte() % 4;
  uint64_t head = size_bytes;
  uint32_t more = 0;
  if (flags >= ELANUS_PARTIAL) {
    MUST(elanus_index_extent(bytes, size_bytes, ELANUS_STAGE_SCAN + input.byte() % 2, &head, &more) == ELANUS_OK && more == 0);
  }
  elanus_index *index = nullptr;
  MUST(elanus_index_open(bytes, size_t(head), flags, input.byte() % 3, &index) == ELANUS_OK);
  search(input, index, flat, dim);
  elanus_index_close(index);
}

FUZZ(input) {
  const uint32_t count = input.between(1, kRowsMax), dim = input.between(1, kDimMax), choice = input.byte(), kernels = choice % 3;
  const elanus_metric metric = input.between(ELANUS_L2, ELANUS_COSINE);
  elanus_build_options options = {input.between(ELANUS_GRAPH, ELANUS_IVF), input.between(0, kRowsMax + 1), input.value<uint32_t>(), {}};
  const uint32_t pairs = input.value<uint32_t>();
  constexpr elanus_element kElements[] = {ELANUS_FLOAT_VECTOR, ELANUS_FLOAT16_VECTOR, ELANUS_BFLOAT16_VECTOR, ELANUS_INT8_VECTOR};
  const elanus_element element = kElements[choice / 3 % 4];
  elanus_flat *flat = nullptr;
  if (elanus_flat_open(dim, metric, element, kernels, &flat) != ELANUS_OK) return;
  MUST(append_rows(input, flat, element, count, dim) == ELANUS_OK);
  elanus_builder *builder = nullptr;
  MUST(elanus_builder_open(flat, &options, kernels, &builder) == ELANUS_OK);
  uint32_t done = 0, steps = 0;
  for (; done == 0; steps++) MUST(elanus_builder_step(builder, pairs % 1000000, &done) == ELANUS_OK && steps < kStepsMax);
  for (elanus_kind kind = options.kind; kind <= ELANUS_IVF; kind++) open_and_search(input, builder, kind, flat, dim);
  elanus_builder_close(builder);
  elanus_flat_close(flat);
}
