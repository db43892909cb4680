// Leaf: the upper half of the matrix is computed, the lower half copied from it.
#include "index/leaf.h"

namespace elanus {
namespace {

constexpr uint32_t kChooseStep = 64;
constexpr uint32_t kMirrorBlock = 16;

}  // namespace

bool Leaf::init(const GraphCodes &codes, const BuildKernels &kernels, uint32_t rows_max) {
  codes_ = &codes;
  kernels_ = &kernels;
  words_ = packed_words(kernels, codes.dim());
  const size_t columns = (size_t(rows_max) + kPanelRows - 1) / kPanelRows * kPanelRows;
  return rows_.resize(columns * words_) && panel_.resize(size_t(kPanelRows) * words_) && sums_.resize(columns) &&
         ranks_.resize(columns * columns) && left_.resize(columns);
}

size_t Leaf::bytes() const {
  return sizeof(*this) + rows_.bytes() + panel_.bytes() + sums_.bytes() + ranks_.bytes() + left_.bytes();
}

void Leaf::begin(const uint32_t *ids, uint32_t count, uint32_t chosen_max, const uint32_t *places) {
  chosen_max_ = chosen_max;
  ids_ = ids;
  places_ = places == nullptr ? ids : places;
  count_ = count;
  ranked_ = chosen_ = 0;
  stride_ = (size_t(count) + kPanelRows - 1) / kPanelRows * kPanelRows;
}

bool Leaf::step(NeighbourLists *lists) {
  if (ranked_ < count_) {
    rank_panel();
    return false;
  }
  choose(lists);
  return chosen_ == count_;
}

uint32_t Leaf::cover(uint32_t *rows, uint32_t rows_max) {
  // A squared distance four times as large has a rank that is larger by two exponents.
  constexpr uint32_t kTwiceAsFar = 2 << 11;
  uint32_t row = 0, count = 0;
  for (uint32_t i = 0; i < count_; i++) left_[i] = kRankNone;
  for (;;) {
    rows[count++] = row;
    left_[row] = 0;
    uint32_t furthest = row;
    for (uint32_t i = 0; i < count_; i++) {
      const Rank rank = ranks_[row * stride_ + i];
      if (rank < left_[i]) left_[i] = rank;
      if (left_[i] > left_[furthest]) furthest = i;
    }
    if (count == rows_max || furthest == row) return count;
    Rank nearest = kRankNone;
    for (uint32_t i = 0; i < count_; i++) {
      const Rank rank = ranks_[furthest * stride_ + i];
      if (rank < nearest) nearest = rank;
    }
    if (left_[furthest] <= nearest + kTwiceAsFar) return count;
    row = furthest;
  }
}

void Leaf::rank_panel() {
  const uint32_t first = ranked_, left = count_ - first, count = left < kPanelRows ? left : kPanelRows;
  int32_t norms[kPanelRows] = {};
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t id = ids_[first + i];
    kernels_->pack_row(codes_->row(id), words_, rows_.data() + size_t(first + i) * words_);
    sums_[first + i] = codes_->sums(id);
    norms[i] = sums_[first + i].norm;
  }
  kernels_->pack_panel(rows_.data() + size_t(first) * words_, count, words_, panel_.data());
  Rank *ranks = ranks_.data() + first;
  kernels_->rank_all({rows_.data(), sums_.data(), first + count, words_, panel_.data(), norms, ranks, stride_});
  mirror(first, count);
  ranked_ += count;
}

// The new columns of the rows before them, as the columns before them of the new rows; then what no row may choose.
void Leaf::mirror(uint32_t first, uint32_t count) {
  for (uint32_t row = first; row < first + count; row += kMirrorBlock) {
    const uint32_t rows = first + count - row < kMirrorBlock ? first + count - row : kMirrorBlock;
    for (uint32_t column = 0; column < first; column += kMirrorBlock) {
      for (uint32_t r = 0; r < rows; r++) {
        Rank *to = ranks_.data() + (row + r) * stride_ + column;
        const Rank *from = ranks_.data() + column * stride_ + row + r;
        for (uint32_t c = 0; c < kMirrorBlock; c++) to[c] = from[c * stride_];
      }
    }
  }
  for (uint32_t row = first; row < first + count; row++) ranks_[row * stride_ + row] = kRankNone;
  if (first + count < count_ || count == kPanelRows) return;
  for (uint32_t row = 0; row < count_; row++) {
    for (size_t column = count_; column < stride_; column++) ranks_[row * stride_ + column] = kRankNone;
  }
}

void Leaf::choose(NeighbourLists *lists) {
  const uint32_t stop = count_ - chosen_ < kChooseStep ? count_ : chosen_ + kChooseStep;
  for (; chosen_ < stop; chosen_++) {
    uint32_t columns[kChosenMax];
    const RankRow row = {ranks_.data(), stride_, count_, chosen_};
    const uint32_t found = kernels_->choose(row, chosen_max_, left_.data(), columns);
    Neighbour neighbours[kChosenMax];
    for (uint32_t i = 0; i < found; i++) {
      neighbours[i] = neighbour(ids_[columns[i]], ranks_[chosen_ * stride_ + columns[i]]);
    }
    lists->offer(places_[chosen_], neighbours, found);
  }
}

}  // namespace elanus
