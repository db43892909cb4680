// CandidatePool: selecting when twice as many are there as are kept costs a constant number of steps a row.
#include "index/candidate_pool.h"

#include <math.h>

namespace elanus {
namespace {

constexpr uint32_t kFullMin = 128;

}  // namespace

bool CandidatePool::init(uint32_t keep_max) { return items_.resize(size_t(keep_max) * 2 + kFullMin); }

void CandidatePool::begin(uint32_t keep) {
  keep_ = keep;
  full_ = 2 * keep > kFullMin ? 2 * keep : kFullMin;
  size_ = 0;
  threshold_ = INFINITY;
}

void CandidatePool::shrink() {
  if (size_ <= keep_) return;
  select_smallest(items_.data(), size_, keep_);
  uint64_t worst = 0;
  for (uint32_t i = 0; i < keep_; i++) worst = items_[i] > worst ? items_[i] : worst;
  size_ = keep_;
  threshold_ = unpack_candidate(worst).estimate;
}

}  // namespace elanus
