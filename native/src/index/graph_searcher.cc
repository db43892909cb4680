// GraphSearcher: the way of each query: few rows match: their codes are read one after another; else the graph; and
// where that gives less than it could, the exact scan.
#include "index/graph_searcher.h"

#include <math.h>

#include <algorithm>

#include "index/scan.h"

namespace elanus {
namespace {

// Codes of so many bytes are read in the time that a graph search takes.
constexpr size_t kScanBytes = 350 * 1024;
// A search under a filter that has scored this many times what it keeps is on the wrong way.
constexpr uint32_t kScoredPerKept = 40;
constexpr uint32_t kScoredMin = 2000;

}  // namespace

bool GraphSearcher::init(const GraphIndex &index, const Flat &rows, uint32_t ef_max) {
  index_ = &index;
  flat_ = &rows;
  const size_t scanned = kScanBytes / index.codes().stride + 64;
  const size_t places = scanned > ef_max ? scanned : ef_max;
  return query_.init(index.quantizer()) && scratch_.init(index.count(), ef_max) && found_.resize(places) &&
         scores_.resize(places) && ranked_.resize(places) && vector_.resize(rows.dim());
}

uint32_t GraphSearcher::search(const float *query, uint32_t k, uint32_t ef, uint32_t rerank, const uint8_t *alive,
                               uint32_t *rows, float *scores) {
  const uint32_t kept = ef > k ? ef : k;
  if (kept > scratch_.ef_max()) return scan(query, k, alive, rows, scores);
  query_.prepare(query);
  if (alive != nullptr) {
    const uint32_t count = scan_codes(k, alive);
    if (count != UINT32_MAX) return rank(query, count, k, rows, scores);
  }
  uint32_t entries[2];
  const uint32_t entry_count = nearest_entries(query_.centres(), index_->entries(), index_->entry_count(), entries);
  GraphSearch graph(index_->graph(), index_->codes(), &scratch_);
  const uint32_t scored_max = kept * kScoredPerKept > kScoredMin ? kept * kScoredPerKept : kScoredMin;
  const bool lucky = graph.run({&query_, kept, entries, entry_count, alive, UINT32_MAX, alive == nullptr ? 0 : scored_max});
  cost_.hops += graph.hops();
  cost_.scored += graph.scored();
  if (!lucky || (graph.found_count() < k && graph.found_count() < index_->count())) {
    return scan(query, k, alive, rows, scores);
  }
  const uint32_t wanted = rerank > k ? rerank : k;
  const uint32_t count = graph.found_count() < wanted ? graph.found_count() : wanted;
  for (uint32_t i = 0; i < count; i++) found_[i] = graph.found()[i].row;
  return rank(query, count, k, rows, scores);
}

uint32_t GraphSearcher::search_row(uint32_t self, uint32_t k, uint32_t ef, uint32_t rerank, uint32_t *rows,
                                   float *scores) {
  flat_->vectors().read_f32(self, 1, vector_.data());
  query_.prepare(vector_.data());
  uint32_t entries[2];
  const uint32_t count = nearest_entries(query_.centres(), index_->entries(), index_->entry_count(), entries);
  const bool enters = entries[0] != self || (count == 2 && entries[1] != self);
  GraphSearch graph(index_->graph(), index_->codes(), &scratch_);
  graph.run({&query_, ef > k ? ef : k, enters ? entries : nullptr, count, nullptr, self});
  const uint32_t wanted = rerank > k ? rerank : k;
  const uint32_t found = graph.found_count() < wanted ? graph.found_count() : wanted;
  for (uint32_t i = 0; i < found; i++) found_[i] = graph.found()[i].row;
  return rank(vector_.data(), found, k, rows, scores);
}

uint32_t GraphSearcher::scan(const float *query, uint32_t k, const uint8_t *alive, uint32_t *rows, float *scores) {
  uint32_t count = 0;
  flat_->search(query, 1, k, alive, &count, rows, scores);
  cost_.scans++;
  return count;
}

// Where few rows match: the best of them by their codes, into found_. UINT32_MAX if there are more than a scan is for.
uint32_t GraphSearcher::scan_codes(uint32_t k, const uint8_t *alive) {
  const uint32_t rows_max = uint32_t(kScanBytes / index_->codes().stride);
  uint32_t count = 0;
  for (uint32_t first = 0; first < index_->count(); first += 64) {
    uint64_t word = alive_word(alive, first, index_->count());
    if (count + uint32_t(__builtin_popcountll(word)) > rows_max) return UINT32_MAX;
    for (; word != 0; word &= word - 1) found_[count++] = first + uint32_t(__builtin_ctzll(word));
  }
  cost_.scored += count;
  const uint32_t wanted = k + k / 2 + 10;
  if (count <= wanted) return count;
  query_.estimate4(index_->codes(), found_.data(), count, scores_.data());
  for (uint32_t i = 0; i < count; i++) ranked_[i] = {scores_[i], found_[i]};
  std::nth_element(ranked_.begin(), ranked_.begin() + wanted, ranked_.begin() + count,
                   [](const Ranked &a, const Ranked &b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
  for (uint32_t i = 0; i < wanted; i++) found_[i] = ranked_[i].row;
  return wanted;
}

// The best k of the `count` rows in found_, by their exact scores. REQUIRES: query_ was prepared with this query.
uint32_t GraphSearcher::rank(const float *query, uint32_t count, uint32_t k, uint32_t *rows, float *scores) {
  flat_->vectors().score(query, query_.inverse_norm(), found_.data(), count, scores_.data());
  cost_.reranked += count;
  const bool similarity = flat_->vectors().metric() != ELANUS_L2;
  for (uint32_t i = 0; i < count; i++) {
    const float key = similarity ? -scores_[i] : scores_[i];
    ranked_[i] = {isnan(key) ? INFINITY : key, found_[i]};
  }
  const uint32_t given = count < k ? count : k;
  std::partial_sort(ranked_.begin(), ranked_.begin() + given, ranked_.begin() + count,
                    [](const Ranked &a, const Ranked &b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
  for (uint32_t i = 0; i < given; i++) {
    rows[i] = ranked_[i].row;
    scores[i] = similarity ? 0.0f - ranked_[i].key : ranked_[i].key;
  }
  return given;
}

}  // namespace elanus
