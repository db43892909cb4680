// MaxScore: rows are passed in ranges of 4,096. In each, bounds of blocks say what a list can add; the lists that could
// not lift a row above the bar even together are optional: they are looked up, for the few rows that the others have
// lifted near it. Where all lists are optional the range is passed over unread.
#include "sparse/search.h"

namespace elanus::sparse {
namespace {

constexpr uint32_t kRangeRows = 4096;

}  // namespace

void Search::max_score(Hits *hits) {
  for (uint32_t i = 0; i < list_count_; i++) orders_[i] = {i, 0, 0};
  for (uint64_t begin = 0; begin < view_.row_count; begin += kRangeRows) {
    const uint64_t end = begin + kRangeRows < view_.row_count ? begin + kRangeRows : view_.row_count;
    range(uint32_t(begin), uint32_t(end), hits);
    // A list that was optional until now may have added rows of ranges already passed.
    if (end % kWindowRows == 0 || end == view_.row_count) clear(uint32_t(begin) & ~(kWindowRows - 1), uint32_t(end));
  }
}

void Search::range(uint32_t begin, uint32_t end, Hits *hits) {
  const uint32_t optional = bound_lists(begin, end, hits->bar());
  // A block added for an earlier range may have reached into this one.
  if (optional == list_count_ || !any_alive(begin, end)) return clear(begin, end);
  for (uint32_t i = optional; i < list_count_; i++) {
    List &list = lists_[orders_[i].list];
    if (list.next < list.probe) list.next = list.probe;
    add_until(&list, end);
  }
  const uint8_t *touched = scratch_.touched_.data();
  for (uint32_t row = begin; row < end; row += 64) {
    if (touched[row % kWindowRows / 64] != 0) weigh(row, optional, hits);
  }
  clear(begin, end);
}

// Orders the lists by what they can add in the range, least first, and gives the number of optional ones.
uint32_t Search::bound_lists(uint32_t begin, uint32_t end, float bar) {
  for (uint32_t i = 0; i < list_count_; i++) {
    Order order = orders_[i];
    List &list = lists_[order.list];
    while (list.probe < list.block_count && last_row(list.blocks[list.probe]) < begin) list.probe++;
    order.bound = 0;
    for (uint32_t b = list.probe; b < list.block_count && list.blocks[b].first_row < end; b++) {
      const double bound = bound_of(scoring_, list, b);
      if (bound > order.bound) order.bound = bound;
    }
    uint32_t at = i;
    for (; at > 0 && orders_[at - 1].bound > order.bound; at--) orders_[at] = orders_[at - 1];
    orders_[at] = order;
  }
  double sum = 0;
  uint32_t optional = 0;
  for (uint32_t i = 0; i < list_count_; i++) {
    sum += orders_[i].bound;
    orders_[i].before = sum;
    if (upper(sum) <= bar) optional = i + 1;
  }
  return optional;
}

// The 64 rows from `first` on.
void Search::weigh(uint32_t first, uint32_t optional, Hits *hits) {
  const double rest = optional == 0 ? 0 : orders_[optional - 1].before;
  const float *sums = scratch_.sums_.data() + first % kWindowRows;
  // Below it, upper(sum + rest) cannot be above the bar: the float beside the quotient is far inside the slack.
  const float least = float((hits->bar() - tiny_) / slack_ - rest) * (1 - 2 * __FLT_EPSILON__);
  uint64_t word = above(sums, least > 0 ? least : 0);
  if (word == 0) return;
  for (word &= alive_word(first); word != 0; word &= word - 1) {
    const uint32_t i = uint32_t(__builtin_ctzll(word));
    if (upper(sums[i] + rest) > hits->bar()) weigh_row(first + i, sums[i], optional, hits);
  }
}

// `sum` is what the lists beyond the optional ones add, and may hold some of the optional ones' share already.
void Search::weigh_row(uint32_t row, float sum, uint32_t optional, Hits *hits) {
  double known = sum;
  for (uint32_t i = optional; i-- > 0;) {
    if (upper(known + orders_[i].before) <= hits->bar()) return;
    known += look_up(view_, scoring_, &lists_[orders_[i].list], row);
  }
  if (upper(known) > hits->bar()) hits->offer(row, score_row(row));
}

}  // namespace elanus::sparse
