// Encoder: vectors to codes (quant/code.h). It owns the buffers that encoding one vector needs; after init nothing is
// allocated. What it writes is the same on every machine.
#pragma once

#include "base/array.h"
#include "kernels/code_layout.h"
#include "quant/k_means.h"
#include "quant/quantizer.h"
#include "quant/query.h"

namespace elanus {

class Encoder {
 public:
  // False if there is no memory. `quantizer` is trained and outlives the encoder.
  bool init(const Quantizer &quantizer);

  // The vector (dim floats) that the calls below are about.
  void load(const float *vector);
  // In the frame, padded_dim floats; and prepared as a query, for the distance to any centres.
  const float *frame() const { return query_.frame(); }
  const Query &query() const { return query_; }
  // After load, before the query is used to scan.
  void prepare_scan() { query_.prepare_scan(); }
  // Its nearest and second nearest among the quantizer's centres.
  Nearest nearest() const { return nearest_of(query_, quantizer_->centres()); }

  // Writes the code of the residual to `centre`, one of the quantizer's: code4_bytes or code7_bytes.
  // The 4-bit code is the upper four bits of the 7-bit code.
  void encode4(uint32_t centre, uint8_t *record);
  void encode7(uint32_t centre, uint8_t *record);
  // Writes the sign plane (padded_dim / 8 bytes) of the residual to `centre` (padded_dim floats, in the frame).
  // Of the factors `centre` stays 0.
  void encode1(const float *centre, uint8_t *signs, Factors *factors);

 private:
  float take_residual(const float *centre);
  void choose_levels(float norm2);
  Factors factors_of_sums(float norm2, const CodeSums &sums) const;
  Factors factors_of_levels(float norm2, uint32_t shift, float middle) const;

  const Quantizer *quantizer_ = nullptr;
  const FrameKernels *kernels_ = nullptr;
  Query query_;
  Array<float> centre_;
  Array<float> residual_;
  Array<uint8_t> levels_;  // of 7 bits
  float vector_norm2_ = 0;  // IP: of the vector as given
};

}  // namespace elanus
