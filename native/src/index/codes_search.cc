// CodesSearch: one pass over the codes keeps of every row the lowest that its true value may be, and finds the k rows of
// the best estimates. Their scores, and those of rows without codes, give a bar: the k best are at or below it. Of the
// rows whose lowest is not above the bar the lowest few are scored first, which brings the bar down to where it stays,
// then all that are still not above it.
#include "index/codes_search.h"

#include <math.h>

#include "index/scan.h"

namespace elanus {
namespace {

// With fewer rows to each that is wanted, most would be scored after all.
constexpr uint32_t kRowsPerWanted = 16;
// Reading 1-bit codes of so many rows, and preparing for it, costs what scoring one does.
constexpr uint32_t kCodesPerRow = 16;
// Rows scored between two looks at the bar.
constexpr uint32_t kStepRows = 16;
// Of the possible rows so many, and k at least, are scored before it is known how many must be.
constexpr uint32_t kFirstMin = 64;
// Where one row of so many must be scored, an exact scan of all costs less: it reads in order.
constexpr uint32_t kPossibleMax = 4;

}  // namespace

struct CodesSearch::Run {
  const Flat &rows;
  const SignBlocks &blocks;
  const CodesRequest &request;
  const Query &query;
  SmallestPacked best;
  float inverse_norm;
  EstimateScale scale;
  uint32_t matching;

  bool similarity() const { return rows.vectors().metric() != ELANUS_L2; }
  // What the estimate of a row among the k best is at or below, but for its error.
  float bar() const {
    if (!best.full()) return INFINITY;
    const float bar = scale.of(unpack_candidate(best.largest()).estimate);
    return bar == bar ? bar : INFINITY;
  }
};

EstimateScale estimate_scale(elanus_metric metric, const float *query, uint32_t dim) {
  if (metric == ELANUS_L2) return {0, 1};
  if (metric == ELANUS_COSINE) return {2, 2};
  float norm2 = 0;
  for (uint32_t i = 0; i < dim; i++) norm2 += query[i] * query[i];
  return {norm2, 2};
}

uint32_t count_alive(const uint8_t *alive, uint32_t size) {
  if (alive == nullptr) return size;
  uint32_t count = 0;
  for (uint32_t first = 0; first < size; first += 64) count += uint32_t(__builtin_popcountll(alive_word(alive, first, size)));
  return count;
}

bool CodesSearch::reserve(uint32_t block_count) {
  if (block_count <= this->block_count()) return true;
  const size_t blocks = size_t(block_count) + block_count / 2;
  const size_t places = blocks * kScanRows, wanted = places / kRowsPerWanted;
  CodesSearch room;
  if (!room.lowest_.resize(places) || !room.pool_.resize(places)) return false;
  if (!room.first_.resize(wanted) || !room.best_.resize(wanted)) return false;
  room.cost = cost;
  *this = static_cast<CodesSearch &&>(room);
  return true;
}

bool CodesSearch::is_worth_it(uint32_t k, uint32_t matching, uint32_t coded) {
  return k <= coded / kRowsPerWanted && k <= matching / kRowsPerWanted && matching > coded / kCodesPerRow;
}

uint32_t CodesSearch::run(const Flat &rows, const SignBlocks &blocks, const CodesRequest &request, Query *query,
                          uint32_t *found, float *scores) {
  const TypedRows &vectors = rows.vectors();
  query->prepare(request.vector);
  query->prepare_scan();
  Run run = {rows, blocks, request, *query, {}, 0,
             estimate_scale(vectors.metric(), request.vector, vectors.dim()), count_alive(request.alive, rows.size())};
  run.best.begin(best_.data(), request.k);
  if (vectors.metric() == ELANUS_COSINE) run.inverse_norm = inverse_norm(request.vector, vectors.dim());
  scan(run);
  score_uncoded(run);
  score_first(run);
  if (!score_possible(run)) {
    uint32_t count = 0;
    rows.search(request.vector, 1, request.k, request.alive, &count, found, scores);
    cost.scans++;
    return count;
  }
  uint64_t *best = best_.data();
  sort_packed(best, run.best.size());
  for (uint32_t i = 0; i < run.best.size(); i++) {
    const Candidate candidate = unpack_candidate(best[i]);
    found[i] = candidate.row;
    scores[i] = run.similarity() ? 0.0f - candidate.estimate : candidate.estimate;
  }
  return run.best.size();
}

uint32_t CodesSearch::row_at(const Run &run, uint32_t place) const {
  return run.blocks.row(place / kScanRows, place % kScanRows);
}

// Fills lowest_, +infinity where no row takes part, and first_.
void CodesSearch::scan(Run &run) {
  const SignBlocks &blocks = run.blocks;
  SignBlocks::Errors errors;
  blocks.prepare(run.query, run.request.deviations, &errors);
  SmallestPacked first;
  first.begin(first_.data(), run.request.k);
  float bar = INFINITY;
  for (uint32_t i = 0; i < blocks.block_count(); i++) {
    float *lowest = lowest_.data() + size_t(i) * kScanRows;
    uint32_t passing = blocks.taken(i);
    if (run.request.alive != nullptr) passing = blocks.passing(i, run.request.alive, run.rows.size());
    if (passing == 0) {
      for (uint32_t j = 0; j < kScanRows; j++) lowest[j] = INFINITY;
      continue;
    }
    float estimates[kScanRows];
    const uint32_t below = blocks.bounds(i, run.query, errors, bar, estimates, lowest);
    cost.scanned += uint32_t(__builtin_popcount(blocks.taken(i)));
    for (uint32_t out = ~passing; out != 0; out &= out - 1) lowest[__builtin_ctz(out)] = INFINITY;
    for (uint32_t in = below & passing; in != 0; in &= in - 1) {
      const uint32_t j = uint32_t(__builtin_ctz(in));
      first.offer(pack_candidate(estimates[j], i * kScanRows + j));
    }
    if (first.full()) bar = unpack_candidate(first.largest()).estimate;
  }
  first_count_ = first.size();
}

// Empties the list of rows.
void CodesSearch::score(Run &run, const uint32_t *rows, uint32_t *row_count) {
  const uint32_t count = *row_count;
  *row_count = 0;
  float scores[kBlockRowsMax];
  run.rows.vectors().score(run.request.vector, run.inverse_norm, rows, count, scores);
  for (uint32_t i = 0; i < count; i++) {
    const float key = run.similarity() ? 0.0f - scores[i] : scores[i];
    // Not any NaN, but the one that sorts last.
    run.best.offer(pack_candidate(key == key ? key : __builtin_nanf(""), rows[i]));
  }
  cost.reranked += count;
}

void CodesSearch::score_uncoded(Run &run) {
  const uint32_t size = run.rows.size(), coded = run.blocks.size();
  uint32_t rows[kBlockRowsMax], count = 0;
  for (uint32_t first = coded / 64 * 64; first < size; first += 64) {
    uint64_t word = alive_word(run.request.alive, first, size);
    if (first < coded) word &= ~uint64_t(0) << (coded - first);
    for (; word != 0; word &= word - 1) {
      rows[count++] = first + uint32_t(__builtin_ctzll(word));
      if (count == kBlockRowsMax) score(run, rows, &count);
    }
  }
  score(run, rows, &count);
}

void CodesSearch::score_first(Run &run) {
  uint32_t rows[kBlockRowsMax], count = 0;
  for (uint32_t i = 0; i < first_count_; i++) {
    const uint32_t place = unpack_candidate(first_[i]).row;
    lowest_[place] = INFINITY;
    rows[count++] = row_at(run, place);
    if (count == kBlockRowsMax) score(run, rows, &count);
  }
  score(run, rows, &count);
}

// The places whose rows may be among the k best, into pool_.
uint32_t CodesSearch::collect(Run &run) {
  const uint32_t places = run.blocks.block_count() * kScanRows;
  const float *lowest = lowest_.data();
  const float bar = run.bar();
  uint64_t *pool = pool_.data();
  uint32_t count = 0;
  for (uint32_t i = 0; i < places; i += kScanRows) {
    bool any = false;
    for (uint32_t j = 0; j < kScanRows; j++) any |= lowest[i + j] <= bar && lowest[i + j] < INFINITY;
    if (!any) continue;
    for (uint32_t j = i; j < i + kScanRows; j++) {
      if (lowest[j] <= bar && lowest[j] < INFINITY) pool[count++] = pack_candidate(lowest[j], j);
    }
  }
  return count;
}

// False if so many rows are possible that an exact scan costs less; it reads in order, and they do not.
bool CodesSearch::score_possible(Run &run) {
  const uint32_t collected = collect(run);
  if (collected > run.matching / 4 * 3) return false;
  uint64_t *pool = pool_.data();
  const uint32_t wanted = run.request.k > kFirstMin ? run.request.k : kFirstMin;
  const uint32_t first = collected < wanted ? collected : wanted;
  if (first < collected) select_smallest(pool, collected, first);
  uint32_t rows[kBlockRowsMax], count = 0;
  for (uint32_t i = 0; i < first; i++) {
    rows[count++] = row_at(run, uint32_t(pool[i]));
    if (count == kStepRows) score(run, rows, &count);
  }
  score(run, rows, &count);
  // The bar is now where it will be, but for a little.
  uint64_t bar = pack_candidate(run.bar(), UINT32_MAX);
  uint32_t left = first;
  for (uint32_t i = first; i < collected; i++) {
    const uint64_t item = pool[i];
    pool[left] = item;
    left += item <= bar;
  }
  if (left - first > run.matching / kPossibleMax) return false;
  for (uint32_t i = first; i < left; i++) {
    if (pool[i] > bar) continue;
    rows[count++] = row_at(run, uint32_t(pool[i]));
    if (count < kStepRows) continue;
    score(run, rows, &count);
    bar = pack_candidate(run.bar(), UINT32_MAX);
  }
  score(run, rows, &count);
  return true;
}

}  // namespace elanus
