// Centres: u = round(x / scale + 63.5), scale being what takes the largest value to the end of the range.
#include "quant/centres.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"

namespace elanus {
namespace {

constexpr float kMiddle = 63.5f;
constexpr int32_t kLevelMax = 127;
// Below this a scale has no inverse worth the name, and its centre counts as zero.
constexpr float kScaleMin = 1e-30f;

float largest_of(const float *point, uint32_t size) {
  float largest = 0;
  for (uint32_t i = 0; i < size; i++) largest = largest < fabsf(point[i]) ? fabsf(point[i]) : largest;
  return largest;
}

}  // namespace

bool Centres::init(uint32_t count, uint32_t padded_dim) {
  size_t size_bytes;
  if (!multiply(count, code7_bytes(padded_dim), &size_bytes)) return false;
  Array<uint8_t> records;
  if (!records.resize(size_bytes)) return false;
  records_ = static_cast<Array<uint8_t> &&>(records);
  count_ = count;
  padded_dim_ = padded_dim;
  return true;
}

bool Centres::restore(const uint8_t *records, uint32_t count, uint32_t padded_dim) {
  if (!init(count, padded_dim)) return false;
  memcpy(records_.data(), records, records_.size());
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *record = records_.data() + i * code7_bytes(padded_dim);
    // What kernels rely on.
    for (uint32_t j = 0; j < padded_dim; j++) record[j] &= kLevelMax;
    Factors factors = factors_of(record, code7_bytes(padded_dim));
    factors.centre = 0;
    memcpy(record + padded_dim, &factors, sizeof(factors));
  }
  return true;
}

void Centres::set(uint32_t i, const float *point) {
  uint8_t *record = records_.data() + i * code7_bytes(padded_dim_);
  uint16_t stored = stored_scale(largest_of(point, padded_dim_) / kMiddle);
  if (scale_of(stored) < kScaleMin) stored = 0;
  const float inverse = stored == 0 ? 0 : 1 / scale_of(stored);
  double squares = 0;
  for (uint32_t j = 0; j < padded_dim_; j++) {
    const float level = point[j] * inverse + (kMiddle + 0.5f);
    const int32_t u = level >= kLevelMax ? kLevelMax : level > 0 ? int32_t(level) : 0;
    record[j] = uint8_t(u);
    squares += double((2 * u - kLevelMax) * (2 * u - kLevelMax));
  }
  const double norm2 = double(scale_of(stored)) * scale_of(stored) * squares / 4;
  const Factors factors = {norm2 < double(FLT_MAX) ? float(norm2) : FLT_MAX, stored, 0, 0};
  memcpy(record + padded_dim_, &factors, sizeof(factors));
}

void Centres::read(uint32_t i, float *point) const {
  const uint8_t *record = records_.data() + i * code7_bytes(padded_dim_);
  const float scale = scale_of(factors_of(record, code7_bytes(padded_dim_)).scale);
  for (uint32_t j = 0; j < padded_dim_; j++) point[j] = scale * (float(record[j]) - kMiddle);
}

float Centres::norm2(uint32_t i) const {
  return factors_of(records_.data() + i * code7_bytes(padded_dim_), code7_bytes(padded_dim_)).base;
}

}  // namespace elanus
