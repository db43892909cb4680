// SparseIndex: the query is checked, its smallest weights set aside if asked for, a driver chosen and run.
#include "sparse/sparse_index.h"

#include <math.h>

#include <algorithm>

#include "sparse/search.h"

namespace elanus {

using namespace sparse;

namespace {

// With dropped terms, so many candidates are scored by the whole query: docs/decisions/0011-sparse.md.
constexpr uint32_t kCandidatesPerHit = 4;
constexpr uint32_t kCandidatesMin = 64;

bool is_alive(const uint8_t *alive, uint32_t row) { return (alive[row / 8] >> row % 8 & 1) != 0; }

uint32_t candidate_count(uint32_t k, uint32_t row_count) {
  const uint32_t wanted = std::max(kCandidatesPerHit * k, kCandidatesMin);
  return std::max(std::min(wanted, row_count), 1u);
}

bool are_params(const SparseParams &params) {
  if (params.k < 1 || params.k > ELANUS_K_MAX || !(params.drop_ratio >= 0 && params.drop_ratio < 1)) return false;
  if (isnan(params.radius) || isnan(params.range_filter)) return false;
  return uint32_t(params.driver) <= uint32_t(SparseDriver::kRows);
}

// False unless no length gives anything but a finite number of 0 or more.
bool scoring_of(const SparseParams &params, Scoring *scoring) {
  if (!(params.k1 >= 0) || !isfinite(params.k1 + 1) || !(params.b >= 0 && params.b <= 1)) return false;
  if (!(params.average_length > 0)) return false;
  scoring->base = params.k1 * (1 - params.b);
  scoring->slope = params.k1 * params.b / params.average_length;
  return isfinite(length_part(*scoring, kLengthMax));
}

struct Request {
  const SparseVector &query;
  const SparseParams &params;
  Scoring scoring;
  float factor;  // of query weights
};

// Where a search with dropped terms works: arrays of the scratch.
struct Dropping {
  Order *orders;
  uint8_t *kept;
  uint32_t *candidates;
  float *keys;
  uint32_t candidates_max;
};

// Of equal weights, the later terms are kept.
void keep_largest(const SparseVector &query, uint32_t dropped, const Dropping &dropping) {
  Order *orders = dropping.orders;
  for (uint32_t i = 0; i < query.count; i++) orders[i].list = i;
  const auto lighter = [&](const Order &a, const Order &b) {
    const float weight_a = query.weights[a.list], weight_b = query.weights[b.list];
    return weight_a != weight_b ? weight_a < weight_b : a.list < b.list;
  };
  std::sort(orders, orders + query.count, lighter);
  for (uint32_t i = 0; i < query.count; i++) dropping.kept[orders[i].list] = i >= dropped;
}

// Finds candidates by the largest weights and offers them by all. False, and nothing is offered, where an exact
// search is cheaper. REQUIRES: `search` has begun with the whole query.
bool find_with_dropped(const Request &request, const Dropping &dropping, Search *search, Hits *hits,
                       SparseDriver *driver) {
  const uint32_t dropped = uint32_t(double(request.params.drop_ratio) * request.query.count);
  if (dropped == 0) return false;
  const uint64_t postings = search->posting_count();
  const uint64_t looking_up = uint64_t(dropping.candidates_max) * search->list_count() * kLookUpCost;
  keep_largest(request.query, dropped, dropping);
  search->begin(request.query, dropping.kept, request.scoring, request.factor);
  if (postings - search->posting_count() <= looking_up) return false;

  Hits found;
  found.begin(dropping.candidates, dropping.keys, dropping.candidates_max, 0, INFINITY);
  if (*driver == SparseDriver::kAuto) *driver = search->choose(dropping.candidates_max);
  search->run(*driver, &found);
  const uint32_t count = found.finish();
  std::sort(dropping.candidates, dropping.candidates + count);
  search->begin(request.query, nullptr, request.scoring, request.factor);
  search->score(dropping.candidates, count, hits);
  return true;
}

void find(const Request &request, const Dropping &dropping, Search *search, Hits *hits, SparseDriver *driver) {
  search->begin(request.query, nullptr, request.scoring, request.factor);
  const SparseDriver exact = *driver == SparseDriver::kAuto ? search->choose(request.params.k) : *driver;
  const bool may_drop = request.params.drop_ratio > 0 && request.params.range_filter == INFINITY;
  if (exact != SparseDriver::kRows && may_drop) {
    if (find_with_dropped(request, dropping, search, hits, driver)) return;
    search->begin(request.query, nullptr, request.scoring, request.factor);
  }
  *driver = exact;
  search->run(exact, hits);
}

}  // namespace

elanus_status SparseScratch::open(uint32_t row_count, uint32_t terms_max, uint32_t k_max) {
  if (row_count > kRowsMax || terms_max < 1 || terms_max > kTermsMax) return ELANUS_INVALID;
  if (k_max < 1 || k_max > ELANUS_K_MAX) return ELANUS_INVALID;
  const uint32_t window_rows = (std::min(row_count, kWindowRows) + 63) / 64 * 64;
  const uint32_t candidates = candidate_count(k_max, row_count);
  const bool opened = sums_.resize(window_rows) && touched_.resize(window_rows / 64) && lists_.resize(terms_max) &&
                      orders_.resize(terms_max) && kept_.resize(terms_max) && rows_.resize(candidates) &&
                      keys_.resize(candidates);
  row_count_ = row_count;
  terms_max_ = opened ? terms_max : 0;
  k_max_ = k_max;
  return opened ? ELANUS_OK : ELANUS_NO_MEMORY;
}

size_t SparseScratch::bytes() const {
  return sums_.bytes() + touched_.bytes() + lists_.bytes() + orders_.bytes() + kept_.bytes() + rows_.bytes() +
         keys_.bytes();
}

uint32_t SparseIndex::rows_with(uint32_t term, const uint8_t *alive) const {
  const uint32_t at = find_term(view_, term);
  if (at == view_.term_count) return 0;
  if (alive == nullptr) return view_.counts[at];
  uint32_t count = 0;
  uint16_t offsets[kBlockPostingsMax];
  for (uint32_t block = view_.firsts[at]; block < view_.firsts[at + 1]; block++) {
    const uint32_t window = view_.blocks[block].first_row & ~(kWindowRows - 1);
    read_rows(view_, view_.blocks[block], offsets);
    for (uint32_t i = 0; i < sparse::posting_count(view_.blocks[block]); i++) count += is_alive(alive, window | offsets[i]);
  }
  return count;
}

void SparseIndex::totals(const uint8_t *alive, uint64_t *rows, uint64_t *length_total) const {
  *rows = *length_total = 0;
  for (uint32_t row = 0; row < view_.row_count; row++) {
    const uint32_t length = alive == nullptr || is_alive(alive, row) ? view_.lengths[row] : 0;
    *rows += length > 0;
    *length_total += length;
  }
}

elanus_status SparseIndex::search(const SparseVector &query, const SparseParams &params, const uint8_t *alive,
                                  SparseScratch *scratch, uint32_t *rows, float *scores, uint32_t *count,
                                  SparseWork *work) const {
  if (scratch == nullptr || rows == nullptr || scores == nullptr || count == nullptr) return ELANUS_INVALID;
  if (!is_sparse_vector(query) || !are_params(params)) return ELANUS_INVALID;
  if (query.count > scratch->terms_max_ || params.k > scratch->k_max_) return ELANUS_INVALID;
  if (view_.row_count > scratch->row_count_) return ELANUS_INVALID;
  Scoring scoring;
  if (has_lengths() && !scoring_of(params, &scoring)) return ELANUS_INVALID;

  SparseWork done = {params.driver, 0, 0};
  Search search(view_, alive, scratch);
  const Request request = {query, params, scoring, has_lengths() ? params.k1 + 1 : 1};
  const Dropping dropping = {scratch->orders_.data(), scratch->kept_.data(), scratch->rows_.data(),
                             scratch->keys_.data(), candidate_count(params.k, view_.row_count)};
  Hits hits;
  hits.begin(rows, scores, params.k, params.radius, params.range_filter);
  find(request, dropping, &search, &hits, &done.driver);
  *count = hits.finish();
  for (uint32_t i = 0; i < *count; i++) scores[i] = -scores[i];
  done.postings_added = search.postings_added();
  done.rows_scored = search.rows_scored();
  if (work != nullptr) *work = done;
  return ELANUS_OK;
}

}  // namespace elanus
