// IvfBuilder: trains the lists, then takes the rows one by one, already loaded into an encoder that codes them for
// others too, then lays out the blocks. The same lists on every machine.
#pragma once

#include "index/ivf.h"
#include "quant/centre_training.h"
#include "quant/encoder.h"

namespace elanus {

class IvfBuilder {
 public:
  // For `row_count` rows and `list_count` lists (1 .. max(1, row_count)). False if there is no memory. The quantizer is
  // trained and outlives the builder.
  bool init(const Quantizer &quantizer, uint32_t row_count, uint32_t list_count);
  // Chooses the centres by k-means on a sample of `vectors`, the rows that will be added. An index of one list needs no
  // training: its centre is the mean. False if there is no memory.
  bool train(const Vectors &vectors);
  // The same by whoever runs the tasks of training() until it is done. This does not move meanwhile.
  bool begin_training(const Vectors &vectors);
  CentreTraining *training() { return &training_; }
  bool end_training();
  // Adds the row that `encoder` has loaded as the next one. REQUIRES: fewer than row_count were added.
  void add(Encoder *encoder) { put(added_++, encoder, &room_); }

  // What one of several threads that add rows writes to.
  struct Room {
    Array<float> centre, estimates;
  };
  // After train(). False if there is no memory.
  bool init_room(Room *room) const;
  // As add(), in any order of the rows, and in several threads at once.
  void put(uint32_t row, Encoder *encoder, Room *room);
  // Makes the index and is then used up. False if there is no memory. REQUIRES: all rows were added.
  bool finish(Ivf *out);

 private:
  bool number_lists();
  void fill(const uint32_t *rows, uint32_t count, uint8_t *block) const;

  const Quantizer *quantizer_ = nullptr;
  uint32_t added_ = 0;
  Ivf ivf_;
  CentreScan scan_;
  CentreTraining training_;
  Room room_;
  // By row.
  Array<uint32_t> list_;
  Array<Factors> factors_;
  Array<uint8_t> signs_;
};

}  // namespace elanus
