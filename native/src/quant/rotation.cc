// Rotation: draws the signs; the kernels turn.
#include "quant/rotation.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

namespace elanus {
namespace {

constexpr uint32_t kRounds = 4;

}  // namespace

bool Rotation::init(uint32_t dim, uint64_t seed, const FrameKernels *kernels) {
  const uint32_t padded_dim = (dim + kCodeBlock - 1) / kCodeBlock * kCodeBlock;
  if (!signs_.resize(size_t(kRounds) * padded_dim)) return false;
  dim_ = dim;
  kernels_ = kernels;
  uint32_t power = kCodeBlock;
  while (power * 2 <= padded_dim) power *= 2;
  rotor_ = {padded_dim, power, kRounds, signs_.data()};
  Random random(seed);
  // What makes the transform keep lengths; IEEE 754 rounds a root and a quotient the same everywhere.
  const float scale = 1 / sqrtf(float(power));
  for (uint32_t round = 0; round < kRounds; round++) {
    for (uint32_t i = 0; i < padded_dim; i++) {
      const bool transformed = round % 2 == 0 ? i < power : i >= padded_dim - power;
      const float size = transformed ? scale : 1;
      signs_[size_t(round) * padded_dim + i] = random.next() >> 63 != 0 ? -size : size;
    }
  }
  return true;
}

void Rotation::apply(const float *in, float *out) const {
  memcpy(out, in, dim_ * sizeof(float));
  memset(out + dim_, 0, (padded_dim() - dim_) * sizeof(float));
  kernels_->rotate(rotor_, out);
}

}  // namespace elanus
