// BuildKernels: what a graph is built with: distances between codes of 7 bits, all pairs at once, and the choice of
// neighbours by scanning rows of a matrix of them. Everything here is integers, and every set gives exactly the same:
// that is why a graph depends on the rows and the seed alone. "scalar" is the truth.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace elanus {

// A code for building is `dim` values of -kBuildCodeMax..kBuildCodeMax on a grid that all rows share, then zeros up to
// build_code_stride(dim) bytes; 64-byte aligned. These are not the codes that a search reads.
constexpr int32_t kBuildCodeMax = 63;
constexpr size_t build_code_stride(uint32_t dim) { return (size_t(dim) + 63) / 64 * 64; }

struct BuildCodeSums {
  int32_t norm;  // the sum of the squares of a code's values
  int32_t sum;   // of the values
};

// A squared distance in 16 bits: 5 of exponent, 11 of mantissa. It orders as the distance does, to 1 part in 4096,
// and 0 is the distance 0 alone. REQUIRES: 0 <= distance < 2^30.
using Rank = uint16_t;
constexpr Rank kRankNone = 0xffff;  // above every distance
constexpr int32_t kRankOrigin = 0x3f800000 - (1 << 12);

inline Rank rank_of(int32_t distance) {
  const float value = float(distance);
  int32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits < kRankOrigin ? 0 : Rank((bits - kRankOrigin) >> 12);
}

// A packed row is `words` 32-bit words of a set's own layout; a panel is kPanelRows of them, interleaved.
constexpr uint32_t kPanelRows = 64;

// Every row of some with every row of a panel.
struct RankTile {
  const uint32_t *rows;          // row_count x words, packed
  const BuildCodeSums *row_sums;      // row_count
  uint32_t row_count;
  uint32_t words;
  const uint32_t *panel;         // kPanelRows x words
  const int32_t *panel_norms;    // kPanelRows
  Rank *ranks;                   // of row r and panel row c at ranks[r * stride + c]
  size_t stride;
};

// One row of a matrix of ranks, among whose columns neighbours are chosen.
struct RankRow {
  const Rank *ranks;  // square, kRankNone on its diagonal and in the columns from `count` on
  size_t stride;      // a multiple of kPanelRows
  uint32_t count;
  uint32_t row;
};

struct BuildKernels {
  const char *name;
  uint32_t word_values;  // values of a code in one packed word

  void (*pack_row)(const int8_t *code, uint32_t words, uint32_t *packed);
  // The rows from `count` on are zeros. REQUIRES: count <= kPanelRows.
  void (*pack_panel)(const uint32_t *rows, uint32_t count, uint32_t words, uint32_t *panel);
  void (*rank_all)(const RankTile &tile);
  // Neighbours of `row` by the rule of relative neighbourhood graphs (Toussaint 1980), greedily: the nearest column
  // left is chosen, then every column nearer to it than to `row` is struck out, `limit` times at most; ties go to the
  // first column. `left` is room for `stride` ranks. Gives how many were chosen.
  uint32_t (*choose)(const RankRow &row, uint32_t limit, Rank *left, uint32_t *chosen);
  // The inner product of two codes of `stride` bytes; `b_sum` is the sum of b's values.
  int32_t (*dot)(const int8_t *a, const int8_t *b, int32_t b_sum, size_t stride);
};

// Words of a packed row, an even number. REQUIRES: dim >= 1.
inline uint32_t packed_words(const BuildKernels &kernels, uint32_t dim) {
  const uint32_t values = 2 * kernels.word_values;
  return (dim + values - 1) / values * 2;
}

// The set at `position`: the same positions, with the same instruction sets or a lesser one, as kernels_at.
const BuildKernels *build_kernels_at(uint32_t position);

}  // namespace elanus
