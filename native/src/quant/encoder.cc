// Encoder: the levels of a code are equal steps, and the step is chosen among a few by how well the code then points
// along the residual. Forty times as many take half a percent off the error.
#include "quant/encoder.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"

namespace elanus {
namespace {

// Where the outermost level of a 4-bit code lies, in standard deviations of the residual's values.
constexpr float kReaches[] = {1.9f, 2.15f, 2.4f, 2.65f, 2.9f, 3.2f};
constexpr float kMiddle1 = 0.5f, kMiddle4 = 7.5f, kMiddle7 = 63.5f;
// A residual shorter than this squared is taken for zero: its scale would have no inverse.
constexpr float kNorm2Min = 1e-30f;

}  // namespace

bool Encoder::init(const Quantizer &quantizer) {
  quantizer_ = &quantizer;
  kernels_ = &quantizer.kernels().frame;
  const uint32_t size = quantizer.padded_dim();
  return query_.init(quantizer) && centre_.resize(size) && residual_.resize(size) && levels_.resize(size);
}

void Encoder::load(const float *vector) {
  query_.prepare(vector);
  vector_norm2_ = 0;
  if (quantizer_->metric() != ELANUS_IP) return;
  for (uint32_t i = 0; i < residual_.size(); i++) residual_[i] = frame()[i] + quantizer_->mean()[i];
  vector_norm2_ = kernels_->dot(residual_.data(), residual_.data(), uint32_t(residual_.size()));
}

float Encoder::take_residual(const float *centre) {
  const uint32_t size = quantizer_->padded_dim();
  const float *x = frame();
  float *residual = residual_.data();
  for (uint32_t i = 0; i < size; i++) residual[i] = x[i] - centre[i];
  return kernels_->dot(residual, residual, size);
}

void Encoder::choose_levels(float norm2) {
  const uint32_t size = quantizer_->padded_dim();
  const float deviation = sqrtf(norm2 / float(size));
  float best = -1, inverse = 0;
  for (float reach : kReaches) {
    if (norm2 < kNorm2Min) break;
    const float candidate = 8 * kMiddle4 / (deviation * reach);
    const CodeSums sums = kernels_->try_levels(residual_.data(), size, candidate);
    const float cosine2 = sums.residual / sums.norm2 * sums.residual;
    if (cosine2 > best) {
      best = cosine2;
      inverse = candidate;
    }
  }
  kernels_->levels(residual_.data(), size, inverse, levels_.data());
}

Factors Encoder::factors_of_sums(float norm2, const CodeSums &sums) const {
  if (norm2 < kNorm2Min || !(sums.residual > 0)) {
    const float base = norm2 - vector_norm2_;
    return {base - base == 0 ? base : FLT_MAX, 0, 0, norm2 < kNorm2Min ? uint8_t(0) : kErrorAny};
  }
  const uint16_t scale = stored_scale(norm2 / sums.residual);
  const float base = (norm2 + 2 * scale_of(scale) * sums.centre) - vector_norm2_;
  // What is too large to be estimated is nowhere near.
  if (!(base - base == 0) || !(norm2 / sums.residual < FLT_MAX)) return {FLT_MAX, 0, 0, kErrorAny};
  const float across2 = sums.norm2 - sums.residual / norm2 * sums.residual;
  const float error = across2 > 0 ? sqrtf(across2 / float(quantizer_->padded_dim() - 1)) / kErrorUnit + 1 : 1;
  return {base, scale, 0, error < kErrorAny ? uint8_t(error) : kErrorAny};
}

Factors Encoder::factors_of_levels(float norm2, uint32_t shift, float middle) const {
  return factors_of_sums(norm2, kernels_->sum_levels(residual_.data(), centre_.data(), levels_.data(),
                                                     quantizer_->padded_dim(), shift, middle));
}

void Encoder::encode4(uint32_t centre, uint8_t *record) {
  const uint32_t size = quantizer_->padded_dim();
  quantizer_->centres().read(centre, centre_.data());
  const float norm2 = take_residual(centre_.data());
  choose_levels(norm2);
  for (uint32_t block = 0; block < size / 32; block++) {
    const uint8_t *levels = levels_.data() + block * 32;
    for (uint32_t j = 0; j < 16; j++) record[block * 16 + j] = uint8_t(levels[j] >> 3 | (levels[j + 16] >> 3) << 4);
  }
  Factors found = factors_of_levels(norm2, 3, kMiddle4);
  found.centre = uint8_t(centre);
  memcpy(record + size / 2, &found, sizeof(found));
}

void Encoder::encode7(uint32_t centre, uint8_t *record) {
  const uint32_t size = quantizer_->padded_dim();
  quantizer_->centres().read(centre, centre_.data());
  const float norm2 = take_residual(centre_.data());
  choose_levels(norm2);
  memcpy(record, levels_.data(), size);
  Factors found = factors_of_levels(norm2, 0, kMiddle7);
  found.centre = uint8_t(centre);
  memcpy(record + size, &found, sizeof(found));
}

void Encoder::encode1(const float *centre, uint8_t *signs, Factors *out) {
  const uint32_t size = quantizer_->padded_dim();
  const float norm2 = take_residual(centre);
  for (uint32_t i = 0; i < size; i += 8) {
    uint32_t bits = 0;
    for (uint32_t j = 0; j < 8; j++) {
      levels_[i + j] = residual_[i + j] > 0;
      bits |= uint32_t(levels_[i + j]) << j;
    }
    signs[i / 8] = uint8_t(bits);
  }
  *out = factors_of_sums(norm2, kernels_->sum_levels(residual_.data(), centre, levels_.data(), size, 0, kMiddle1));
}

}  // namespace elanus
