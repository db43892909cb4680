// Rotation: vectors of four floats, which every target has; no result depends on how wide its registers are.
#include "quant/rotation.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

namespace elanus {
namespace {

constexpr uint32_t kRounds = 4;

typedef float Four __attribute__((vector_size(16)));

inline Four load(const float *at) {
  Four four;
  memcpy(&four, at, sizeof(four));
  return four;
}

inline void store(float *at, Four four) { memcpy(at, &four, sizeof(four)); }

// Sums and differences at distances 1 and 2.
inline Four within(Four x) {
  const Four ones = {1, -1, 1, -1}, twos = {1, 1, -1, -1};
  x = __builtin_shufflevector(x, x, 0, 0, 2, 2) + __builtin_shufflevector(x, x, 1, 1, 3, 3) * ones;
  return __builtin_shufflevector(x, x, 0, 1, 0, 1) + __builtin_shufflevector(x, x, 2, 3, 2, 3) * twos;
}

// Two levels at once, at distances h and 2h.
inline void between(float *x, uint32_t h) {
  const Four a = load(x), b = load(x + h), c = load(x + 2 * h), d = load(x + 3 * h);
  const Four sum0 = a + b, difference0 = a - b, sum1 = c + d, difference1 = c - d;
  store(x, sum0 + sum1);
  store(x + h, difference0 + difference1);
  store(x + 2 * h, sum0 - sum1);
  store(x + 3 * h, difference0 - difference1);
}

// Hadamard transform in place, not scaled. REQUIRES: size is a power of two, at least 16.
void hadamard(float *x, uint32_t size) {
  for (uint32_t i = 0; i < size; i += 4) store(x + i, within(load(x + i)));
  uint32_t h = 4;
  for (; h * 4 <= size; h *= 4) {
    for (uint32_t i = 0; i < size; i += 4 * h) {
      for (uint32_t j = i; j < i + h; j += 4) between(x + j, h);
    }
  }
  if (h == size) return;
  for (uint32_t j = 0; j < h; j += 4) {
    const Four a = load(x + j), b = load(x + j + h);
    store(x + j, a + b);
    store(x + j + h, a - b);
  }
}

// Mixes the two halves, which the transforms alone mix slowly.
void kac(float *x, uint32_t size) {
  const Four unit = Four{} + float(M_SQRT1_2);
  const uint32_t half = size / 2;
  for (uint32_t i = 0; i < half; i += 4) {
    const Four a = load(x + i), b = load(x + i + half);
    store(x + i, (a + b) * unit);
    store(x + i + half, (a - b) * unit);
  }
}

}  // namespace

bool Rotation::init(uint32_t dim, uint64_t seed) {
  const uint32_t padded_dim = (dim + kCodeBlock - 1) / kCodeBlock * kCodeBlock;
  if (!signs_.resize(size_t(kRounds) * padded_dim)) return false;
  dim_ = dim;
  padded_dim_ = padded_dim;
  power_ = kCodeBlock;
  while (power_ * 2 <= padded_dim) power_ *= 2;
  Random random(seed);
  const float scale = 1 / sqrtf(float(power_));
  for (uint32_t round = 0; round < kRounds; round++) {
    for (uint32_t i = 0; i < padded_dim; i++) {
      const bool transformed = round % 2 == 0 ? i < power_ : i >= padded_dim - power_;
      const float size = transformed ? scale : 1;
      signs_[size_t(round) * padded_dim + i] = random.next() >> 63 != 0 ? -size : size;
    }
  }
  return true;
}

void Rotation::apply(const float *in, float *out) const {
  memcpy(out, in, dim_ * sizeof(float));
  memset(out + dim_, 0, (padded_dim_ - dim_) * sizeof(float));
  for (uint32_t round = 0; round < kRounds; round++) {
    const float *signs = signs_.data() + size_t(round) * padded_dim_;
    for (uint32_t i = 0; i < padded_dim_; i += 4) store(out + i, load(out + i) * load(signs + i));
    hadamard(round % 2 == 0 ? out : out + padded_dim_ - power_, power_);
    if (power_ != padded_dim_) kac(out, padded_dim_);
  }
}

}  // namespace elanus
