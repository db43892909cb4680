// Scalar codes: plain C++ for every machine, in the order in which the formulas are written. The truth that the other
// sets must equal bit by bit.
#include <float.h>

#include "kernels/code_sets.h"

namespace {

constexpr unsigned kFrameFloats = 4, kFrameRegs = 8;

}  // namespace

#include "kernels/frame.inc"

namespace elanus {
namespace {

// Also FLT_MAX for NaN.
float bounded(float estimate) { return estimate < FLT_MAX ? estimate : FLT_MAX; }

template <class Dot>
void estimate(const CodeQuery &query, const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates,
              size_t code_bytes, int32_t levels, Dot dot) {
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *record = rows.records + rows.stride * (ids == nullptr ? i : ids[i]);
    const int32_t product = 2 * dot(record) - levels * query.sum;
    Factors factors;
    memcpy(&factors, record + code_bytes, sizeof(factors));
    estimates[i] = bounded((query.centres[factors.centre] + factors.base) -
                           scale_of(factors.scale) * (query.step * float(product)));
  }
}

void estimate4(const CodeQuery &query, const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) {
  const uint32_t bytes = query.padded_dim / 2;
  estimate(query, rows, ids, count, estimates, bytes, 15, [&](const uint8_t *code) {
    int32_t sum = 0;
    for (uint32_t j = 0; j < bytes; j++) sum += query.low[j] * (code[j] & 15) + query.high[j] * (code[j] >> 4);
    return sum;
  });
}

void estimate7(const CodeQuery &query, const CodeRows &rows, const uint32_t *ids, uint32_t count, float *estimates) {
  estimate(query, rows, ids, count, estimates, query.padded_dim, 127, [&](const uint8_t *code) {
    int32_t sum = 0;
    for (uint32_t j = 0; j < query.padded_dim; j++) sum += query.values[j] * code[j];
    return sum;
  });
}

uint32_t scan(const ScanQuery &query, const uint8_t *block, float centre_distance, float threshold,
              float *estimates) {
  uint32_t below = 0;
  for (uint32_t i = 0; i < kScanRows; i++) {
    int32_t agreeing = 0;
    for (uint32_t group = 0; group < query.padded_dim / 4; group++) {
      const uint8_t two = block[group * 16 + (i & 15)];
      agreeing += query.table[group * 16 + (i < 16 ? two & 15 : two >> 4)];
    }
    float base;
    uint16_t scale;
    memcpy(&base, block + scan_base_at(query.padded_dim) + 4 * i, sizeof(base));
    memcpy(&scale, block + scan_scale_at(query.padded_dim) + 2 * i, sizeof(scale));
    const float product = float(2 * agreeing - query.total);
    estimates[i] = bounded((centre_distance + base) - scale_of(scale) * (query.step * product));
    below |= uint32_t(estimates[i] < threshold) << i;
  }
  return below;
}

}  // namespace

extern const CodeKernels kScalarCodes = {"scalar", estimate4, estimate7, scan, kFrame};

}  // namespace elanus
