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

uint32_t candidate_count(uint32_t k, uint32_t row_count) {
  const uint32_t wanted = std::max(kCandidatesPerHit * k, kCandidatesMin);
  return std::max(std::min(wanted, row_count), 1u);
}

bool is_query(const SparseVector &query) {
  if (query.count > 0 && (query.terms == nullptr || query.weights == nullptr)) return false;
  for (uint32_t i = 0; i < query.count; i++) {
    if (i > 0 && query.terms[i] <= query.terms[i - 1]) return false;
    if (!(query.weights[i] >= 0) || !isfinite(query.weights[i])) return false;
  }
  return true;
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

// Of equal weights, the later terms are kept.
void keep_largest(const SparseVector &query, uint32_t dropped, Order *orders, uint8_t *kept) {
  for (uint32_t i = 0; i < query.count; i++) orders[i].list = i;
  const auto lighter = [&](const Order &a, const Order &b) {
    const float wa = query.weights[a.list], wb = query.weights[b.list];
    return wa != wb ? wa < wb : a.list < b.list;
  };
  std::sort(orders, orders + query.count, lighter);
  for (uint32_t i = 0; i < query.count; i++) kept[orders[i].list] = i >= dropped;
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

uint32_t SparseIndex::rows_with(uint32_t term) const {
  const uint32_t at = find_term(view_, term);
  return at == view_.term_count ? 0 : view_.counts[at];
}

elanus_status SparseIndex::search(const SparseVector &query, const SparseParams &params, const uint8_t *alive,
                                  SparseScratch *scratch, uint32_t *rows, float *scores, uint32_t *count,
                                  SparseWork *work) const {
  if (scratch == nullptr || rows == nullptr || scores == nullptr || count == nullptr) return ELANUS_INVALID;
  if (!is_query(query) || !are_params(params)) return ELANUS_INVALID;
  if (query.count > scratch->terms_max_ || params.k > scratch->k_max_) return ELANUS_INVALID;
  if (view_.row_count > scratch->row_count_) return ELANUS_INVALID;
  Scoring scoring;
  if (has_lengths() && !scoring_of(params, &scoring)) return ELANUS_INVALID;

  SparseWork done = {SparseDriver::kAuto, 0, 0};
  Search search(view_, alive, scratch);
  const uint32_t dropped = uint32_t(double(params.drop_ratio) * query.count);
  *count = dropped == 0
               ? search_whole(query, params, scoring, &search, rows, scores, &done)
               : search_dropped(query, dropped, params, scoring, scratch, &search, rows, scores, &done);
  for (uint32_t i = 0; i < *count; i++) scores[i] = -scores[i];
  done.postings_added = search.postings_added();
  done.rows_scored = search.rows_scored();
  if (work != nullptr) *work = done;
  return ELANUS_OK;
}

// Keys, not scores, are left in `scores`, here and below.
uint32_t SparseIndex::search_whole(const SparseVector &query, const SparseParams &params, const Scoring &scoring,
                                   Search *search, uint32_t *rows, float *scores, SparseWork *work) const {
  Hits hits;
  hits.begin(rows, scores, params.k, params.radius, params.range_filter);
  search->begin(query, nullptr, scoring, view_.lengths == nullptr ? 1 : params.k1 + 1);
  work->driver = params.driver == SparseDriver::kAuto ? search->choose() : params.driver;
  search->run(work->driver, &hits);
  return hits.finish();
}

uint32_t SparseIndex::search_dropped(const SparseVector &query, uint32_t dropped, const SparseParams &params,
                                     const Scoring &scoring, SparseScratch *scratch, Search *search, uint32_t *rows,
                                     float *scores, SparseWork *work) const {
  keep_largest(query, dropped, scratch->orders_.data(), scratch->kept_.data());
  uint32_t *candidates = scratch->rows_.data();
  Hits found;
  found.begin(candidates, scratch->keys_.data(), candidate_count(params.k, scratch->row_count_), 0, INFINITY);
  search->begin(query, scratch->kept_.data(), scoring, view_.lengths == nullptr ? 1 : params.k1 + 1);
  work->driver = params.driver == SparseDriver::kAuto ? search->choose() : params.driver;
  search->run(work->driver, &found);
  const uint32_t candidates_found = found.finish();

  std::sort(candidates, candidates + candidates_found);
  Hits hits;
  hits.begin(rows, scores, params.k, params.radius, params.range_filter);
  search->begin(query, nullptr, scoring, view_.lengths == nullptr ? 1 : params.k1 + 1);
  search->score(candidates, candidates_found, &hits);
  return hits.finish();
}

}  // namespace elanus
