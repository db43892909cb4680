// CodesTrial: the queries are compared with 64 rows at a time, which costs a fraction of what each alone would.
#include "index/codes_trial.h"

#include <float.h>

#include "kernels/kernels.h"

namespace elanus {

bool CodesTrial::init(const Flat &rows, const SignBlocks &blocks, uint32_t row_count, Query *query) {
  const size_t dim = rows.dim();
  if (!queries_.resize(kQueries * dim) || !keys_.resize(kQueries * kFound) || !found_.resize(kQueries * kFound)) return false;
  if (!scores_.resize(kQueries * kBlockRowsMax) || !deviations_.resize(kPairsMax)) return false;
  if (!wanted_.resize((size_t(row_count) + 63) / 64 * 8)) return false;
  rows_ = &rows;
  blocks_ = &blocks;
  query_ = query;
  row_count_ = row_count;
  for (uint32_t q = 0; q < kQueries; q++) {
    float *vector = queries_.data() + q * dim;
    rows.vectors().read_f32(self(q), 1, vector);
    inverse_norms_[q] = inverse_norm(vector, uint32_t(dim));
    best_[q].begin(found_.data() + q * kFound, keys_.data() + q * kFound, kFound);
  }
  return true;
}

size_t CodesTrial::bytes() const {
  return sizeof(*this) + queries_.bytes() + keys_.bytes() + scores_.bytes() + deviations_.bytes() + found_.bytes() +
         wanted_.bytes();
}

uint32_t CodesTrial::steps_left() const {
  return (row_count_ - compared_ + kStepRows - 1) / kStepRows + kQueries - looked_up_;
}

bool CodesTrial::step() {
  if (compared_ < row_count_) {
    compare();
  } else if (looked_up_ < kQueries) {
    look_up(looked_up_++);
  }
  return looked_up_ == kQueries;
}

void CodesTrial::compare() {
  uint32_t rows[kStepRows], count = 0;
  for (; count < kStepRows && compared_ < row_count_; count++) rows[count] = compared_++;
  rows_->vectors().score({queries_.data(), inverse_norms_, kQueries, rows, count, scores_.data()});
  const bool is_distance = rows_->vectors().metric() == ELANUS_L2;
  for (uint32_t q = 0; q < kQueries; q++) {
    const float *scores = scores_.data() + q * kBlockRowsMax;
    for (uint32_t i = 0; i < count; i++) best_[q].offer(rows[i], is_distance ? scores[i] : -scores[i]);
  }
  if (compared_ < row_count_) return;
  for (uint32_t q = 0; q < kQueries; q++) counts_[q] = best_[q].finish();
}

void CodesTrial::look_up(uint32_t q) {
  const float *vector = queries_.data() + size_t(q) * rows_->dim();
  const uint32_t *found = found_.data() + q * kFound;
  const float *keys = keys_.data() + q * kFound;
  // What cannot be estimated is not searched by codes.
  if (!is_estimable(vector, rows_->dim())) return;
  query_->prepare(vector);
  query_->prepare_scan();
  SignBlocks::Errors errors;
  blocks_->prepare(*query_, 1, &errors);
  const EstimateScale scale = estimate_scale(rows_->vectors().metric(), vector, rows_->dim());
  for (uint32_t i = 0; i < counts_[q]; i++) wanted_[found[i] >> 3] |= uint8_t(1 << (found[i] & 7));
  for (uint32_t b = 0; b < blocks_->block_count(); b++) {
    uint32_t here = blocks_->passing(b, wanted_.data(), row_count_);
    if (here == 0) continue;
    float estimates[kScanRows], lowest[kScanRows];
    blocks_->bounds(b, *query_, errors, 0, estimates, lowest);
    for (; here != 0; here &= here - 1) {
      const uint32_t j = uint32_t(__builtin_ctz(here)), row = blocks_->row(b, j);
      uint32_t at = 0;
      while (at < counts_[q] && found[at] != row) at++;
      if (row == self(q) || at == counts_[q] || pair_count_ == kPairsMax) continue;
      const float above = estimates[j] - scale.of(keys[at]), error = estimates[j] - lowest[j];
      deviations_[pair_count_++] = above <= 0 ? 0 : error > 0 ? above / error : FLT_MAX;
    }
  }
  for (uint32_t i = 0; i < counts_[q]; i++) wanted_[found[i] >> 3] = 0;
}

}  // namespace elanus
