// IvfSearch: blocks at the ends of a list hold rows of its neighbours too, whose estimates mean nothing here.
#include "index/ivf_search.h"

#include "base/fetch.h"

namespace elanus {

bool IvfScratch::init(uint32_t list_count, uint32_t keep_max) {
  return order_.init(list_count) && pool_.init(keep_max) && patience_.init(keep_max) && rows_.resize(keep_max) &&
         estimates_.resize(keep_max) && found_.resize(keep_max);
}

size_t IvfScratch::bytes() const {
  return order_.bytes() + pool_.bytes() + patience_.bytes() + rows_.bytes() + estimates_.bytes() + found_.bytes();
}

void IvfSearch::run(const IvfRequest &request) {
  costs_ = {};
  scratch_.pool_.begin(request.scan_keep > request.k ? request.scan_keep : request.k);
  scratch_.patience_.begin(request.k, request.patience);
  scratch_.order_.begin(ivf_, *request.query);
  const uint32_t lists = ivf_.list_count();
  const uint32_t probes = request.probes == 0 || request.probes > lists ? lists : request.probes;
  while (costs_.lists < lists && (costs_.lists < probes || scratch_.pool_.size() < request.k)) {
    float distance;
    const uint32_t list = scratch_.order_.next(&distance);
    scan_list(request, list, distance);
    costs_.lists++;
    if (scratch_.patience_.ended()) break;
  }
  scratch_.pool_.shrink();
  recode(request);
}

void IvfSearch::scan_list(const IvfRequest &request, uint32_t list, float distance) {
  const bool is_masked = request.alive != nullptr || request.absent != UINT32_MAX;
  const uint32_t end = ivf_.begins()[list + 1];
  for (uint32_t begin = ivf_.begins()[list], next; begin < end; begin = next) {
    const uint32_t first = begin % kScanRows, left = end - begin, room = kScanRows - first;
    const uint32_t count = left < room ? left : room;
    next = begin + count;
    const uint8_t *block = ivf_.block(begin / kScanRows);
    uint32_t places = uint32_t((uint64_t(1) << count) - 1) << first;
    if (is_masked) {
      places = passing(request, block, places);
      if (places == 0) continue;
    }
    float estimates[kScanRows];
    const uint32_t below = request.query->scan(block, distance, scratch_.pool_.threshold(), estimates) & places;
    costs_.scanned += count;
    scratch_.patience_.wait(uint32_t(__builtin_popcount(places)));
    if (below != 0) take(below, block, estimates);
  }
}

// Those of the `places` whose rows may be found.
uint32_t IvfSearch::passing(const IvfRequest &request, const uint8_t *block, uint32_t places) const {
  uint32_t rows[kScanRows];
  memcpy(rows, block + scan_row_at(ivf_.padded_dim()), sizeof(rows));
  uint32_t passing = 0;
  for (uint32_t i = 0; i < kScanRows; i++) {
    const uint32_t row = rows[i];
    const bool passes = row < ivf_.row_count() && row != request.absent &&
                        (request.alive == nullptr || (request.alive[row >> 3] >> (row & 7) & 1) != 0);
    passing |= uint32_t(passes) << i;
  }
  return passing & places;
}

void IvfSearch::take(uint32_t below, const uint8_t *block, const float *estimates) {
  const uint8_t *rows = block + scan_row_at(ivf_.padded_dim());
  CandidatePool &pool = scratch_.pool_;
  for (; below != 0; below &= below - 1) {
    const uint32_t i = uint32_t(__builtin_ctz(below));
    uint32_t row;
    memcpy(&row, rows + i * sizeof(row), sizeof(row));
    // The threshold falls on the way.
    if (!(estimates[i] < pool.threshold()) || row >= ivf_.row_count()) continue;
    const uint64_t candidate = pack_candidate(estimates[i], row);
    scratch_.patience_.offer(candidate);
    pool.add(candidate);
  }
}

// Second stage: better estimates for what is in the pool.
void IvfSearch::recode(const IvfRequest &request) {
  uint64_t *pool = scratch_.pool_.items();
  uint32_t count = scratch_.pool_.size();
  if (codes_.records != nullptr && request.code_keep > 0) {
    uint32_t *rows = scratch_.rows_.data();
    for (uint32_t i = 0; i < count; i++) {
      rows[i] = uint32_t(pool[i]);
      fetch(codes_.records + rows[i] * codes_.stride, codes_.stride);
    }
    request.query->estimate4(codes_, rows, count, scratch_.estimates_.data());
    for (uint32_t i = 0; i < count; i++) pool[i] = pack_candidate(scratch_.estimates_[i], rows[i]);
    costs_.coded = count;
    const uint32_t keep = request.code_keep > request.k ? request.code_keep : request.k;
    if (keep < count) {
      select_smallest(pool, count, keep);
      count = keep;
    }
  }
  sort_packed(pool, count);
  for (uint32_t i = 0; i < count; i++) scratch_.found_[i] = unpack_candidate(pool[i]);
  found_count_ = count;
}

}  // namespace elanus
