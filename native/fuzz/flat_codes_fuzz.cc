// Fuzzer: codes of growing rows through elanus.h. However rows come, are coded and deleted, an answer is one: live rows,
// each once, best first, as many as there are.
#include <math.h>

#include "elanus.h"
#include "support.h"

using elanus::Array;
using fuzzing::Input;

static constexpr uint32_t kDim = 64;
static constexpr uint32_t kRowsMax = 2200;
static constexpr uint32_t kMost = 200;

struct Answer {
  uint32_t count;
  uint32_t rows[kMost];
  float scores[kMost];
};

static void check(const Answer &answer, elanus_metric metric, uint32_t size, const uint8_t *alive) {
  static uint8_t seen[kRowsMax];
  memset(seen, 0, sizeof(seen));
  for (uint32_t i = 0; i < answer.count; i++) {
    const uint32_t row = answer.rows[i];
    MUST(row < size && !seen[row]);
    MUST(alive == nullptr || (alive[row >> 3] >> (row & 7) & 1));
    seen[row] = 1;
    if (i == 0 || isnan(answer.scores[i])) continue;
    MUST(metric == ELANUS_L2 ? answer.scores[i - 1] <= answer.scores[i] : answer.scores[i - 1] >= answer.scores[i]);
  }
}

static void search(Input &input, elanus_codes *codes, const elanus_flat *flat, elanus_metric metric) {
  const uint32_t size = elanus_flat_size(flat), k = input.between(1, kMost), filter = input.byte() % 3;
  const uint8_t pattern = input.byte();
  Array<uint8_t> bits;
  MUST(bits.resize((size + 63) / 64 * 8));
  for (uint32_t i = 0; i < bits.size(); i++) bits[i] = filter == 1 ? pattern : i % 16 == 0 ? 1 : 0;
  const uint8_t *alive = filter == 0 ? nullptr : bits.data();
  const Array<float> query = input.array<float>(kDim);
  static Answer found, truth;
  MUST(elanus_flat_search(flat, query.data(), 1, k, alive, nullptr, &truth.count, truth.rows, truth.scores) == ELANUS_OK);
  float deviations = input.value<float>();
  const elanus_status status =
      elanus_codes_search(codes, query.data(), 1, k, deviations, alive, &found.count, found.rows, found.scores);
  MUST((status == ELANUS_OK) == (deviations > 0));
  MUST(elanus_codes_search(codes, query.data(), 1, k, 3, alive, &found.count, found.rows, found.scores) == ELANUS_OK);
  MUST(found.count == truth.count);
  check(found, metric, size, alive);
}

// Rows are few vectors of the input over and over, each a little different.
static void append(Input &input, elanus_flat *flat) {
  const uint32_t room = kRowsMax - elanus_flat_size(flat), wanted = 1 + input.byte() * 8;
  const uint32_t count = wanted < room ? wanted : room;
  const Array<float> given = input.array<float>(size_t(2) * kDim);
  Array<float> rows;
  MUST(rows.resize(size_t(count) * kDim));
  for (uint32_t i = 0; i < rows.size(); i++) rows[i] = given[i % given.size()] + float(i * 2654435761u >> 24) / 256;
  MUST(elanus_flat_append(flat, rows.data(), count) == ELANUS_OK);
}

FUZZ(input) {
  const elanus_metric metric = input.between(ELANUS_L2, ELANUS_COSINE);
  const uint32_t set = input.byte() % 4;
  elanus_flat *flat = nullptr;
  elanus_codes *codes = nullptr;
  if (elanus_flat_open(kDim, metric, ELANUS_FLOAT_VECTOR, set, &flat) != ELANUS_OK) return;
  MUST(elanus_codes_open(flat, input.byte(), set, &codes) == ELANUS_OK);
  for (uint32_t steps = 16; steps > 0 && !input.is_empty(); steps--) {
    uint32_t left = 0;
    switch (input.byte() % 4) {
      case 0: append(input, flat); break;
      case 1: search(input, codes, flat, metric); break;
      default: MUST(elanus_codes_update(codes, input.byte() * 16, &left) == ELANUS_OK);
    }
    const float recall = elanus_codes_recall(codes, 3);
    MUST(recall > 0 && recall <= 1);
  }
  MUST(elanus_codes_bytes(codes) > 0);
  elanus_codes_close(codes);
  elanus_flat_close(flat);
}
