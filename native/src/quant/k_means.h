// KMeans: Lloyd's iterations over rows in the frame. Rows are quantised to 8 bits and centres to 7, so that every
// distance is an integer product: the same centres on every machine.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "quant/centre_scan.h"
#include "quant/quantizer.h"
#include "quant/query.h"

namespace elanus {

class KMeans {
 public:
  // `rows` are row_count x padded_dim in the frame of `quantizer`, and are borrowed. False if there is no memory.
  // REQUIRES: row_count >= 1.
  bool init(const Quantizer &quantizer, const float *rows, uint32_t row_count);

  // Begins to fill `centres` (initialised with their number), which outlive the steps. They start as rows chosen by
  // `seed`; a row belongs to its nearest centre (CentreScan::nearest); a centre that nobody chose starts again at a
  // random row. False if there is no memory.
  bool begin(uint32_t iterations, uint64_t seed, Centres *centres);
  // Goes on by up to `rows` rows of an iteration. False if there is no memory.
  bool step(uint32_t rows);
  bool done() const { return iterations_ == 0; }

 private:
  void start(uint64_t seed);
  bool begin_iteration();
  void add(uint32_t row);
  void end_iteration();

  const Quantizer *quantizer_ = nullptr;
  const float *rows_ = nullptr;
  uint32_t row_count_ = 0;
  uint32_t size_ = 0;
  uint32_t iterations_ = 0;  // to do, with the one that is begun
  uint32_t at_ = 0;          // row of the iteration
  Centres *centres_ = nullptr;
  Query query_;
  CentreScan scan_;
  Random random_{0};
  Array<float> sums_;
  Array<uint32_t> counts_;
};

}  // namespace elanus
