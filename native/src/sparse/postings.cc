// Postings: the inner loops. A block is 128 additions into sums that stay in the second-level cache; no instruction set
// has a faster way to add at scattered places, so this is plain C++ and the same on every machine.
#include "sparse/postings.h"

namespace elanus::sparse {
namespace {

struct Bits {
  uint32_t bits[32];
  constexpr Bits() : bits() {
    for (uint32_t i = 0; i < 32; i++) bits[i] = 1u << i;
  }
  constexpr uint32_t operator[](uint32_t i) const { return bits[i]; }
};
constexpr Bits kBits;

struct Numbers8 {
  const float *palette;
  const uint8_t *data;
  static constexpr uint32_t kBytes = 1;
  float operator()(uint32_t i) const { return palette[data[i]]; }
};

struct Numbers16 {
  const float *palette;
  const uint8_t *data;
  static constexpr uint32_t kBytes = 2;
  float operator()(uint32_t i) const { return palette[load_u16(data + 2 * i)]; }
};

struct Floats {
  const uint8_t *data;
  static constexpr uint32_t kBytes = 4;
  float operator()(uint32_t i) const {
    float weight;
    memcpy(&weight, data + 4 * i, sizeof(weight));
    return weight;
  }
};

struct Impact {
  float query_weight;
  float operator()(float weight, uint32_t) const { return query_weight * weight; }
};

struct Frequency {
  float query_weight;
  Scoring scoring;
  const uint32_t *lengths;  // of the rows of the window
  float operator()(float weight, uint32_t offset) const {
    return query_weight * frequency_part(weight, length_part(scoring, lengths[offset]));
  }
};

template <class Weights, class Score>
inline void add(const Weights &weights, const Score &score, const Block &block, float *sums, uint8_t *touched) {
  const uint32_t count = posting_count(block);
  const uint8_t *rows = weights.data + count * Weights::kBytes;
  const auto put = [&](uint32_t offset, uint32_t i) __attribute__((always_inline)) {
    sums[offset] += score(weights(i), offset);
    touched[offset >> 6] = 1;
  };
  if (is_wide(block)) {
    for (uint32_t i = 0; i < count; i++) put(load_u16(rows + 2 * i), i);
    return;
  }
  uint32_t offset = block.first_row % kWindowRows;
  put(offset, 0);
  for (uint32_t i = 1; i < count; i++) {
    offset += rows[i - 1];
    put(offset, i);
  }
}

template <class Score>
inline void add_scored(const View &view, const Score &score, const Block &block, float *sums, uint8_t *touched) {
  const uint8_t *data = view.data + uint64_t(block.at) * 4;
  if (view.weight_bytes == 1) return add(Numbers8{view.palette, data}, score, block, sums, touched);
  if (view.weight_bytes == 2) return add(Numbers16{view.palette, data}, score, block, sums, touched);
  add(Floats{data}, score, block, sums, touched);
}

// The first block from `from` on that ends at `row` or later; block_count if none does. Doubling steps, then halving.
uint32_t seek_block(const List &list, uint32_t from, uint32_t row) {
  uint32_t low = from, step = 1;
  while (low + step <= list.block_count && last_row(list.blocks[low + step - 1]) < row) {
    low += step;
    step *= 2;
  }
  uint32_t high = low + step <= list.block_count ? low + step - 1 : list.block_count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (last_row(list.blocks[middle]) < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

// A shift by a variable and a 64-bit sum keep compilers from using registers; a table of bits lets them.
uint64_t above(const float *sums, float bar) {
  uint32_t low = 0, high = 0;
  for (uint32_t i = 0; i < 32; i++) low |= sums[i] > bar ? kBits[i] : 0;
  for (uint32_t i = 0; i < 32; i++) high |= sums[32 + i] > bar ? kBits[i] : 0;
  return uint64_t(high) << 32 | low;
}

void add_block(const View &view, const Scoring &scoring, const List &list, const Block &block, float *sums,
               uint8_t *touched) {
  if (view.lengths == nullptr) return add_scored(view, Impact{list.query_weight}, block, sums, touched);
  const uint32_t *lengths = view.lengths + (block.first_row & ~(kWindowRows - 1));
  add_scored(view, Frequency{list.query_weight, scoring, lengths}, block, sums, touched);
}

float look_up(const View &view, const Scoring &scoring, List *list, uint32_t row) {
  list->seek = seek_block(*list, list->seek, row);
  if (list->seek == list->block_count || list->blocks[list->seek].first_row > row) return 0;
  const Block &block = list->blocks[list->seek];
  if (list->decoded != list->seek) {
    read_rows(view, block, list->offsets);
    list->decoded = list->seek;
  }
  const uint32_t count = posting_count(block), offset = row % kWindowRows;
  uint32_t at = 0;
  for (uint32_t left = count; left > 1;) {
    const uint32_t half = left / 2;
    at += list->offsets[at + half] <= offset ? half : 0;
    left -= half;
  }
  if (list->offsets[at] != offset) return 0;
  const float weight = weight_at(view, view.data + uint64_t(block.at) * 4, at);
  if (view.lengths == nullptr) return list->query_weight * weight;
  return list->query_weight * frequency_part(weight, length_part(scoring, view.lengths[row]));
}

}  // namespace elanus::sparse
