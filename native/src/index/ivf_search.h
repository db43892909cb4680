// IvfSearch: probes the lists nearest to a query, best first: 1-bit estimates of all their rows, 4-bit estimates of the
// best of those. It gives candidates; the exact order is for whoever holds the vectors (index/rerank.h). The index and
// the codes are only read, so searches share them; each has a scratch of its own, and nothing is allocated on the way.
#pragma once

#include "index/candidate.h"
#include "index/candidate_pool.h"
#include "index/ivf.h"
#include "index/list_order.h"
#include "index/patience.h"
#include "quant/query.h"

namespace elanus {

struct IvfRequest {
  const Query *query;              // prepared, for scanning too
  uint32_t k;                      // rows wanted: 1 or more
  uint32_t probes;                 // lists to scan at most, 0: any; more are taken while fewer than k rows were found
  uint32_t scan_keep;              // rows kept by their 1-bit estimate: 1..keep_max of the scratch; at least k are kept
  uint32_t code_keep;              // rows kept by their 4-bit estimate; 0: no second stage
  float patience = 0;              // ends the search where it runs out (index/patience.h); 0: never
  const uint8_t *alive = nullptr;  // bit i % 8 of byte i / 8 says whether row i may be found; NULL: all may
  uint32_t absent = UINT32_MAX;    // a row that is searched past as if it were not there
};

// What a search cost.
struct IvfCosts {
  uint32_t lists, scanned, coded;
};

class IvfScratch {
 public:
  // For indexes of up to `list_count` lists and requests that keep, and want, up to `keep_max` rows. False if there is
  // no memory. REQUIRES: keep_max >= 1.
  bool init(uint32_t list_count, uint32_t keep_max);
  uint32_t list_count() const { return order_.list_count(); }
  uint32_t keep_max() const { return uint32_t(found_.size()); }
  size_t bytes() const;

 private:
  friend class IvfSearch;
  ListOrder order_;
  CandidatePool pool_;
  Patience patience_;
  Array<uint32_t> rows_;
  Array<float> estimates_;
  Array<Candidate> found_;
};

class IvfSearch {
 public:
  // `codes` are the 4-bit codes of all rows, by row; without records there is no second stage.
  IvfSearch(const Ivf &ivf, const CodeRows &codes, IvfScratch *scratch)
      : ivf_(ivf), codes_(codes), scratch_(*scratch) {}

  // REQUIRES: the scratch is as large as the index and the request.
  void run(const IvfRequest &request);

  // The candidates, best first. They hold until the scratch is used again.
  const Candidate *found() const { return scratch_.found_.data(); }
  uint32_t found_count() const { return found_count_; }
  const IvfCosts &costs() const { return costs_; }

 private:
  void scan_list(const IvfRequest &request, uint32_t list, float distance);
  uint32_t passing(const IvfRequest &request, const uint8_t *block, uint32_t places) const;
  void take(uint32_t below, const uint8_t *block, const float *estimates);
  void recode(const IvfRequest &request);

  const Ivf &ivf_;
  const CodeRows codes_;
  IvfScratch &scratch_;
  uint32_t found_count_ = 0;
  IvfCosts costs_ = {};
};

}  // namespace elanus
