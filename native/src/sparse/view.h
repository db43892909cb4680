// View: the sections of an image as typed pointers into it. What read_view has let through can be searched without
// further checks: every offset, count and row in it is in bounds and every bound is true of what it bounds.
#pragma once

#include "elanus.h"
#include "sparse/layout.h"

namespace elanus::sparse {

struct View {
  uint32_t row_count = 0;
  uint32_t term_count = 0;
  uint32_t block_count = 0;
  uint32_t weight_bytes = 4;
  uint32_t palette_count = 0;
  uint64_t posting_count = 0;
  uint64_t length_total = 0;
  const uint32_t *terms = nullptr;
  const uint32_t *firsts = nullptr;
  const uint32_t *counts = nullptr;
  const float *peaks = nullptr;
  const Block *blocks = nullptr;
  const uint8_t *shortest = nullptr;  // NULL where weights are impacts
  const uint32_t *lengths = nullptr;  // NULL where weights are impacts
  const float *palette = nullptr;
  const uint8_t *data = nullptr;
  uint64_t data_bytes = 0;
};

// Takes time in proportion to the size. ELANUS_INVALID: not 8-byte aligned, or damaged; ELANUS_UNSUPPORTED: a sparse
// index of another version.
elanus_status read_view(const uint8_t *image, uint64_t size_bytes, View *out);

// The number of `term` in the dictionary; term_count if no row has it.
inline uint32_t find_term(const View &view, uint32_t term) {
  if (view.term_count == 0) return 0;
  uint32_t at = 0;
  for (uint32_t left = view.term_count; left > 1;) {
    const uint32_t half = left / 2;
    at += view.terms[at + half] <= term ? half : 0;
    left -= half;
  }
  return view.terms[at] == term ? at : view.term_count;
}

// The exact weight of posting `i` of a block whose data begins at `data`.
inline float weight_at(const View &view, const uint8_t *data, uint32_t i) {
  if (view.weight_bytes == 1) return view.palette[data[i]];
  if (view.weight_bytes == 2) return view.palette[load_u16(data + 2 * i)];
  float weight;
  memcpy(&weight, data + 4 * i, sizeof(weight));
  return weight;
}

// The rows of a block as offsets within its window, into kBlockPostingsMax places.
inline void read_rows(const View &view, const Block &block, uint16_t *offsets) {
  const uint32_t count = posting_count(block);
  const uint8_t *rows = view.data + uint64_t(block.at) * 4 + count * view.weight_bytes;
  if (is_wide(block)) {
    memcpy(offsets, rows, 2 * count);
    return;
  }
  uint32_t offset = block.first_row % kWindowRows;
  offsets[0] = uint16_t(offset);
  for (uint32_t i = 1; i < count; i++) {
    offset += rows[i - 1];
    offsets[i] = uint16_t(offset);
  }
}

}  // namespace elanus::sparse
