// Encoder: vectors to codes. It owns the buffers that encoding one vector needs; after init nothing is allocated.
#pragma once

#include "base/array.h"
#include "kernels/code_layout.h"
#include "quant/quantizer.h"
#include "quant/query.h"

namespace elanus {

class Encoder {
 public:
  // False if there is no memory. `quantizer` is trained and outlives the encoder.
  bool init(const Quantizer &quantizer);

  // The vector (dim floats) that the calls below are about.
  void load(const float *vector);
  // Its nearest centre among the quantizer's, or in `centres`; equal distances by number.
  uint32_t nearest();
  void nearest2(const Centres &centres, uint32_t out[2]);
  // In the frame, padded_dim floats.
  const float *frame() const { return frame_; }

  // Writes the code of the residual to the nearest centre: code4_bytes or code7_bytes.
  void encode4(uint8_t *record);
  void encode7(uint8_t *record);
  // Writes the sign plane of the residual to `centre` (padded_dim floats) and its factors (error stays 0).
  void encode1(const float *centre, uint8_t *signs, Factors *factors);
};

}  // namespace elanus
