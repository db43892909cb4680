// Encoder: the levels of a code are equal steps, and the step is chosen among a few by how well the code then points
// along the residual. More trials, or the exact optimum of extended RaBitQ, change the cosine in its fourth digit.
#include "quant/encoder.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"
#include "quant/lanes.h"

namespace elanus {
namespace {

// Where the outermost level of a 4-bit code lies, in standard deviations of the residual's values.
constexpr float kReaches[] = {1.9f, 2.15f, 2.4f, 2.65f, 2.9f, 3.2f};
constexpr float kMiddle4 = 7.5f, kMiddle7 = 63.5f;
// A residual shorter than this squared is taken for zero: its scale would have no inverse.
constexpr float kNorm2Min = 1e-30f;

// The 7-bit levels of eight values, as numbers.
inline void levels_of(Lanes8 &level, const float *residual, float inverse) {
  load8(level, residual);
  level = level * inverse + 64.0f;
  const Lanes8 lowest = {}, highest = Lanes8{} + 127.0f;
  level = level > lowest ? level : lowest;
  level = level < highest ? level : highest;
}

struct Fit {
  float product;  // <residual, code>
  float norm2;    // |code|^2
};

// Of the 4-bit code with this step.
Fit try_step(const float *residual, uint32_t size, float inverse) {
  Lanes8 product = {}, norm2 = {}, level, x;
  for (uint32_t i = 0; i < size; i += 8) {
    levels_of(level, residual + i, inverse);
    const Lanes8Int four = __builtin_convertvector(level, Lanes8Int) >> 3;
    const Lanes8 value = __builtin_convertvector(four, Lanes8) - kMiddle4;
    load8(x, residual + i);
    product += x * value;
    norm2 += value * value;
  }
  return {total8(product), total8(norm2)};
}

}  // namespace

bool Encoder::init(const Quantizer &quantizer) {
  quantizer_ = &quantizer;
  const uint32_t size = quantizer.padded_dim();
  return query_.init(quantizer) && centre_.resize(size) && residual_.resize(size) && levels_.resize(size);
}

void Encoder::load(const float *vector) {
  query_.prepare(vector);
  vector_norm2_ = 0;
  if (quantizer_->metric() != ELANUS_IP) return;
  Lanes8 sum = {}, x, mean;
  for (uint32_t i = 0; i < quantizer_->padded_dim(); i += 8) {
    load8(x, frame() + i);
    load8(mean, quantizer_->mean() + i);
    x += mean;
    sum += x * x;
  }
  vector_norm2_ = total8(sum);
}

float Encoder::take_residual(const float *centre) {
  for (uint32_t i = 0; i < quantizer_->padded_dim(); i++) residual_[i] = frame()[i] - centre[i];
  return dot8(residual_.data(), residual_.data(), quantizer_->padded_dim());
}

void Encoder::choose_levels(float norm2) {
  const uint32_t size = quantizer_->padded_dim();
  const float deviation = sqrtf(norm2 / float(size));
  float best = -1, inverse = 0;
  for (float reach : kReaches) {
    if (norm2 < kNorm2Min) break;
    const float candidate = 8 * kMiddle4 / (deviation * reach);
    const Fit fit = try_step(residual_.data(), size, candidate);
    const float cosine2 = fit.product / fit.norm2 * fit.product;
    if (cosine2 > best) {
      best = cosine2;
      inverse = candidate;
    }
  }
  Lanes8 level;
  for (uint32_t i = 0; i < size; i += 8) {
    levels_of(level, residual_.data() + i, inverse);
    const Lanes8Int whole = __builtin_convertvector(level, Lanes8Int);
    for (uint32_t j = 0; j < 8; j++) levels_[i + j] = uint8_t(whole[j]);
  }
}

Factors Encoder::factors(float norm2, float product, float code_norm2, float code_dot_centre) const {
  if (norm2 < kNorm2Min || !(product > 0)) {
    const float base = norm2 - vector_norm2_;
    return {base - base == 0 ? base : FLT_MAX, 0, 0, norm2 < kNorm2Min ? uint8_t(0) : kErrorAny};
  }
  const uint16_t scale = stored_scale(norm2 / product);
  const float base = (norm2 + 2 * scale_of(scale) * code_dot_centre) - vector_norm2_;
  // What is too large to be estimated is nowhere near.
  if (!(base - base == 0) || !(norm2 / product < FLT_MAX)) return {FLT_MAX, 0, 0, kErrorAny};
  const float across2 = code_norm2 - product / norm2 * product;
  const float error = across2 > 0 ? sqrtf(across2 / float(quantizer_->padded_dim() - 1)) / kErrorUnit + 1 : 1;
  return {base, scale, 0, error < kErrorAny ? uint8_t(error) : kErrorAny};
}

Factors Encoder::factors_of_levels(float norm2, uint32_t shift) const {
  const float middle = shift == 0 ? kMiddle7 : kMiddle4;
  Lanes8 product = {}, code_norm2 = {}, code_dot_centre = {}, value, x;
  for (uint32_t i = 0; i < quantizer_->padded_dim(); i += 8) {
    for (uint32_t j = 0; j < 8; j++) value[j] = float(levels_[i + j] >> shift) - middle;
    load8(x, residual_.data() + i);
    product += x * value;
    load8(x, centre_.data() + i);
    code_dot_centre += x * value;
    code_norm2 += value * value;
  }
  return factors(norm2, total8(product), total8(code_norm2), total8(code_dot_centre));
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
  Factors found = factors_of_levels(norm2, 3);
  found.centre = uint8_t(centre);
  memcpy(record + size / 2, &found, sizeof(found));
}

void Encoder::encode7(uint32_t centre, uint8_t *record) {
  const uint32_t size = quantizer_->padded_dim();
  quantizer_->centres().read(centre, centre_.data());
  const float norm2 = take_residual(centre_.data());
  choose_levels(norm2);
  memcpy(record, levels_.data(), size);
  Factors found = factors_of_levels(norm2, 0);
  found.centre = uint8_t(centre);
  memcpy(record + size, &found, sizeof(found));
}

void Encoder::encode1(const float *centre, uint8_t *signs, Factors *out) {
  const uint32_t size = quantizer_->padded_dim();
  const float norm2 = take_residual(centre);
  Lanes8 product = {}, code_dot_centre = {}, x, c;
  const Lanes8 half = Lanes8{} + 0.5f, minus_half = -half;
  for (uint32_t i = 0; i < size; i += 8) {
    load8(x, residual_.data() + i);
    load8(c, centre + i);
    const Lanes8 value = x > 0 ? half : minus_half;
    product += x * value;
    code_dot_centre += c * value;
    uint32_t bits = 0;
    for (uint32_t j = 0; j < 8; j++) bits |= uint32_t(residual_[i + j] > 0) << j;
    signs[i / 8] = uint8_t(bits);
  }
  *out = factors(norm2, total8(product), 0.25f * float(size), total8(code_dot_centre));
  out->error = 0;
}

}  // namespace elanus
