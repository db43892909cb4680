// RowStore: a growing list of fixed-width f32 rows, copied in. Full chunks are never moved or copied again, so
// growing costs one chunk at a time, not twice the data; a small store takes little more than its rows.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

class RowStore {
 public:
  // REQUIRES: width is 1..ELANUS_DIM_MAX.
  explicit RowStore(uint32_t width);
  ~RowStore();
  RowStore(const RowStore &) = delete;
  RowStore &operator=(const RowStore &) = delete;

  uint32_t size() const { return size_; }
  uint32_t width() const { return width_; }
  // 64-byte aligned where a chunk begins. REQUIRES: row < size().
  const float *row(uint32_t row) const { return chunks_[row >> shift_] + size_t(row & mask_) * width_; }

  // Room for `count` more rows: the next `count` appended cannot fail. False if there is no memory; nothing changed.
  // REQUIRES: size() + count < 2^31.
  bool reserve(uint32_t count);
  // REQUIRES: reserve() of at least `count`.
  void append(const float *rows, uint32_t count);

  size_t bytes() const;

 private:
  bool grow_table(uint32_t chunk_count);
  bool grow_first_chunk(uint32_t rows);

  const uint32_t width_;
  uint32_t shift_;  // a full chunk holds 2^shift_ rows
  uint32_t mask_;
  uint32_t size_ = 0;
  uint32_t chunk_count_ = 0;
  uint32_t table_capacity_ = 0;
  uint32_t first_capacity_ = 0;  // rows of chunk 0, which alone may be smaller than full
  float **chunks_ = nullptr;
};

}  // namespace elanus
