// ListSearch: the rows of a list that pass are gathered first, then their codes are asked for some rows ahead of where
// they are read: rows of one list lie anywhere among the codes.
#include "index/list_search.h"

#include <algorithm>

#include "base/fetch.h"

namespace elanus {
namespace {

// Rows of a list that are gathered at a time.
constexpr uint32_t kGroups = 8;
constexpr uint32_t kGathered = kGroups * kScanRows;
// Codes that are estimated at a time, and asked for meanwhile.
constexpr uint32_t kBatch = 16;

}  // namespace

bool ListScratch::init(uint32_t list_count, uint32_t keep_max) {
  return order_.init(list_count) && pool_.init(keep_max) && patience_.init(keep_max) && known_.resize(keep_max) &&
         found_.resize(keep_max);
}

size_t ListScratch::bytes() const {
  return order_.bytes() + pool_.bytes() + patience_.bytes() + known_.bytes() + found_.bytes();
}

void ListSearch::run(const ListRequest &request) {
  begin(request);
  while (costs_.lists < ivf_.list_count() && !scratch_.patience_.ended()) {
    float distance;
    const uint32_t list = scratch_.order_.next(&distance);
    search_list(request, ivf_.begins()[list], ivf_.begins()[list + 1]);
    costs_.lists++;
  }
  finish();
}

void ListSearch::begin(const ListRequest &request) {
  costs_ = {};
  scratch_.order_.begin(ivf_, *request.query);
  scratch_.pool_.begin(request.keep > request.k ? request.keep : request.k);
  scratch_.patience_.begin(request.k, request.patience);
  uint64_t *known = scratch_.known_.data();
  for (uint32_t i = 0; i < request.known_count; i++) {
    known[i] = pack_candidate(request.known[i].estimate, request.known[i].row);
    scratch_.patience_.offer(known[i]);
    scratch_.pool_.add(known[i]);
  }
  sort_packed(known, request.known_count);
}

void ListSearch::search_list(const ListRequest &request, uint32_t begin, uint32_t end) {
  uint32_t rows[kGathered];
  float estimates[kGathered];
  for (; begin < end; begin += kGathered) {
    uint32_t ends[kGroups];
    uint32_t groups = 0, count = 0;
    for (uint32_t at = begin; at < end && groups < kGroups; at += kScanRows) {
      count += gather(request, at, end - at < kScanRows ? end : at + kScanRows, rows + count);
      ends[groups++] = count;
    }
    estimate(request, rows, count, estimates);
    costs_.coded += count;
    for (uint32_t group = 0, i = 0; group < groups; group++) {
      scratch_.patience_.wait(ends[group] - i);
      for (; i < ends[group]; i++) offer(request, estimates[i], rows[i]);
    }
  }
}

// The rows of these slots that may be found; gives how many.
uint32_t ListSearch::gather(const ListRequest &request, uint32_t begin, uint32_t end, uint32_t *rows) const {
  const uint8_t *alive = request.alive;
  uint32_t count = 0;
  for (uint32_t slot = begin; slot < end; slot++) {
    const uint32_t row = ivf_.rows()[slot];
    rows[count] = row;
    count += (alive == nullptr || (alive[row >> 3] >> (row & 7) & 1) != 0) && row != request.absent;
  }
  return count;
}

void ListSearch::estimate(const ListRequest &request, const uint32_t *rows, uint32_t count, float *estimates) const {
  uint32_t fetched = 0;
  for (uint32_t i = 0; i < count; i += kBatch) {
    const uint32_t ahead = count - i < 2 * kBatch ? count : i + 2 * kBatch;
    for (; fetched < ahead; fetched++) fetch(codes_.records + rows[fetched] * codes_.stride, codes_.stride);
    request.query->estimate4(codes_, rows + i, count - i < kBatch ? count - i : kBatch, estimates + i);
  }
}

void ListSearch::offer(const ListRequest &request, float estimate, uint32_t row) {
  if (!(estimate < scratch_.pool_.threshold())) return;
  const uint64_t candidate = pack_candidate(estimate, row);
  const uint64_t *known = scratch_.known_.data();
  if (std::binary_search(known, known + request.known_count, candidate)) return;
  scratch_.patience_.offer(candidate);
  scratch_.pool_.add(candidate);
}

void ListSearch::finish() {
  CandidatePool &pool = scratch_.pool_;
  pool.shrink();
  found_count_ = pool.size();
  sort_packed(pool.items(), found_count_);
  for (uint32_t i = 0; i < found_count_; i++) scratch_.found_[i] = unpack_candidate(pool.items()[i]);
}

}  // namespace elanus
