// Fuzzer: the exact index through elanus.h. Whatever a caller asks for, in whatever order, arguments that break the
// contract get a status, and an answer is one: live rows, each once, best first, as many as there are.
#include <math.h>

#include "elanus.h"
#include "support.h"

using elanus::Array;
using fuzzing::Input;
using fuzzing::is_alive;

static constexpr uint32_t kRowsMax = 300;
static constexpr uint32_t kQueriesMax = 70;

static void check_answer(elanus_metric metric, uint32_t size, uint32_t k, const Array<uint8_t> *alive, uint32_t count,
                         const uint32_t *rows, const float *scores) {
  uint32_t live = 0;
  for (uint32_t row = 0; row < size; row++) live += alive == nullptr || is_alive(*alive, row);
  MUST(count == (live < k ? live : k));
  bool seen[kRowsMax] = {};
  for (uint32_t i = 0; i < count; i++) {
    MUST(rows[i] < size && !seen[rows[i]]);
    MUST(alive == nullptr || is_alive(*alive, rows[i]));
    seen[rows[i]] = true;
    if (i == 0 || isnan(scores[i])) continue;
    MUST(metric == ELANUS_L2 ? scores[i - 1] <= scores[i] : scores[i - 1] >= scores[i]);
    MUST(scores[i - 1] != scores[i] || rows[i - 1] < rows[i]);
  }
}

static void search(Input &input, const elanus_flat *flat, uint32_t dim, elanus_metric metric) {
  const uint32_t size = elanus_flat_size(flat), query_count = input.between(0, kQueriesMax);
  const uint32_t k = input.byte() % 8 == 0 ? input.value<uint32_t>() : input.between(1, kRowsMax);
  if (k == 0 || k > ELANUS_K_MAX) {
    MUST(elanus_flat_search(flat, nullptr, 0, k, nullptr, nullptr, nullptr, nullptr) == ELANUS_INVALID);
    return;
  }
  const bool is_filtered = input.byte() % 2 == 0;
  const Array<uint8_t> alive = input.array<uint8_t>((size + 63) / 64 * 8);
  const Array<float> queries = input.array<float>(size_t(query_count) * dim);
  Array<uint32_t> counts, rows;
  Array<float> scores;
  MUST(counts.resize(query_count) && rows.resize(size_t(query_count) * k) && scores.resize(size_t(query_count) * k));
  MUST(elanus_flat_search(flat, queries.data(), query_count, k, is_filtered ? alive.data() : nullptr, counts.data(),
                          rows.data(), scores.data()) == ELANUS_OK);
  for (uint32_t q = 0; q < query_count; q++) {
    check_answer(metric, size, k, is_filtered ? &alive : nullptr, counts[q], rows.data() + size_t(q) * k,
                 scores.data() + size_t(q) * k);
  }
}

static void append(Input &input, elanus_flat *flat, uint32_t dim) {
  const uint32_t size = elanus_flat_size(flat), room = kRowsMax - size;
  const uint32_t count = input.between(0, room < 80 ? room : 80);
  const Array<float> vectors = input.array<float>(size_t(count) * dim);
  MUST(elanus_flat_append(flat, vectors.data(), count) == ELANUS_OK);
  Array<float> stored;
  MUST(stored.resize(size_t(count) * dim));
  MUST(elanus_flat_read(flat, size, count, stored.data()) == ELANUS_OK);
  MUST(memcmp(stored.data(), vectors.data(), stored.bytes()) == 0);
}

static void ask_for_nonsense(Input &input, elanus_flat *flat) {
  const uint32_t size = elanus_flat_size(flat), first = input.value<uint32_t>(), count = input.value<uint32_t>();
  float nothing;
  if (first > size || count > size - first) MUST(elanus_flat_read(flat, first, count, &nothing) == ELANUS_INVALID);
  if (count > 0x7fffffff - size) MUST(elanus_flat_reserve(flat, count) == ELANUS_INVALID);
  MUST(elanus_flat_append(flat, nullptr, count) == (count > 0 ? ELANUS_INVALID : ELANUS_OK));
  MUST(elanus_flat_reserve(flat, count % 100) == ELANUS_OK && elanus_flat_size(flat) == size);
}

FUZZ(input) {
  const uint32_t dim = input.byte() % 16 == 0 ? input.value<uint16_t>() : input.between(1, 70);
  const elanus_metric metric = input.between(0, 4);
  elanus_flat *flat = nullptr;
  const elanus_status status = elanus_flat_open(dim, metric, input.between(0, 4), &flat);
  MUST((status == ELANUS_OK) == (flat != nullptr));
  if (flat == nullptr) return;
  MUST(dim > 0 && dim <= ELANUS_DIM_MAX && metric >= ELANUS_L2 && metric <= ELANUS_COSINE);
  // With long vectors a step costs as much as many of the short.
  for (uint32_t steps = dim > 70 ? 3 : 12; steps > 0 && !input.is_empty(); steps--) {
    switch (input.byte() % 4) {
      case 0: ask_for_nonsense(input, flat); break;
      case 1: search(input, flat, dim, metric); break;
      default: append(input, flat, dim);
    }
  }
  MUST(elanus_flat_bytes(flat) > 0);
  elanus_flat_close(flat);
}
