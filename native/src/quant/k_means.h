// KMeans: Lloyd's iterations over rows in the frame. Rows are quantised to 8 bits and centres to 7, so that every
// distance is an integer product: the same centres on every machine.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "quant/centres.h"
#include "quant/quantizer.h"
#include "quant/query.h"

namespace elanus {

class KMeans {
 public:
  // `rows` are row_count x padded_dim in the frame of `quantizer`, and are borrowed. False if there is no memory.
  // REQUIRES: row_count >= 1.
  bool init(const Quantizer &quantizer, const float *rows, uint32_t row_count);

  // Fills `centres` (initialised with their number). They start as rows chosen by `seed`; a row belongs to its nearest
  // centre, equal distances by number; a centre that nobody chose starts again at a random row. False if there is no
  // memory.
  bool run(uint32_t iterations, uint64_t seed, Centres *centres);

 private:
  void start(uint64_t seed, Centres *centres);
  void iterate(Centres *centres);

  const Quantizer *quantizer_ = nullptr;
  const float *rows_ = nullptr;
  uint32_t row_count_ = 0;
  uint32_t size_ = 0;
  Query query_;
  Random random_{0};
  Array<float> sums_;
  Array<uint32_t> counts_;
};

// The nearest of `centres` to the prepared query, and the second nearest (the same if there is only one); equal
// distances by number.
struct Nearest {
  uint32_t first, second;
  float first_distance, second_distance;
};
Nearest nearest_of(const Query &query, const Centres &centres);

}  // namespace elanus
