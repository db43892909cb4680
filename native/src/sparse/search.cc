// Search: the windows' driver, the rows' driver, and what all drivers share.
#include "sparse/search.h"

#include <float.h>

namespace elanus::sparse {
namespace {

// Measured: docs/decisions/0011-sparse.md.
constexpr uint64_t kMaxScorePostingsMin = 1000000;
constexpr uint32_t kMaxScoreTermsMax = 8;
constexpr uint32_t kMaxScoreHitsMax = 32;

}  // namespace

void Search::begin(const SparseVector &query, const uint8_t *kept, const Scoring &scoring, float factor) {
  scoring_ = scoring;
  list_count_ = 0;
  posting_count_ = 0;
  for (uint32_t i = 0; i < query.count; i++) {
    if (query.weights[i] == 0 || (kept != nullptr && kept[i] == 0)) continue;
    const uint32_t term = find_term(view_, query.terms[i]);
    if (term == view_.term_count) continue;
    const uint32_t first = view_.firsts[term];
    List &list = lists_[list_count_++];
    list.blocks = view_.blocks + first;
    list.shortest = view_.shortest == nullptr ? nullptr : view_.shortest + first;
    list.block_count = view_.firsts[term + 1] - first;
    list.posting_count = view_.counts[term];
    list.query_weight = query.weights[i] * factor;
    list.peak = view_.peaks[term];
    list.next = list.probe = list.seek = 0;
    list.decoded = list.block_count;
    posting_count_ += list.posting_count;
  }
  slack_ = 1 + (list_count_ + 8) * double(FLT_EPSILON);
  tiny_ = list_count_ * double(FLT_TRUE_MIN);
}

// The 64 rows from `first` on that take part; never a row at or beyond the end.
uint64_t Search::alive_word(uint32_t first) const {
  uint64_t word = ~uint64_t(0);
  if (alive_ != nullptr) memcpy(&word, alive_ + first / 8, sizeof(word));
  const uint32_t left = view_.row_count - first;
  return left >= 64 ? word : word & ((uint64_t(1) << left) - 1);
}

// REQUIRES: begin is a multiple of 64.
bool Search::any_alive(uint32_t begin, uint32_t end) const {
  if (alive_ == nullptr) return true;
  for (uint32_t first = begin; first < end; first += 64) {
    if (alive_word(first) != 0) return true;
  }
  return false;
}

SparseDriver Search::choose(uint32_t k) const {
  if (alive_ != nullptr) {
    const uint64_t rows_max = posting_count_ / (kLookUpCost * (list_count_ + 1));
    uint64_t rows = 0;
    for (uint32_t first = 0; first < view_.row_count && rows <= rows_max; first += 64) {
      rows += uint64_t(__builtin_popcountll(alive_word(first)));
    }
    if (rows <= rows_max) return SparseDriver::kRows;
  }
  const bool is_short = list_count_ <= kMaxScoreTermsMax && k <= kMaxScoreHitsMax;
  return is_short && posting_count_ >= kMaxScorePostingsMin ? SparseDriver::kMaxScore : SparseDriver::kWindows;
}

void Search::run(SparseDriver driver, Hits *hits) {
  if (list_count_ == 0) return;
  if (driver == SparseDriver::kRows) return each_row(hits);
  if (driver == SparseDriver::kMaxScore) return max_score(hits);
  windows(hits);
}

float Search::score_row(uint32_t row) {
  float sum = 0;
  for (uint32_t i = 0; i < list_count_; i++) sum += look_up(view_, scoring_, &lists_[i], row);
  rows_scored_++;
  return sum;
}

void Search::score(const uint32_t *rows, uint32_t count, Hits *hits) {
  for (uint32_t i = 0; i < count; i++) hits->offer(rows[i], score_row(rows[i]));
}

void Search::each_row(Hits *hits) {
  for (uint32_t first = 0; first < view_.row_count; first += 64) {
    for (uint64_t word = alive_word(first); word != 0; word &= word - 1) {
      const uint32_t row = first + uint32_t(__builtin_ctzll(word));
      hits->offer(row, score_row(row));
    }
  }
}

// Adds the list's blocks that begin before `end`.
void Search::add_until(List *list, uint32_t end) {
  for (; list->next < list->block_count && list->blocks[list->next].first_row < end; list->next++) {
    const Block &block = list->blocks[list->next];
    add_block(view_, scoring_, *list, block, scratch_.sums_.data(), scratch_.touched_.data());
    postings_added_ += sparse::posting_count(block);
  }
}

// The window of the first row that is not yet in the sums.
uint32_t Search::window_of_next() const {
  uint32_t window = window_of(~0u);
  for (uint32_t i = 0; i < list_count_; i++) {
    const List &list = lists_[i];
    if (list.next == list.block_count) continue;
    const uint32_t next = window_of(list.blocks[list.next].first_row);
    if (next < window) window = next;
  }
  return window;
}

void Search::windows(Hits *hits) {
  float *sums = scratch_.sums_.data();
  uint8_t *touched = scratch_.touched_.data();
  for (uint32_t window = window_of_next(); window != window_of(~0u); window = window_of_next()) {
    const uint32_t begin = window << kWindowShift;
    const uint32_t left = view_.row_count - begin;
    const uint32_t rows = left < kWindowRows ? left : kWindowRows;
    if (!any_alive(begin, begin + rows)) {
      for (uint32_t i = 0; i < list_count_; i++) {
        List &list = lists_[i];
        while (list.next < list.block_count && window_of(list.blocks[list.next].first_row) == window) list.next++;
      }
      continue;
    }
    for (uint32_t i = 0; i < list_count_; i++) add_until(&lists_[i], begin + rows);
    for (uint32_t chunk = 0; chunk * 64 < rows; chunk++) {
      if (touched[chunk] == 0) continue;
      const float *chunk_sums = sums + chunk * 64;
      uint64_t word = above(chunk_sums, hits->bar());
      if (word == 0) continue;
      for (word &= alive_word(begin + chunk * 64); word != 0; word &= word - 1) {
        const uint32_t i = uint32_t(__builtin_ctzll(word));
        hits->offer(begin + chunk * 64 + i, chunk_sums[i]);
      }
    }
    clear(begin, begin + rows);
  }
}

// Sets the sums of touched rows to 0, in runs. Runs of 64 rows belong to one window each. REQUIRES: `begin` is a
// multiple of 64, `end` is in the same window or ends it.
void Search::clear(uint32_t begin, uint32_t end) {
  float *sums = scratch_.sums_.data();
  uint8_t *touched = scratch_.touched_.data();
  const uint32_t first = begin % kWindowRows / 64, last = first + (end - begin + 63) / 64;
  for (uint32_t chunk = first; chunk < last; chunk++) {
    uint32_t run = chunk;
    while (run < last && touched[run] != 0) run++;
    if (run == chunk) continue;
    memset(sums + size_t(chunk) * 64, 0, size_t(run - chunk) * 64 * sizeof(float));
    memset(touched + chunk, 0, run - chunk);
    chunk = run;
  }
}

}  // namespace elanus::sparse
