// GraphSearcher: searches of one GraphIndex over the full vectors of its rows: candidates by codes, then their exact
// scores. It owns all that searching writes to, so one thread uses it at a time; nothing is allocated on the way.
// Whatever the filter, k rows come back whenever k rows match: where the graph is the wrong way, every row is looked at.
#pragma once

#include "index/flat.h"
#include "index/graph_index.h"
#include "index/graph_search.h"

namespace elanus {

// What searches cost so far.
struct SearchCost {
  uint64_t hops;      // rows expanded
  uint64_t scored;    // codes read
  uint64_t reranked;  // vectors read
  uint64_t scans;     // queries answered by looking at every row
};

class GraphSearcher {
 public:
  // `index` and `rows`, which are those of the index, outlive the searcher. False if there is no memory.
  bool init(const GraphIndex &index, const Flat &rows, uint32_t ef_max);
  uint32_t ef_max() const { return scratch_.ef_max(); }
  uint32_t count() const { return index_->count(); }

  // The best `k` rows of one query: as elanus_flat_search, but approximate: `ef` candidates are kept and the best
  // `rerank` of them scored exactly; both are raised to k. Gives how many rows were found.
  uint32_t search(const float *query, uint32_t k, uint32_t ef, uint32_t rerank, const uint8_t *alive, uint32_t *rows,
                  float *scores);

  // The same for row `self` of the index, as if it were not there: what a query finds that is no row.
  // REQUIRES: ef <= ef_max.
  uint32_t search_row(uint32_t self, uint32_t k, uint32_t ef, uint32_t rerank, uint32_t *rows, float *scores);

  const SearchCost &cost() const { return cost_; }
  size_t bytes() const { return scratch_.bytes() + found_.bytes() + scores_.bytes() + ranked_.bytes(); }

 private:
  struct Ranked {
    float key;
    uint32_t row;
  };

  uint32_t scan(const float *query, uint32_t k, const uint8_t *alive, uint32_t *rows, float *scores);
  uint32_t scan_codes(uint32_t k, const uint8_t *alive);
  uint32_t rank(const float *query, uint32_t count, uint32_t k, uint32_t *rows, float *scores);

  const GraphIndex *index_ = nullptr;
  const Flat *flat_ = nullptr;
  Query query_;
  GraphScratch scratch_;
  Array<uint32_t> found_;   // rows to be scored
  Array<float> scores_;
  Array<Ranked> ranked_;
  Array<float> vector_;  // of a row that is searched for
  SearchCost cost_ = {};
};

}  // namespace elanus
