// Fuzzer: the exact index through elanus.h, over every element. Whatever a caller asks for, in whatever order, arguments
// that break the contract get a status, and an answer is one: live rows, each once, best first, in the range, and without
// one as many as there are. Ranking the same vectors where they lie gives the same answer.
#include <math.h>

#include "elanus.h"
#include "support.h"

using elanus::Array;
using fuzzing::Input;
using fuzzing::is_alive;

static constexpr uint32_t kRowsMax = 300;
static constexpr uint32_t kQueriesMax = 70;

struct Kind {
  uint32_t dim;
  elanus_metric metric;
  elanus_element element;
  uint32_t kernels;

  bool is_binary() const { return element == ELANUS_BINARY_VECTOR; }
  bool is_distance() const { return metric != ELANUS_IP && metric != ELANUS_COSINE; }
  size_t row_bytes() const {
    switch (element) {
      case ELANUS_BINARY_VECTOR: return dim / 8;
      case ELANUS_FLOAT_VECTOR: return size_t(dim) * 4;
      case ELANUS_INT8_VECTOR: return dim;
      default: return size_t(dim) * 2;
    }
  }
  size_t query_bytes() const { return is_binary() ? dim / 8 : size_t(dim) * 4; }
};

static bool lies_in(const Kind &kind, const elanus_range &range, float score) {
  if (kind.is_distance()) return range.range_filter <= score && score < range.radius;
  return range.radius < score && score <= range.range_filter;
}

static void check_answer(const Kind &kind, uint32_t size, uint32_t k, const Array<uint8_t> *alive, const elanus_range *range,
                         uint32_t count, const uint32_t *rows, const float *scores) {
  uint32_t live = 0;
  for (uint32_t row = 0; row < size; row++) live += alive == nullptr || is_alive(*alive, row);
  const uint32_t most = live < k ? live : k;
  MUST(range == nullptr ? count == most : count <= most);
  bool seen[kRowsMax] = {};
  for (uint32_t i = 0; i < count; i++) {
    MUST(rows[i] < size && !seen[rows[i]]);
    MUST(alive == nullptr || is_alive(*alive, rows[i]));
    seen[rows[i]] = true;
    MUST(range == nullptr || lies_in(kind, *range, scores[i]));
    if (i == 0 || isnan(scores[i])) continue;
    MUST(kind.is_distance() ? scores[i - 1] <= scores[i] : scores[i - 1] >= scores[i]);
    MUST(scores[i - 1] != scores[i] || rows[i - 1] < rows[i]);
  }
}

static void search(Input &input, const elanus_flat *flat, const Kind &kind) {
  const uint32_t size = elanus_flat_size(flat), query_count = input.between(0, kQueriesMax);
  const uint32_t k = input.byte() % 8 == 0 ? input.value<uint32_t>() : input.between(1, kRowsMax);
  if (k == 0 || k > ELANUS_K_MAX) {
    MUST(elanus_flat_search(flat, nullptr, 0, k, nullptr, nullptr, nullptr, nullptr, nullptr) == ELANUS_INVALID);
    return;
  }
  const bool is_filtered = input.byte() % 2 == 0, is_ranged = input.byte() % 4 == 0;
  elanus_range bounds = {};
  if (is_ranged) bounds = {input.value<float>(), input.value<float>()};
  const elanus_range *range = is_ranged ? &bounds : nullptr;
  const Array<uint8_t> alive = input.array<uint8_t>((size + 63) / 64 * 8);
  const Array<uint8_t> queries = input.array<uint8_t>(size_t(query_count) * kind.query_bytes());
  Array<uint32_t> counts, rows;
  Array<float> scores;
  MUST(counts.resize(query_count) && rows.resize(size_t(query_count) * k) && scores.resize(size_t(query_count) * k));
  const elanus_status status = elanus_flat_search(flat, queries.data(), query_count, k, is_filtered ? alive.data() : nullptr,
                                                  range, counts.data(), rows.data(), scores.data());
  MUST(status == (isnan(bounds.radius) || isnan(bounds.range_filter) ? ELANUS_INVALID : ELANUS_OK));
  if (status != ELANUS_OK) return;
  for (uint32_t q = 0; q < query_count; q++) {
    check_answer(kind, size, k, is_filtered ? &alive : nullptr, range, counts[q], rows.data() + size_t(q) * k,
                 scores.data() + size_t(q) * k);
  }
}

static void rank(Input &input, const elanus_flat *flat, const Kind &kind) {
  const uint32_t size = elanus_flat_size(flat), k = input.between(1, kRowsMax);
  Array<uint8_t> vectors;
  MUST(vectors.resize(size * kind.row_bytes()) && elanus_flat_read(flat, 0, size, vectors.data()) == ELANUS_OK);
  const Array<float> query = input.array<float>(kind.dim);
  uint32_t count = 0, found = 0, rows[kRowsMax], positions[kRowsMax];
  float scores[kRowsMax], ranked[kRowsMax];
  const elanus_status status = elanus_rank(kind.dim, kind.metric, kind.element, kind.kernels, query.data(), vectors.data(), size, k, &found, positions, ranked);
  MUST(status == (kind.is_binary() ? ELANUS_INVALID : ELANUS_OK));
  if (status != ELANUS_OK) return;
  MUST(elanus_flat_search(flat, query.data(), 1, k, nullptr, nullptr, &count, rows, scores) == ELANUS_OK && found == count);
  for (uint32_t i = 0; i < count; i++) {
    MUST(rows[i] == positions[i] && (scores[i] == ranked[i] || (isnan(scores[i]) && isnan(ranked[i]))));
  }
}

static void append(Input &input, elanus_flat *flat, const Kind &kind) {
  const uint32_t size = elanus_flat_size(flat), room = kRowsMax - size;
  const uint32_t count = input.between(0, room < 80 ? room : 80);
  const Array<uint8_t> vectors = input.array<uint8_t>(size_t(count) * kind.row_bytes());
  MUST(elanus_flat_append(flat, vectors.data(), count) == ELANUS_OK);
  Array<uint8_t> stored;
  MUST(stored.resize(vectors.size()));
  MUST(elanus_flat_read(flat, size, count, stored.data()) == ELANUS_OK);
  MUST(memcmp(stored.data(), vectors.data(), stored.bytes()) == 0);
}

static void ask_for_nonsense(Input &input, elanus_flat *flat) {
  const uint32_t size = elanus_flat_size(flat), first = input.value<uint32_t>(), count = input.value<uint32_t>();
  uint8_t nothing;
  if (first > size || count > size - first) MUST(elanus_flat_read(flat, first, count, &nothing) == ELANUS_INVALID);
  if (count > 0x7fffffff - size) MUST(elanus_flat_reserve(flat, count) == ELANUS_INVALID);
  MUST(elanus_flat_append(flat, nullptr, count) == (count > 0 ? ELANUS_INVALID : ELANUS_OK));
  MUST(elanus_flat_reserve(flat, count % 100) == ELANUS_OK && elanus_flat_size(flat) == size);
}

FUZZ(input) {
  Kind kind = {input.byte() % 16 == 0 ? input.value<uint16_t>() : input.between(1, 70), input.between(0, 6), input.between(99, 106), input.between(0, 4)};
  if (kind.is_binary() && input.byte() % 16 > 0) kind.dim *= 8;
  const uint32_t dim = kind.dim;
  elanus_flat *flat = nullptr;
  const elanus_status status = elanus_flat_open(dim, kind.metric, kind.element, kind.kernels, &flat);
  MUST((status == ELANUS_OK) == (flat != nullptr));
  if (flat == nullptr) return;
  const bool has_bits = kind.metric == ELANUS_HAMMING || kind.metric == ELANUS_JACCARD;
  MUST(kind.metric >= ELANUS_L2 && kind.metric <= ELANUS_JACCARD && has_bits == kind.is_binary());
  MUST(kind.is_binary() ? dim >= 8 && dim % 8 == 0 && dim <= ELANUS_BINARY_DIM_MAX : dim > 0 && dim <= ELANUS_DIM_MAX);
  // With long vectors a step costs as much as many of the short.
  for (uint32_t steps = kind.row_bytes() > 280 ? 3 : 12; steps > 0 && !input.is_empty(); steps--) {
    switch (input.byte() % 5) {
      case 0: ask_for_nonsense(input, flat); break;
      case 1: search(input, flat, kind); break;
      case 2: rank(input, flat, kind); break;
      default: append(input, flat, kind);
    }
  }
  MUST(elanus_flat_bytes(flat) > 0);
  elanus_flat_close(flat);
}
