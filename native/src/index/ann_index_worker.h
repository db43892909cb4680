// AnnIndexWorker: what one thread writes to while it trains and encodes for AnnIndexBuilder, and the rows nearest to the
// quantizer's centres among those that it encoded.
#pragma once

#include <float.h>

#include "index/ivf_builder.h"
#include "index/typed_rows.h"
#include "quant/encoder.h"

namespace elanus {

struct AnnIndexWorker {
  bool failed = false;  // there was no memory
  const TypedRows *rows = nullptr;
  Array<float> vector;
  CentreTraining::Room training;
  Encoder encoder;
  Array<uint8_t> record;
  IvfBuilder::Room room;
  Array<uint32_t> entries;
  Array<float> entry_distances;

  // False if there is no memory. The rows outlive the worker.
  bool read_from(const TypedRows &from) {
    rows = &from;
    return vector.resize(from.dim());
  }
  // A row, which holds until the next call.
  const float *row(uint32_t i) {
    rows->read_f32(i, 1, vector.data());
    return vector.data();
  }
  Vectors vectors() {
    const auto at = [](const void *self, uint32_t i) {
      return const_cast<AnnIndexWorker *>(static_cast<const AnnIndexWorker *>(self))->row(i);
    };
    return {this, at, rows->size(), rows->dim()};
  }

  // After training. False if there is no memory.
  bool init(const Quantizer &quantizer, const IvfBuilder &lists) {
    const uint32_t centres = quantizer.centres().count();
    if (!encoder.init(quantizer) || !record.resize(code4_bytes(quantizer.padded_dim()))) return false;
    if (!lists.init_room(&room) || !entries.resize(centres) || !entry_distances.resize(centres)) return false;
    for (float &distance : entry_distances) distance = FLT_MAX;
    return true;
  }

  // The row nearest to a centre is where searches enter that end near it; of equal ones the first.
  void enter(uint32_t centre, uint32_t row, float distance) {
    const float nearest = entry_distances[centre];
    if (distance > nearest || distance == FLT_MAX || (distance == nearest && row > entries[centre])) return;
    entry_distances[centre] = distance;
    entries[centre] = row;
  }
  void enter(const AnnIndexWorker &other) {
    for (uint32_t i = 0; i < entries.size(); i++) enter(i, other.entries[i], other.entry_distances[i]);
  }
};

}  // namespace elanus
