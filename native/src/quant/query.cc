// Query: the buffers are one allocation, each of them 64-byte aligned.
#include "quant/query.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"

namespace elanus {
namespace {

constexpr float kValueMax = 127;
constexpr float kMagnitudeMax = 31;
// A query whose values are all smaller than this is taken for zero.
constexpr float kLargestMin = 1e-30f;

constexpr size_t aligned(size_t size_bytes) { return (size_bytes + kAlignment - 1) & ~(kAlignment - 1); }

// Hands out pieces of a block, or, with no block, learns how large it has to be.
struct Pieces {
  uint8_t *memory;
  size_t used = 0;
  template <class T>
  void take(T **piece, size_t count) {
    if (memory != nullptr) *piece = reinterpret_cast<T *>(memory + used);
    used += aligned(count * sizeof(T));
  }
};

}  // namespace

bool Query::init(const Quantizer &quantizer) {
  const size_t size = quantizer.padded_dim();
  const auto take_all = [&](Pieces pieces) {
    pieces.take(&vector_, quantizer.dim());
    pieces.take(&frame_, size);
    pieces.take(&centre_distances_, kCodeCentresMax);
    pieces.take(&values_, size + kCodeQueryTail);
    pieces.take(&low_, size / 2 + kCodeQueryTail);
    pieces.take(&high_, size / 2 + kCodeQueryTail);
    pieces.take(&table_, size * 4);
    pieces.take(&magnitudes_, size);
    return pieces.used;
  };
  if (!memory_.resize(take_all({nullptr}))) return false;
  take_all({memory_.data()});
  quantizer_ = &quantizer;
  kernels_ = &quantizer.kernels();
  codes_ = {quantizer.padded_dim(), values_, low_, high_, 0, 0, centre_distances_};
  scan_ = {quantizer.padded_dim(), table_, 0, 0};
  return true;
}

void Query::prepare(const float *vector) {
  inverse_norm_ = quantizer_->to_frame(vector, vector_, frame_);
  prepare_frame(frame_);
  distances(quantizer_->centres(), 0, quantizer_->centres().count(), centre_distances_);
}

void Query::prepare_frame(const float *frame) {
  const uint32_t size = codes_.padded_dim;
  if (frame != frame_) memcpy(frame_, frame, size * sizeof(float));
  norm2_ = kernels_->frame.dot(frame_, frame_, size);
  largest_ = kernels_->frame.largest(frame_, size);
  const float inverse = largest_ < kLargestMin ? 0 : kValueMax / largest_;
  codes_.step = inverse == 0 ? 0 : largest_ / kValueMax;
  codes_.sum = kernels_->frame.quantise(frame_, size, inverse, values_);
  for (uint32_t i = 0; i < size / 32; i++) {
    memcpy(low_ + i * 16, values_ + i * 32, 16);
    memcpy(high_ + i * 16, values_ + i * 32 + 16, 16);
  }
}

void Query::prepare_scan() {
  const float inverse = largest_ < kLargestMin ? 0 : kMagnitudeMax / largest_;
  scan_.step = inverse == 0 ? 0 : largest_ / kMagnitudeMax;
  scan_.total = 0;
  // Eight entries are the bytes of a word; adding q to the entries with bit i set is adding q times a mask. On the way
  // bytes borrow from each other, in the end none is negative.
  constexpr uint64_t kAll = 0x0101010101010101u;
  constexpr uint64_t kBit[3] = {0x0100010001000100u, 0x0101000001010000u, 0x0101010100000000u};
  kernels_->frame.quantise(frame_, scan_.padded_dim, inverse, magnitudes_);
  for (uint32_t i = 0; i < scan_.padded_dim; i += 4) {
    int64_t q[4], negative = 0, sum = 0;
    for (uint32_t j = 0; j < 4; j++) {
      q[j] = magnitudes_[i + j];
      sum += q[j];
      // No branch: signs are as good as random.
      negative += -q[j] & (q[j] >> 63);
    }
    scan_.total += int32_t(sum + 2 * negative);
    const uint64_t first = kAll * uint64_t(negative) + kBit[0] * uint64_t(q[0]) + kBit[1] * uint64_t(q[1]) +
                           kBit[2] * uint64_t(q[2]);
    const uint64_t words[2] = {first, first + kAll * uint64_t(q[3])};
    memcpy(table_ + i * 4, words, sizeof(words));
  }
}

// Every centre is a residual to the origin, which is its centre 0.
void Query::distances(const Centres &centres, uint32_t first, uint32_t count, float *out) const {
  CodeQuery query = codes_;
  query.centres = &norm2_;
  CodeRows rows = centres.rows();
  rows.records += rows.stride * first;
  kernels_->estimate7(query, rows, nullptr, count, out);
}

void Query::distances_of(const Centres &centres, const uint32_t *ids, uint32_t count, float *out) const {
  CodeQuery query = codes_;
  query.centres = &norm2_;
  kernels_->estimate7(query, centres.rows(), ids, count, out);
}

float Query::error4(const uint8_t *record, float deviations) const {
  const Factors factors = factors_of(record, code4_bytes(codes_.padded_dim));
  if (factors.error == kErrorAny) return FLT_MAX;
  const float distance = centre_distances_[factors.centre];
  const float length = distance > 0 ? sqrtf(distance) : 0;
  return 2 * deviations * length * scale_of(factors.scale) * (float(factors.error) * kErrorUnit);
}

// Rounding to a step moves a product with a code by 2 scale |v| step / sqrt(12), |v| = sqrt(d) / 2, normally: beside the
// code's own error, of which kScanErrorMin is a quarter in units of 1/128 (d / (d - 1) included), it is as if the query
// were farther from the centre by step sqrt(d / 3), squared sums. The centre's distance is off by 2 |c| step' / sqrt(12);
// what remains is the rounding of floats.
Query::ScanError Query::scan_error(float centre_distance, float centre_norm2, float deviations) const {
  constexpr float kFloatError = 4e-7f;
  const float distance = centre_distance > 0 ? centre_distance : 0;
  const float rounded = scan_.step * scan_.step * (float(codes_.padded_dim) / 3);
  const float sizes = norm2_ + centre_norm2 + distance;
  return {deviations * codes_.step * sqrtf(centre_norm2 / 3) + kFloatError * sizes,
          2 * deviations * sqrtf(distance + rounded) * kErrorUnit};
}

}  // namespace elanus
