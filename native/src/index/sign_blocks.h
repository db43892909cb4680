// SignBlocks: 1-bit codes of rows that go on being added, in blocks of 32 that are scanned at once. The rows of a block
// are residuals to the same centre, one of the quantizer's; each centre has one block that is not full yet. A row is
// added where it is, so nothing is ever moved; a scan reads all blocks in order, whatever their centres.
#pragma once

#include "index/row_store.h"
#include "quant/encoder.h"

namespace elanus {

class SignBlocks {
 public:
  explicit SignBlocks(uint32_t padded_dim);
  // False if there is no memory. `quantizer` is trained, of that padded_dim, and outlives the blocks.
  bool init(const Quantizer &quantizer);

  // Rows 0 .. size() are coded.
  uint32_t size() const { return size_; }
  uint32_t block_count() const { return blocks_.size(); }
  size_t bytes() const;
  // Codes the row (dim floats) after the last. A row too long for float arithmetic gets the lowest bound there is, so that
  // every search looks at it. False if there is no memory; nothing changed.
  bool add(const float *row);

  // The row at place j of block i. REQUIRES: the place is taken.
  uint32_t row(uint32_t i, uint32_t j) const;
  // Bit j is set if place j of block i is taken; and if its row is below `size` and takes part
  // (elanus_flat_search).
  uint32_t taken(uint32_t i) const;
  uint32_t passing(uint32_t i, const uint8_t *alive, uint32_t size) const;

  // Errors of one query for all centres, for bounds(). REQUIRES: the query is prepared for scanning.
  struct Errors {
    Query::ScanError of[kCodeCentresMax];
  };
  void prepare(const Query &query, float deviations, Errors *errors) const;
  // The estimates of block i's 32 places, and what the true values are hardly below (Query::scan_error). Those of places
  // that are not taken mean nothing. Bit j of the result is set if estimates[j] < threshold.
  uint32_t bounds(uint32_t i, const Query &query, const Errors &errors, float threshold, float *estimates,
                  float *lowest) const;

 private:
  // What stands behind each block.
  struct Tail {
    uint32_t centre;
    uint32_t count;
    uint8_t errors[kScanRows];
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  const uint8_t *tail_at(uint32_t i) const { return blocks_.row(i) + scan_block_bytes(dim_); }
  Tail tail(uint32_t i) const {
    Tail tail;
    memcpy(&tail, tail_at(i), sizeof(tail));
    return tail;
  }

  const Quantizer *quantizer_ = nullptr;
  const uint32_t dim_;  // padded
  uint32_t size_ = 0;
  RowStore blocks_;
  Encoder encoder_;
  Array<float> centre_;
  float mean_norm2_ = 0;
  Array<uint8_t> signs_;
  uint32_t open_[kCodeCentresMax];  // the block of each centre that has room, or kNone
};

// Whether estimates of a vector can be trusted: finite, and neither its square nor that of a difference overflows.
bool is_estimable(const float *vector, uint32_t dim);

}  // namespace elanus
