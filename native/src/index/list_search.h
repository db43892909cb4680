// ListSearch: searches lists by the 4-bit codes of their rows, nearest list first: for filters, and for an index whose
// blocks were dropped (Ivf::drop_blocks). Only codes of rows that pass are read. It gives candidates; the exact order
// is for whoever holds the vectors (index/rerank.h). The index and the codes are only read, so searches share them;
// each has a scratch of its own, and nothing is allocated on the way.
#pragma once

#include "index/candidate.h"
#include "index/candidate_pool.h"
#include "index/ivf.h"
#include "index/list_order.h"
#include "index/patience.h"
#include "quant/query.h"

namespace elanus {

struct ListRequest {
  const Query *query;                // prepared, for scanning too
  uint32_t k;                        // rows wanted: 1 or more
  uint32_t keep;                     // candidates kept: 1..keep_max of the scratch; at least k are kept
  float patience = 0;                // ends the search where it runs out (index/patience.h); 0: all lists are read
  const uint8_t *alive = nullptr;    // bit i % 8 of byte i / 8 says whether row i may be found; NULL: all may
  uint32_t absent = UINT32_MAX;      // a row that is searched past as if it were not there
  const Candidate *known = nullptr;  // rows that may be found, each once, with the estimates of their codes: what a
  uint32_t known_count = 0;          // search of another kind had when it gave up. At most keep_max
};

// What a search cost: lists, and codes read.
struct ListCosts {
  uint32_t lists, coded;
};

class ListScratch {
 public:
  // For indexes of up to `list_count` lists and requests that keep, and want, up to `keep_max` rows. False if there is
  // no memory. REQUIRES: keep_max >= 1.
  bool init(uint32_t list_count, uint32_t keep_max);
  uint32_t list_count() const { return order_.list_count(); }
  uint32_t keep_max() const { return uint32_t(found_.size()); }
  size_t bytes() const;

 private:
  friend class ListSearch;
  ListOrder order_;
  CandidatePool pool_;
  Patience patience_;
  Array<uint64_t> known_;
  Array<Candidate> found_;
};

class ListSearch {
 public:
  // `codes` are the 4-bit codes of all rows, by row. REQUIRES: the blocks of `ivf` were dropped.
  ListSearch(const Ivf &ivf, const CodeRows &codes, ListScratch *scratch)
      : ivf_(ivf), codes_(codes), scratch_(*scratch) {}

  // Finds k rows wherever k may be found. REQUIRES: the scratch is as large as the index and the request.
  void run(const ListRequest &request);

  // The candidates, best first. They hold until the scratch is used again.
  const Candidate *found() const { return scratch_.found_.data(); }
  uint32_t found_count() const { return found_count_; }
  const ListCosts &costs() const { return costs_; }

 private:
  void begin(const ListRequest &request);
  void search_list(const ListRequest &request, uint32_t begin, uint32_t end);
  uint32_t gather(const ListRequest &request, uint32_t begin, uint32_t end, uint32_t *rows) const;
  void estimate(const ListRequest &request, const uint32_t *rows, uint32_t count, float *estimates) const;
  void offer(const ListRequest &request, float estimate, uint32_t row);
  void finish();

  const Ivf &ivf_;
  const CodeRows codes_;
  ListScratch &scratch_;
  uint32_t found_count_ = 0;
  ListCosts costs_ = {};
};

}  // namespace elanus
