// IvfSearch: the pool takes what is below its threshold until it is full, then the best are selected and the threshold
// becomes the worst of them: a row costs a push, not a place in an order.
#include "index/ivf_search.h"

#include <math.h>

#include "base/fetch.h"

namespace elanus {
namespace {

// Lists put in order at a time, and how many more are looked at: rough distances are off by some places.
constexpr uint32_t kOrderStep = 16;
constexpr uint32_t kOrderAhead = 48;
constexpr uint32_t kPoolMin = 128;

// 32 (passing / 32)^(1/4), as a table: roots in float differ from library to library.
constexpr float kWeights[kScanRows + 1] = {
    0.0f, 13.45434f, 16.0f, 17.70691f, 19.02731f, 20.11893f, 21.05718f, 21.88452f, 22.62742f, 23.30361f,
    23.92558f, 24.50251f, 25.04135f, 25.54749f, 26.02522f, 26.47801f, 26.90869f, 27.31962f, 27.71281f,
    28.08994f, 28.45247f, 28.80165f, 29.13856f, 29.46419f, 29.77936f, 30.08482f, 30.38126f, 30.66927f,
    30.94938f, 31.22209f, 31.48783f, 31.74702f, 32.0f};

inline bool passes(const uint8_t *alive, uint32_t row) { return (alive[row >> 3] >> (row & 7) & 1) != 0; }

}  // namespace

bool IvfScratch::init(uint32_t list_count, uint32_t keep_max) {
  const size_t pool = size_t(keep_max) * 2 + kPoolMin;
  const size_t padded = (size_t(list_count) + kScanRows - 1) / kScanRows * kScanRows;
  return distances_.resize(list_count) && rough_.resize(padded) && order_.resize(list_count) && pool_.resize(pool) &&
         best_.resize(keep_max) && rows_.resize(keep_max) && estimates_.resize(keep_max) && found_.resize(keep_max);
}

size_t IvfScratch::bytes() const {
  return distances_.bytes() + rough_.bytes() + order_.bytes() + pool_.bytes() + best_.bytes() + rows_.bytes() +
         estimates_.bytes() + found_.bytes();
}

void IvfSearch::run(const IvfRequest &request) {
  costs_ = {};
  keep_ = request.scan_keep > request.k ? request.scan_keep : request.k;
  pool_size_ = ordered_ = drawn_ = 0;
  best_.begin(scratch_.best_.data(), request.k);
  pool_max_ = 2 * keep_ > kPoolMin ? 2 * keep_ : kPoolMin;
  threshold_ = INFINITY;
  waited_ = 0;
  rate_lists(request);
  const uint32_t lists = ivf_.list_count();
  for (uint32_t i = 0; i < lists && (i < request.probes || pool_size_ < request.k); i++) {
    if (i == ordered_) order_lists(request);
    scan_list(request, uint32_t(scratch_.order_[i]));
    costs_.lists++;
    if (request.patience > 0 && best_.full() && waited_ >= request.patience) break;
  }
  shrink();
  recode(request);
}

// Roughly, by their sign codes; order_lists asks for true distances as far as a search gets.
void IvfSearch::rate_lists(const IvfRequest &request) {
  float *rough = scratch_.rough_.data();
  ivf_.centre_scan().estimate(*request.query, rough);
  for (uint32_t i = 0; i < ivf_.list_count(); i++) {
    scratch_.order_[i] = pack_candidate(rough[i] + ivf_.offsets()[i], i);
  }
}

// The lists are put in order a few at a time, each time among so many more that are roughly the next.
void IvfSearch::order_lists(const IvfRequest &request) {
  uint64_t *order = scratch_.order_.data();
  const uint32_t lists = ivf_.list_count();
  const uint32_t ahead = ordered_ + kOrderStep + kOrderAhead;
  const uint32_t drawn = (ahead < lists ? ahead : lists) - drawn_;
  if (drawn > 0) {
    select_smallest(order + drawn_, lists - drawn_, drawn);
    uint32_t ids[kOrderStep + kOrderAhead];
    float distances[kOrderStep + kOrderAhead];
    for (uint32_t i = 0; i < drawn; i++) ids[i] = uint32_t(order[drawn_ + i]);
    request.query->distances_of(ivf_.centres(), ids, drawn, distances);
    for (uint32_t i = 0; i < drawn; i++) {
      scratch_.distances_[ids[i]] = distances[i];
      order[drawn_ + i] = pack_candidate(distances[i] + ivf_.offsets()[ids[i]], ids[i]);
    }
    drawn_ += drawn;
  }
  const uint32_t left = drawn_ - ordered_;
  const uint32_t step = left < kOrderStep ? left : kOrderStep;
  select_smallest(order + ordered_, left, step);
  sort_packed(order + ordered_, step);
  ordered_ += step;
}

void IvfSearch::scan_list(const IvfRequest &request, uint32_t list) {
  const float distance = scratch_.distances_[list];
  const uint32_t dim = ivf_.padded_dim();
  uint32_t left = ivf_.sizes()[list];
  for (uint32_t i = ivf_.begins()[list]; left > 0; i++) {
    const uint32_t count = left < kScanRows ? left : kScanRows;
    left -= count;
    const uint8_t *block = ivf_.block(i);
    uint32_t passing = uint32_t((uint64_t(1) << count) - 1);
    if (request.alive != nullptr) {
      uint32_t rows[kScanRows];
      memcpy(rows, block + scan_row_at(dim), sizeof(rows));
      uint32_t alive = 0;
      for (uint32_t j = 0; j < count; j++) {
        alive |= uint32_t(rows[j] < ivf_.row_count() && passes(request.alive, rows[j])) << j;
      }
      passing = alive;
      if (passing == 0) continue;
    }
    float estimates[kScanRows];
    const uint32_t below = request.query->scan(block, distance, threshold_, estimates) & passing;
    costs_.scanned += count;
    if (request.patience > 0) waited_ += kWeights[__builtin_popcount(passing)];
    if (below != 0) take(request, below, block, estimates);
  }
}

void IvfSearch::take(const IvfRequest &request, uint32_t below, const uint8_t *block, const float *estimates) {
  const uint8_t *rows = block + scan_row_at(ivf_.padded_dim());
  for (; below != 0; below &= below - 1) {
    const uint32_t i = uint32_t(__builtin_ctz(below));
    uint32_t row;
    memcpy(&row, rows + i * sizeof(row), sizeof(row));
    if (!(estimates[i] < threshold_) || row >= ivf_.row_count()) continue;
    const uint64_t candidate = pack_candidate(estimates[i], row);
    scratch_.pool_[pool_size_++] = candidate;
    if (request.patience > 0 && best_.offer(candidate)) waited_ = 0;
    if (pool_size_ == pool_max_) shrink();
  }
}

void IvfSearch::shrink() {
  uint64_t *pool = scratch_.pool_.data();
  if (pool_size_ <= keep_) return;
  select_smallest(pool, pool_size_, keep_);
  uint64_t worst = 0;
  for (uint32_t i = 0; i < keep_; i++) worst = pool[i] > worst ? pool[i] : worst;
  pool_size_ = keep_;
  threshold_ = unpack_candidate(worst).estimate;
}

// Second stage: better estimates for what is in the pool.
void IvfSearch::recode(const IvfRequest &request) {
  uint64_t *pool = scratch_.pool_.data();
  if (codes_.records != nullptr && request.code_keep > 0) {
    uint32_t *rows = scratch_.rows_.data();
    for (uint32_t i = 0; i < pool_size_; i++) {
      rows[i] = uint32_t(pool[i]);
      fetch(codes_.records + rows[i] * codes_.stride, codes_.stride);
    }
    request.query->estimate4(codes_, rows, pool_size_, scratch_.estimates_.data());
    for (uint32_t i = 0; i < pool_size_; i++) pool[i] = pack_candidate(scratch_.estimates_[i], rows[i]);
    costs_.coded = pool_size_;
    const uint32_t keep = request.code_keep > request.k ? request.code_keep : request.k;
    if (keep < pool_size_) {
      select_smallest(pool, pool_size_, keep);
      pool_size_ = keep;
    }
  }
  sort_packed(pool, pool_size_);
  for (uint32_t i = 0; i < pool_size_; i++) scratch_.found_[i] = unpack_candidate(pool[i]);
  found_count_ = pool_size_;
}

}  // namespace elanus
