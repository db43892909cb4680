// KMeans: Lloyd's iterations over rows in the frame. Rows are quantised to 8 bits and centres to 7, so that every
// distance is an integer product: the same centres on every machine. An iteration has two stages, whose pieces any number
// of threads may share: first rows find their centres, then centres move to the mean of their rows.
#pragma once

#include "base/array.h"
#include "base/random.h"
#include "quant/centre_scan.h"
#include "quant/quantizer.h"
#include "quant/query.h"

namespace elanus {

class KMeans {
 public:
  // What one thread writes to.
  struct Room {
    Query query;
    Array<float> estimates, sum;
    // False if there is no memory.
    bool init(const Quantizer &quantizer, const Centres &centres);
  };

  // `rows` are row_count x padded_dim in the frame of `quantizer`, and are borrowed. Begins to fill `centres`
  // (initialised with their number), which outlive the iterations. They start as rows chosen by `seed`; a row belongs to
  // its nearest centre (CentreScan::nearest); a centre that nobody chose starts again at a random row. False if there
  // is no memory. REQUIRES: row_count >= 1.
  bool begin(const Quantizer &quantizer, const float *rows, uint32_t row_count, uint64_t seed, Centres *centres);

  // An iteration: begins, finds the centre of every row, puts rows together by centre, moves every centre, ends.
  // False if there is no memory.
  bool begin_iteration();
  void assign(uint32_t row, Room *room);
  void group();
  void move(uint32_t centre, Room *room);
  void end_iteration();

 private:
  const Quantizer *quantizer_ = nullptr;
  const float *rows_ = nullptr;
  uint32_t row_count_ = 0;
  uint32_t size_ = 0;
  Centres *centres_ = nullptr;
  CentreScan scan_;
  Random random_{0};
  Array<uint32_t> centre_of_;  // row
  Array<uint32_t> grouped_;    // rows, those of a centre ascending
  Array<uint32_t> ends_;       // of the rows of a centre, in grouped_
};

}  // namespace elanus
