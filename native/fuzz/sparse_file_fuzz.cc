// Fuzzer: sparse rows through elanus.h: batches that may be anything are appended whole or refused, and what a builder
// writes, damaged behind checksums that are right, is refused or can be searched.
#include <math.h>

#include "elanus.h"
#include "index/index_file_layout.h"
#include "sparse/layout.h"
#include "support.h"

using elanus::Array;
using fuzzing::Input;

static constexpr uint32_t kRowsMax = 12;
static constexpr uint32_t kTermsMax = 10;
static constexpr uint32_t kHitsMax = 20;

// Sparse rows, well-formed but now and then.
struct Rows {
  uint32_t indptr[kRowsMax + 1] = {};
  uint32_t indices[kRowsMax * kTermsMax];
  float values[kRowsMax * kTermsMax];
  uint32_t count;

  explicit Rows(Input &input) : count(input.between(0, kRowsMax)) {
    uint32_t at = 0;
    for (uint32_t row = 0; row < count; row++) {
      uint32_t index = 0;
      for (uint32_t left = input.between(0, kTermsMax); left > 0; left--, at++) {
        index += input.byte() % 8 + (input.byte() > 0 ? 1 : 0);
        indices[at] = index;
        const uint8_t form = input.byte();
        values[at] = form < 250 ? float(form) / 16 : input.value<float>();
      }
      indptr[row + 1] = at;
    }
    // A start that is no longer in order stays within the arrays.
    if (count > 0 && input.byte() == 7) indptr[input.between(0, count - 1)] = input.between(0, at);
  }
};

static Array<uint8_t> build(Input &input) {
  elanus_sparse_builder *builder = nullptr;
  const bool has_lengths = input.byte() % 2 == 1;
  MUST(elanus_sparse_builder_open(has_lengths ? ELANUS_FREQUENCIES : ELANUS_IMPACTS, &builder) == ELANUS_OK);
  uint32_t rows = 0;
  for (uint32_t batches = input.between(1, 6); batches > 0; batches--) {
    const Rows batch(input);
    uint32_t lengths[kRowsMax] = {};
    for (uint32_t row = 0; has_lengths && row < batch.count; row++) lengths[row] = input.byte() < 250 ? input.byte() : input.value<uint32_t>();
    const elanus_status status = elanus_sparse_builder_append(builder, batch.indptr, batch.count, batch.indices, batch.values,
                                                              has_lengths ? lengths : nullptr);
    MUST(status == ELANUS_OK || status == ELANUS_INVALID);
    if (status == ELANUS_OK) rows += batch.count;
  }
  const uint8_t sha256[32] = {}, *bytes = nullptr;
  size_t size_bytes = 0;
  const elanus_status status = elanus_sparse_builder_finish(builder, sha256, &bytes, &size_bytes);
  MUST((status == ELANUS_OK) == (rows > 0));
  Array<uint8_t> file;
  MUST(file.resize(size_bytes));
  if (size_bytes > 0) memcpy(file.data(), bytes, size_bytes);
  elanus_sparse_builder_close(builder);
  if (size_bytes == 0) return file;
  elanus_sparse *index = nullptr;
  MUST(elanus_sparse_open(file.data(), file.size(), &index) == ELANUS_OK && elanus_sparse_size(index) == rows);
  elanus_sparse_close(index);
  return file;
}

// Changes some bytes and puts every sum right that only accident would break.
static void damage(Input &input, Array<uint8_t> *file) {
  namespace layout = elanus::layout;
  const size_t prefix = size_t(layout::prefix_bytes(1, 0) + 64);
  for (uint32_t changes = input.between(0, 6); changes > 0; changes--) (*file)[input.value<uint32_t>() % file->size()] ^= input.byte();
  if (input.byte() % 2 == 0 && file->size() > prefix + sizeof(elanus::sparse::ImageHeader)) {
    layout::Entry entry;
    memcpy(&entry, file->data() + sizeof(layout::Header), sizeof(entry));
    if (entry.offset < file->size() && entry.length >= sizeof(elanus::sparse::ImageHeader) && entry.length <= file->size() - entry.offset) {
      uint8_t *image = file->data() + entry.offset;
      const uint64_t sum = elanus::sparse::checksum(image, entry.length);
      memcpy(image + offsetof(elanus::sparse::ImageHeader, checksum), &sum, sizeof(sum));
    }
  }
  fuzzing::reseal(*file);
}

static void search(Input &input, elanus_sparse *index) {
  const Rows queries(input);
  const uint32_t k = input.between(0, kHitsMax), size = elanus_sparse_size(index);
  const elanus_range bounds = {input.value<float>(), input.value<float>()};
  const bool is_ranged = input.byte() % 2 == 0, is_filtered = input.byte() % 2 == 0 && size < 100000;
  const float drop_ratio = float(input.byte()) / 200;
  const Array<uint8_t> alive = input.array<uint8_t>(is_filtered ? (size_t(size) + 63) / 64 * 8 : 0);
  uint32_t counts[kRowsMax] = {}, rows[kRowsMax * kHitsMax];
  float scores[kRowsMax * kHitsMax];
  const bool is_text = elanus_sparse_weights_of(index) == ELANUS_FREQUENCIES;
  elanus_bm25 bm25 = {1.2f, 0.75f, 10};
  if (is_text && input.byte() % 4 == 0) bm25 = {input.value<float>(), input.value<float>(), input.value<float>()};
  const elanus_status status =
      elanus_sparse_search(index, queries.indptr, queries.count, queries.indices, queries.values, k, drop_ratio,
                           is_text ? &bm25 : nullptr, is_filtered ? alive.data() : nullptr, is_ranged ? &bounds : nullptr, counts, rows, scores);
  MUST(status == ELANUS_OK || status == ELANUS_INVALID);
  for (uint32_t q = 0; q < queries.count; q++) {
    MUST(counts[q] <= k);
    for (uint32_t i = q * k; i < q * k + counts[q]; i++) {
      MUST(rows[i] < size && scores[i] > 0 && (!is_filtered || fuzzing::is_alive(alive, rows[i])));
      MUST(!is_ranged || (bounds.radius < scores[i] && scores[i] <= bounds.range_filter));
      MUST(i == q * k || scores[i - 1] > scores[i] || (scores[i - 1] == scores[i] && rows[i - 1] < rows[i]));
    }
  }
}

static void count(Input &input, const elanus_sparse *index) {
  uint32_t terms[kTermsMax], having[kTermsMax];
  const uint32_t size = elanus_sparse_size(index), term_count = input.between(0, kTermsMax);
  for (uint32_t i = 0; i < term_count; i++) terms[i] = input.byte() % 80;
  const bool is_filtered = input.byte() % 2 == 0 && size < 100000;
  const Array<uint8_t> alive = input.array<uint8_t>(is_filtered ? (size_t(size) + 63) / 64 * 8 : 0);
  const uint8_t *bits = is_filtered ? alive.data() : nullptr;
  MUST(elanus_sparse_having(index, terms, term_count, bits, having) == ELANUS_OK);
  for (uint32_t i = 0; i < term_count; i++) MUST(having[i] <= size);
  uint64_t totals[2];
  if (elanus_sparse_totals(index, bits, totals) == ELANUS_OK) MUST(totals[0] <= size && totals[0] <= totals[1]);
}

FUZZ(input) {
  Array<uint8_t> file = build(input);
  if (file.size() == 0) return;
  damage(input, &file);
  elanus_sparse *index = nullptr;
  const elanus_status status = elanus_sparse_open(file.data(), file.size(), &index);
  MUST((status == ELANUS_OK) == (index != nullptr));
  if (index == nullptr) return;
  for (uint32_t searches = 4; searches > 0 && !input.is_empty(); searches--) {
    search(input, index);
    count(input, index);
  }
  elanus_sparse_close(index);
}
