// GraphSearch: best-first search of a graph by estimates from 4-bit codes (Malkov & Yashunin 2018, on one layer). It
// gives candidates with their estimates; the exact order is for whoever holds the vectors. The graph and the codes are
// only read, so searches share them; each has a scratch of its own, and nothing is allocated on the way.
#pragma once

#include "index/candidate.h"
#include "index/graph.h"
#include "quant/query.h"

namespace elanus {

// What a search writes to; reusable by any number of searches, one at a time.
class GraphScratch {
 public:
  // For graphs of up to `count` rows and searches of up to `ef_max`. False if there is no memory.
  bool init(uint32_t count, uint32_t ef_max);
  uint32_t count() const { return uint32_t(visited_.size()); }
  uint32_t ef_max() const { return uint32_t(found_.size()); }
  size_t bytes() const { return visited_.bytes() + pool_.bytes() + found_.bytes(); }

 private:
  friend class GraphSearch;
  Array<uint8_t> visited_;  // of a row the epoch of the last search that saw it
  Array<Candidate> pool_, found_;
  uint8_t epoch_ = 0;
};

struct GraphRequest {
  const Query *query;             // prepared
  uint32_t ef;                    // candidates to keep: 1..ef_max of the scratch
  const uint32_t *entries = nullptr;  // rows to begin from, at most kEntriesMax; NULL: those of the graph
  uint32_t entry_count = 0;
  const uint8_t *alive = nullptr; // bit i % 8 of byte i / 8 says whether row i may be found; NULL: all may
  uint32_t absent = UINT32_MAX;   // a row that is searched past as if it were not there
  uint32_t follow = UINT32_MAX;   // without a filter: only the best so many of the candidates are expanded
  uint32_t scored_max = 0;        // with `alive`: a search that is unlucky, or scores more, gives up; 0: never
};

class GraphSearch {
 public:
  // `graph` is as open_graph or GraphBuilder gave it; `codes` are the 4-bit codes of its rows, of code4_bytes each.
  GraphSearch(const GraphView &graph, const CodeRows &codes, GraphScratch *scratch)
      : graph_(graph), codes_(codes), scratch_(*scratch) {}

  // False if a filter makes the graph the wrong way to search: too few of the first rows pass, or scored_max is
  // exceeded. Without a filter always true. REQUIRES: the scratch is as large as the graph and the request.
  bool run(const GraphRequest &request);

  // The candidates, best first, ties in no particular order, ef at most; they hold until the scratch is used again.
  const Candidate *found() const { return found_; }
  uint32_t found_count() const { return found_count_; }
  // What it cost: rows expanded, rows whose codes were read.
  uint32_t hops() const { return hops_; }
  uint32_t scored() const { return scored_; }

 private:
  template <bool kFiltered>
  bool search(const GraphRequest &request);
  template <bool kFiltered>
  uint32_t offer(const GraphRequest &request, uint32_t pool_max, float estimate, uint32_t row);
  uint32_t collect(const uint32_t *rows, uint32_t count, uint32_t *fresh);
  void fetch_next(uint32_t at) const;
  bool unlucky(const GraphRequest &request);

  const GraphView &graph_;
  const CodeRows codes_;
  GraphScratch &scratch_;
  const Candidate *found_ = nullptr;
  uint32_t found_count_ = 0, pool_count_ = 0;
  uint32_t hops_ = 0, scored_ = 0, passed_ = 0;
  bool tried_ = false;
};

// The two of `entries`, one for each centre, whose centres are nearest. REQUIRES: count >= 1. Gives how many: 1 or 2.
uint32_t nearest_entries(const float *centre_distances, const uint32_t *entries, uint32_t count, uint32_t out[2]);

}  // namespace elanus
