// SparseIndex: exact best rows of a sparse query, over the bytes of an image that the caller keeps. Searches change
// nothing but their Scratch, so several may run at once, each with its own. Nothing is allocated by a search.
//
// The score of a row is the sum over the query's terms, in ascending order and in f32, of what each adds:
//   impacts       query weight * weight
//   frequencies   query weight * (k1 + 1) * tf / (tf + k1 * (1 - b + b * length / average_length))
// so BM25 where the query weight is IDF (Robertson 1994; times the term's count in the query). A row whose score is 0
// is no hit. Every driver gives the same rows and, bit for bit, the same scores; equal scores are in order of rows.
#pragma once

#include "sparse/postings.h"
#include "sparse/sparse_builder.h"

namespace elanus {

// How a search goes through the postings. All are exact; kAuto takes the cheapest by estimate.
enum class SparseDriver : uint32_t {
  kAuto = 0,
  kWindows = 1,   // adds all postings, window by window, into one sum per row (SINDI, arXiv 2509.08395)
  kMaxScore = 2,  // skips what cannot reach the best k (block-max MaxScore: Turtle & Flood 1995, Mallia et al. 2017)
  kRows = 3,      // looks up each row that takes part
};

struct SparseParams {
  uint32_t k = 10;  // 1..ELANUS_K_MAX
  // Hits have radius < score <= range_filter.
  float radius = 0;
  float range_filter = __builtin_inff();
  // Leave to let the smallest floor(drop_ratio * terms) query weights out of finding 4k candidates (at least 64),
  // which are then scored by the whole query; 0 <= drop_ratio < 1. It is used where that is cheaper than an exact
  // search, and only without range_filter, beyond which the candidates might all lie. 0: exact.
  float drop_ratio = 0;
  // With frequencies only.
  float k1 = 1.2f;
  float b = 0.75f;
  float average_length = 1;
  SparseDriver driver = SparseDriver::kAuto;
};

// What a search did, in counts that do not depend on the machine.
struct SparseWork {
  SparseDriver driver;
  uint64_t postings_added;  // whole blocks, into sums
  uint64_t rows_scored;     // by looking them up
};

namespace sparse {
class Search;
}

// What a search writes. It fits every index of at most the rows it was opened for.
class SparseScratch {
 public:
  // For queries of up to `terms_max` terms (1..kTermsMax) and `k_max` hits (1..ELANUS_K_MAX). About 256 KiB for an
  // index of 65,536 rows or more, 350 bytes a term, 32 bytes a hit. ELANUS_NO_MEMORY; ELANUS_INVALID.
  elanus_status open(uint32_t row_count, uint32_t terms_max, uint32_t k_max);
  size_t bytes() const;

  static constexpr uint32_t kTermsMax = 1u << 16;

 private:
  friend class sparse::Search;
  friend class SparseIndex;
  uint32_t row_count_ = 0;
  uint32_t terms_max_ = 0;
  uint32_t k_max_ = 0;
  Array<float> sums_;       // per row of a window, 0 between searches
  Array<uint8_t> touched_;  // per 64 rows of a window: whether a sum may be other than 0
  Array<sparse::List> lists_;
  Array<sparse::Order> orders_;
  Array<uint8_t> kept_;     // per term of the query: whether it finds candidates
  Array<uint32_t> rows_;    // candidates
  Array<float> keys_;
};

class SparseIndex {
 public:
  // Borrows `image`, 8-byte aligned, until the index ends. As sparse::read_view.
  elanus_status open(const uint8_t *image, uint64_t size_bytes) { return sparse::read_view(image, size_bytes, &view_); }

  uint32_t row_count() const { return view_.row_count; }
  uint64_t posting_count() const { return view_.posting_count; }
  bool has_lengths() const { return view_.lengths != nullptr; }
  // Rows that have the term, for IDF over many indexes: those whose bit in `alive` is set, or all if it is NULL.
  uint32_t rows_with(uint32_t term, const uint8_t *alive) const;
  // For the average length over many indexes: rows whose length is above 0, and the sum of lengths. REQUIRES: has_lengths().
  void totals(const uint8_t *alive, uint64_t *rows, uint64_t *length_total) const;

  // Best k rows, best first, into `rows` and `scores` (room for k each), their number into `count`. Fewer where fewer
  // match. Row i takes part if bit i of `alive` is set (as elanus_flat_search); all do if it is NULL. `work` may be
  // NULL. ELANUS_INVALID, and nothing is written: query terms not ascending, a query weight negative or not finite,
  // more terms or hits than the scratch is for, a parameter out of range. Query terms that no row has are no error.
  elanus_status search(const SparseVector &query, const SparseParams &params, const uint8_t *alive,
                       SparseScratch *scratch, uint32_t *rows, float *scores, uint32_t *count,
                       SparseWork *work) const;

 private:
  sparse::View view_;
};

}  // namespace elanus
