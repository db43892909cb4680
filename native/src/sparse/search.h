// Search: one query on its way through an index. It holds the lists of the terms that find candidates and the best rows
// so far; each driver is one of its verbs and may stop nowhere short of exact.
#pragma once

#include "base/top_k.h"
#include "sparse/postings.h"
#include "sparse/sparse_index.h"

namespace elanus::sparse {

// What looking up one row in one list costs, in units of one posting added: docs/decisions/0011-sparse.md.
constexpr uint64_t kLookUpCost = 80;

// The best rows of a range of scores.
class Hits {
 public:
  void begin(uint32_t *rows, float *keys, uint32_t k, float radius, float range_filter) {
    top_.begin(rows, keys, k);
    floor_ = bar_ = radius > 0 ? radius : 0;
    ceiling_ = range_filter;
  }
  // Only a score above it can still be a hit, rows being offered in ascending order.
  float bar() const { return bar_; }
  void offer(uint32_t row, float score) {
    if (!(score > bar_) || score > ceiling_) return;
    top_.offer(row, -score);
    const float worst = -top_.bar();
    bar_ = worst > floor_ ? worst : floor_;
  }
  uint32_t finish() { return top_.finish(); }

 private:
  TopK top_;
  float bar_, floor_, ceiling_;
};

class Search {
 public:
  Search(const View &view, const uint8_t *alive, SparseScratch *scratch)
      : view_(view),
        alive_(alive),
        scratch_(*scratch),
        lists_(scratch->lists_.data()),
        orders_(scratch->orders_.data()) {}

  // Lists of those query terms whose weight is above 0 and that some row has. `kept[i]` says whether to take term i;
  // all if NULL.
  void begin(const SparseVector &query, const uint8_t *kept, const Scoring &scoring, float factor);
  // The driver that finds the best `k` cheapest, by estimate.
  SparseDriver choose(uint32_t k) const;
  void run(SparseDriver driver, Hits *hits);
  // Offers those of `rows`, ascending, by looking them up.
  void score(const uint32_t *rows, uint32_t count, Hits *hits);

  uint32_t list_count() const { return list_count_; }
  uint64_t posting_count() const { return posting_count_; }
  uint64_t postings_added() const { return postings_added_; }
  uint64_t rows_scored() const { return rows_scored_; }

 private:
  void windows(Hits *hits);
  void max_score(Hits *hits);
  void each_row(Hits *hits);

  void range(uint32_t begin, uint32_t end, Hits *hits);
  uint32_t bound_lists(uint32_t begin, uint32_t end, float bar);
  void add_until(List *list, uint32_t end);
  void weigh(uint32_t chunk_row, uint32_t optional, Hits *hits);
  void weigh_row(uint32_t row, float sum, uint32_t optional, Hits *hits);
  double upper(double sum) const { return sum * slack_ + tiny_; }

  float score_row(uint32_t row);
  void clear(uint32_t begin, uint32_t end);
  uint64_t alive_word(uint32_t first) const;
  bool any_alive(uint32_t begin, uint32_t end) const;
  uint32_t window_of_next() const;

  const View &view_;
  const uint8_t *alive_;
  SparseScratch &scratch_;
  List *lists_;
  Order *orders_;
  uint32_t list_count_ = 0;
  uint64_t posting_count_ = 0;
  Scoring scoring_;
  double slack_ = 1, tiny_ = 0;  // what rounding may add to a sum
  uint64_t postings_added_ = 0;
  uint64_t rows_scored_ = 0;
};

}  // namespace elanus::sparse
