// SignBlocks: a block is as kernels read it (kernels/code_layout.h), then its Tail, padded to whole cache lines.
#include "index/sign_blocks.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"

namespace elanus {
namespace {

// The square of a sum of two such values, taken ELANUS_DIM_MAX times, is a float.
constexpr float kValueMax = 1e16f;

constexpr float kFloatError = 2e-6f;

constexpr uint32_t padded_to_lines(size_t size_bytes) {
  return uint32_t((size_bytes + kAlignment - 1) / kAlignment * kAlignment);
}

template <class T>
void put(uint8_t *items, uint32_t at, T value) {
  memcpy(items + at * sizeof(T), &value, sizeof(T));
}

}  // namespace

bool is_estimable(const float *vector, uint32_t dim) {
  bool beyond = false;
  for (uint32_t i = 0; i < dim; i++) beyond |= !(fabsf(vector[i]) <= kValueMax);
  return !beyond;
}

SignBlocks::SignBlocks(uint32_t padded_dim)
    : dim_(padded_dim), blocks_(padded_to_lines(scan_block_bytes(padded_dim) + sizeof(Tail))) {
  for (uint32_t &block : open_) block = kNone;
}

bool SignBlocks::init(const Quantizer &quantizer) {
  quantizer_ = &quantizer;
  mean_norm2_ = quantizer_->kernels().frame.dot(quantizer_->mean(), quantizer_->mean(), dim_);
  return encoder_.init(quantizer) && centre_.resize(dim_) && signs_.resize(dim_ / 8);
}

size_t SignBlocks::bytes() const { return sizeof(*this) + blocks_.bytes() + centre_.bytes() + signs_.bytes(); }

bool SignBlocks::add(const float *row) {
  encoder_.load(row);
  const uint32_t centre = encoder_.nearest().first;
  if (open_[centre] == kNone) {
    if (!blocks_.reserve(1)) return false;
    open_[centre] = blocks_.size();
    memset(blocks_.add_row(), 0, blocks_.row_bytes());
    memcpy(const_cast<uint8_t *>(tail_at(open_[centre])), &centre, sizeof(centre));
  }
  Factors factors;
  quantizer_->centres().read(centre, centre_.data());
  encoder_.encode1(centre_.data(), signs_.data(), &factors);
  if (factors.error < Query::kScanErrorMin) factors.error = Query::kScanErrorMin;
  if (factors.error == kErrorAny || !is_estimable(row, quantizer_->dim())) factors = {-FLT_MAX, 0, 0, 0};

  uint8_t *block = const_cast<uint8_t *>(blocks_.row(open_[centre]));
  Tail tail = this->tail(open_[centre]);
  put_scan_nibbles(signs_.data(), tail.count, dim_, block);
  put(block + scan_base_at(dim_), tail.count, factors.base);
  put(block + scan_row_at(dim_), tail.count, size_);
  put(block + scan_scale_at(dim_), tail.count, factors.scale);
  tail.errors[tail.count++] = factors.error;
  memcpy(block + scan_block_bytes(dim_), &tail, sizeof(tail));
  if (tail.count == kScanRows) open_[centre] = kNone;
  size_++;
  return true;
}

uint32_t SignBlocks::row(uint32_t i, uint32_t j) const {
  uint32_t row;
  memcpy(&row, blocks_.row(i) + scan_row_at(dim_) + j * sizeof(row), sizeof(row));
  return row;
}

uint32_t SignBlocks::taken(uint32_t i) const { return uint32_t((uint64_t(1) << tail(i).count) - 1); }

uint32_t SignBlocks::passing(uint32_t i, const uint8_t *alive, uint32_t size) const {
  uint32_t rows[kScanRows];
  memcpy(rows, blocks_.row(i) + scan_row_at(dim_), sizeof(rows));
  uint32_t passing = 0;
  const uint32_t count = tail(i).count;
  for (uint32_t j = 0; j < count; j++) {
    if (rows[j] < size) passing |= uint32_t(alive[rows[j] >> 3] >> (rows[j] & 7) & 1) << j;
  }
  return passing;
}

// Scores that are no distances come out of numbers as large as the mean.
void SignBlocks::prepare(const Query &query, float deviations, Errors *errors) const {
  const Centres &centres = quantizer_->centres();
  const float slack = quantizer_->metric() == ELANUS_L2 ? 0 : kFloatError * (query.norm2() + mean_norm2_);
  for (uint32_t i = 0; i < centres.count(); i++) {
    errors->of[i] = query.scan_error(query.centres()[i], centres.norm2(i), deviations);
    errors->of[i].fixed += slack;
  }
}

uint32_t SignBlocks::bounds(uint32_t i, const Query &query, const Errors &errors, float threshold, float *estimates,
                            float *lowest) const {
  const uint8_t *block = blocks_.row(i);
  const Tail tail = this->tail(i);
  const uint32_t below = query.scan(block, query.centres()[tail.centre], threshold, estimates);
  const Query::ScanError error = errors.of[tail.centre];
  uint16_t scales[kScanRows];
  memcpy(scales, block + scan_scale_at(dim_), sizeof(scales));
  for (uint32_t j = 0; j < kScanRows; j++) {
    lowest[j] = estimates[j] - (error.fixed + error.slope * (scale_of(scales[j]) * float(tail.errors[j])));
  }
  return below;
}

}  // namespace elanus
