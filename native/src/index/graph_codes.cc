// GraphCodes: a histogram for the scale, and rounding by adding a number whose last bit is worth 1.
#include "index/graph_codes.h"

#include <float.h>

namespace elanus {
namespace {

uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

constexpr float kLastBitOne = 12582912.0f;  // 1.5 x 2^23

inline int8_t grid_value(float value) {
  constexpr float kMax = float(kBuildCodeMax);
  value = value > kMax ? kMax : value;
  value = value < -kMax ? -kMax : value;
  value = value == value ? value : 0.0f;
  return int8_t(int32_t(bits_of(value + kLastBitOne)) - int32_t(bits_of(kLastBitOne)));
}

}  // namespace

void GraphScale::add(const float *row, uint32_t dim) {
  for (uint32_t i = 0; i < dim; i++) counts_[(bits_of(row[i]) & 0x7fffffffu) >> 16]++;
  total_ += dim;
}

float GraphScale::scale() const {
  const uint64_t above = total_ / 10000;
  uint64_t seen = 0;
  for (uint32_t bucket = kBuckets; bucket-- > 1;) {
    seen += counts_[bucket];
    if (seen <= above) continue;
    const float edge = float_of((bucket + 1) << 16);
    if (!(edge <= FLT_MAX)) return float(kBuildCodeMax) / FLT_MAX;
    const float scale = float(kBuildCodeMax) / edge;
    return scale <= FLT_MAX ? scale : FLT_MAX;
  }
  return 0;
}

bool GraphCodes::init(uint32_t count, uint32_t dim) {
  const size_t stride = build_code_stride(dim);
  size_t size_bytes;
  Array<int8_t> codes;
  Array<BuildCodeSums> sums;
  if (!multiply(count, stride, &size_bytes) || !codes.resize(size_bytes) || !sums.resize(count)) return false;
  codes_ = static_cast<Array<int8_t> &&>(codes);
  sums_ = static_cast<Array<BuildCodeSums> &&>(sums);
  count_ = count;
  dim_ = dim;
  stride_ = stride;
  return true;
}

void GraphCodes::set(uint32_t i, const float *row, float scale) {
  int8_t *code = codes_.data() + i * stride_;
  BuildCodeSums sums = {0, 0};
  for (uint32_t j = 0; j < dim_; j++) code[j] = grid_value(row[j] * scale);
  for (uint32_t j = 0; j < dim_; j++) {
    sums.norm += int32_t(code[j]) * code[j];
    sums.sum += code[j];
  }
  sums_[i] = sums;
}

}  // namespace elanus
