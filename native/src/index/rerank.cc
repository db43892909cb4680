// Rerank: with a bound, a few rows at a time, so that there is something to stop before.
#include "index/rerank.h"

#include <math.h>

#include "kernels/kernels.h"

namespace elanus {
namespace {

constexpr uint32_t kStepRows = 8;

}  // namespace

bool RerankScratch::init(uint32_t count_max) {
  return rows_.resize(count_max) && scores_.resize(count_max) && best_.resize(count_max);
}

void Rerank::score(const RerankRequest &request, uint32_t first, uint32_t count) {
  uint32_t *rows = scratch_.rows_.data();
  float *scores = scratch_.scores_.data();
  for (uint32_t i = 0; i < count; i++) rows[i] = request.candidates[first + i].row;
  vectors_.score(request.query, inverse_norm_, rows, count, scores);
  for (uint32_t i = 0; i < count; i++) {
    const float key = key_of(scores[i]);
    // Not any NaN, but the one that sorts last.
    best_.offer(pack_candidate(key == key ? key : __builtin_nanf(""), rows[i]));
  }
  scored_ += count;
}

// Candidates come in the order of their estimates, but not of their errors: the next one speaks for itself alone, and
// those behind it have their say at the next step.
bool Rerank::hopeless(const RerankRequest &request, uint32_t next) const {
  const Candidate &candidate = request.candidates[next];
  const uint8_t *record = request.codes.records + candidate.row * request.codes.stride;
  const float lowest = candidate.estimate - request.prepared->error4(record, request.deviations);
  const float worst = unpack_candidate(best_.largest()).estimate;
  if (vectors_.metric() == ELANUS_L2) return lowest > worst;
  return lowest > norm2_ + 2 * worst;
}

uint32_t Rerank::run(const RerankRequest &request, uint32_t *rows, float *scores) {
  const uint32_t k = request.k < request.count ? request.k : request.count;
  scored_ = 0;
  if (k == 0) return 0;
  best_.begin(scratch_.best_.data(), k);
  inverse_norm_ = 0;
  if (vectors_.metric() == ELANUS_COSINE) {
    const bool known = request.prepared != nullptr;
    inverse_norm_ = known ? request.prepared->inverse_norm() : inverse_norm(request.query, vectors_.dim());
  }
  if (request.deviations > 0) {
    norm2_ = 2;
    if (vectors_.metric() == ELANUS_IP) {
      norm2_ = 0;
      for (uint32_t i = 0; i < vectors_.dim(); i++) norm2_ += request.query[i] * request.query[i];
    }
    for (uint32_t i = 0; i < request.count;) {
      const uint32_t left = request.count - i;
      const uint32_t step = left < kStepRows ? left : kStepRows;
      if (best_.full() && hopeless(request, i)) {
        i++;
        continue;
      }
      score(request, i, step);
      i += step;
    }
  } else {
    score(request, 0, request.count);
  }
  uint64_t *best = scratch_.best_.data();
  sort_packed(best, best_.size());
  for (uint32_t i = 0; i < best_.size(); i++) {
    const Candidate found = unpack_candidate(best[i]);
    rows[i] = found.row;
    scores[i] = key_of(found.estimate);
  }
  return best_.size();
}

}  // namespace elanus
