// AnnSearcher: searches of one AnnIndex: candidates by codes, then their exact scores, if the caller gave the vectors.
// It owns all that searching writes to, so one thread uses it at a time; nothing is allocated on the way. Whatever
// the filter, k rows come back whenever k rows match.
//
// The way of a query: very few rows match: their vectors, if they are there. Few match: their 4-bit codes, one by one. Else,
// of kind kGraph, the graph, under a filter only if nearly half of the rows match where the search begins and the way
// turns out well. Else the lists, nearest first: 1-bit codes and then 4-bit codes of the best, or, where the blocks were
// dropped, 4-bit codes alone.
#pragma once

#include "index/ann_index.h"
#include "index/flat.h"
#include "index/graph_search.h"
#include "index/ivf_search.h"
#include "index/list_search.h"
#include "index/rerank.h"

namespace elanus {

// Rows that take part in searches.
struct Passing {
  const uint8_t *alive;  // bit i % 8 of byte i / 8 says whether row i does; NULL: all do
  uint32_t count;
};

class AnnSearcher {
 public:
  // `index` and `rows`, which are those of the index or NULL, outlive the searcher. False if there is no memory.
  // REQUIRES: effort_max >= 1.
  bool init(const AnnIndex &index, const Flat *rows, uint32_t effort_max);
  const AnnIndex &index() const { return *index_; }
  bool has_rows() const { return flat_ != nullptr; }
  // Whether there is room to search by the index, and not only for an exact scan.
  bool fits(const elanus_request &request) const;

  Passing passing(const uint8_t *alive) const;
  // One query, as elanus_searcher_search. Gives how many rows were found. REQUIRES: has_rows() or fits(request).
  uint32_t search(const float *query, const elanus_request &request, const Passing &passing, uint32_t *rows, float *scores);
  // As elanus_searcher_estimate. REQUIRES: !has_rows() and fits(request).
  uint32_t estimate(const float *query, const elanus_request &request, const Passing &passing, uint32_t *rows, float *scores,
                    float *errors);
  // As elanus_searcher_search_rows. REQUIRES: has_rows() and fits(request); `self` is a row.
  uint32_t search_row(uint32_t self, const elanus_request &request, uint32_t *rows, float *scores);

  const elanus_cost &cost() const { return cost_; }
  size_t bytes() const;

 private:
  struct Task {
    const float *query;
    const elanus_request &request;
    Passing passing;
    uint32_t absent;  // a row that is searched past; UINT32_MAX: none
    uint32_t ranked() const { return request.rerank > request.k ? request.rerank : request.k; }
  };

  float share_of(const Passing &passing) const;
  uint32_t scan(const Task &task, uint32_t *rows, float *scores);
  uint32_t run(const Task &task, uint32_t *rows, float *scores);
  bool search_graph(const Task &task);
  float near_share(const uint8_t *alive, const uint32_t *entries, uint32_t entry_count) const;
  uint32_t list_few(const uint8_t *alive);
  uint32_t score_fewest(const Task &task, uint32_t *rows, float *scores);
  void search_few(const Task &task);
  void search_lists(const Task &task);
  void search_blocks(const Task &task);
  uint32_t rank(const Task &task, bool is_prepared, uint32_t *rows, float *scores);
  uint32_t give_estimates(const Task &task, uint32_t *rows, float *scores) const;
  void give_errors(const uint32_t *rows, uint32_t count, float *errors) const;

  const AnnIndex *index_ = nullptr;
  const Flat *flat_ = nullptr;
  uint32_t effort_max_ = 0;
  Query query_;
  GraphScratch graph_scratch_;
  IvfScratch ivf_scratch_;
  ListScratch list_scratch_;
  RerankScratch rerank_scratch_;
  const Candidate *found_ = nullptr;  // rows to be ranked, the best by their estimates, best first
  uint32_t found_count_ = 0;
  Array<uint32_t> few_;  // where few rows match: they, their estimates, and the best of them
  Array<float> few_estimates_;
  Array<uint64_t> few_packed_;
  Array<Candidate> few_best_;
  Array<float> vector_;  // of a row that is searched for
  elanus_cost cost_ = {};
};

}  // namespace elanus
