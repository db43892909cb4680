// Fuzzer: the sparse index, both from images that may say anything, their checksum put right, and from rows and queries
// that may be anything. What can be opened can be searched, and every driver gives the same rows and scores.
#include "sparse/sparse_index.h"
#include "sparse/view.h"
#include "support.h"

using elanus::Array;
using elanus::SparseVector;
using fuzzing::Input;

static constexpr uint32_t kPairsMax = 12;
static constexpr uint32_t kHitsMax = 20;
static constexpr uint32_t kRowsMax = 100000;

// Up to kPairsMax pairs; terms ascend but now and then, weights are any float.
struct Pairs {
  uint32_t terms[kPairsMax];
  float weights[kPairsMax];
  uint32_t count;

  explicit Pairs(Input &input) : count(input.between(0, kPairsMax)) {
    uint32_t term = input.byte() == 0 ? ~0u - 40 : 0;
    for (uint32_t i = 0; i < count; i++) {
      term += input.byte() % 16;
      terms[i] = term;
      const uint8_t form = input.byte();
      weights[i] = form < 250 ? float(form) / 8 : input.value<float>();
    }
  }
  SparseVector vector() const { return {terms, weights, count}; }
};

struct Hits {
  uint32_t rows[kHitsMax];
  float scores[kHitsMax];
  uint32_t count = 0;
};

static void search_by_all(Input &input, const elanus::SparseIndex &index) {
  elanus::SparseScratch scratch;
  MUST(scratch.open(index.row_count(), kPairsMax, kHitsMax) == ELANUS_OK);
  const Pairs query(input);
  elanus::SparseParams params;
  params.k = input.between(0, kHitsMax + 1);
  if (input.byte() % 4 == 0) params.radius = input.value<float>();
  if (input.byte() % 4 == 0) params.range_filter = input.value<float>();
  if (input.byte() % 4 == 0) params.k1 = input.value<float>(), params.b = input.value<float>();
  if (input.byte() % 4 == 0) params.average_length = input.value<float>();
  if (input.byte() % 4 == 0) params.drop_ratio = float(input.byte()) / 200;
  // An image may claim many rows in few bytes: a bitset for them all, and looking at them one by one, is too slow here.
  const bool is_small = index.row_count() < kRowsMax, is_filtered = input.byte() % 2 == 0 && is_small;
  const Array<uint8_t> alive = input.array<uint8_t>(is_filtered ? (size_t(index.row_count()) + 63) / 64 * 8 : 0);

  Hits first;
  elanus_status expected = ELANUS_OK;
  for (uint32_t driver = 0; driver < (is_small ? 4 : 3); driver++) {
    params.driver = elanus::SparseDriver(driver);
    Hits hits;
    const elanus_status status = index.search(query.vector(), params, is_filtered ? alive.data() : nullptr, &scratch,
                                              hits.rows, hits.scores, &hits.count, nullptr);
    MUST(hits.count <= params.k);
    for (uint32_t i = 0; i < hits.count; i++) {
      MUST(hits.rows[i] < index.row_count() && (!is_filtered || fuzzing::is_alive(alive, hits.rows[i])));
    }
    if (driver == 0) first = hits, expected = status;
    MUST(status == expected);
    if (params.drop_ratio > 0) continue;  // each driver may then drop or be exact
    MUST(hits.count == first.count && memcmp(hits.rows, first.rows, hits.count * sizeof(uint32_t)) == 0);
    MUST(memcmp(hits.scores, first.scores, hits.count * sizeof(float)) == 0);
  }
}

static Array<uint8_t> image_of_rows(Input &input) {
  const bool has_lengths = input.byte() % 2 == 0;
  elanus::SparseBuilder builder(has_lengths ? elanus::SparseWeights::kFrequencies : elanus::SparseWeights::kImpacts);
  for (uint32_t rows = input.between(0, 200); rows > 0 && !input.is_empty(); rows--) {
    const Pairs row(input);
    const uint32_t before = builder.row_count(), length = has_lengths ? input.value<uint16_t>() : 0;
    const elanus_status status = builder.add(row.vector(), length);
    MUST(builder.row_count() == before + (status == ELANUS_OK ? 1 : 0));
  }
  Array<uint8_t> image;
  MUST(builder.finish(&image) == ELANUS_OK);
  elanus::SparseIndex index;
  MUST(index.open(image.data(), image.size()) == ELANUS_OK);
  return image;
}

static Array<uint8_t> image_of_anything(Input &input) {
  const uint32_t size = input.value<uint16_t>();
  Array<uint8_t> image = input.array<uint8_t>(size < 4096 ? size : 4096);
  if (image.size() < sizeof(elanus::sparse::ImageHeader)) return image;
  elanus::sparse::ImageHeader header;
  memcpy(&header, image.data(), sizeof(header));
  header.size_bytes = image.size();
  memcpy(image.data(), &header, sizeof(header));
  header.checksum = elanus::sparse::checksum(image.data(), image.size());
  memcpy(image.data(), &header, sizeof(header));
  return image;
}

FUZZ(input) {
  const Array<uint8_t> image = input.byte() % 2 == 0 ? image_of_rows(input) : image_of_anything(input);
  elanus::SparseIndex index;
  if (index.open(image.data(), image.size()) == ELANUS_OK) search_by_all(input, index);
}
