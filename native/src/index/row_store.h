// RowStore: a growing list of rows of equally many bytes, copied in. Full chunks are never moved or copied again, so
// growing costs one chunk at a time, not twice the data; a small store takes little more than its rows.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

class RowStore {
 public:
  // REQUIRES: row_bytes is 1..2^17.
  explicit RowStore(uint32_t row_bytes);
  ~RowStore();
  RowStore(const RowStore &) = delete;
  RowStore &operator=(const RowStore &) = delete;

  uint32_t size() const { return size_; }
  uint32_t row_bytes() const { return row_bytes_; }
  // 64-byte aligned where a chunk begins, so every row is aligned for the values that it is made of.
  // REQUIRES: row < size().
  const uint8_t *row(uint32_t row) const { return chunks_[row >> shift_] + size_t(row & mask_) * row_bytes_; }
  // Copies rows first .. first + count to `out`. REQUIRES: first + count <= size().
  void read(uint32_t first, uint32_t count, void *out) const;

  // Room for `count` more rows: the next `count` appended cannot fail. False if there is no memory; nothing changed.
  // REQUIRES: size() + count < 2^31.
  bool reserve(uint32_t count);
  // REQUIRES: reserve() of at least `count`.
  void append(const void *rows, uint32_t count);
  // The place of a new last row, for the caller to fill. REQUIRES: reserve() of at least 1.
  uint8_t *add_row();

  size_t bytes() const;

 private:
  bool grow_table(uint32_t chunk_count);
  bool grow_first_chunk(uint32_t rows);

  const uint32_t row_bytes_;
  uint32_t shift_;  // a full chunk holds 2^shift_ rows
  uint32_t mask_;
  uint32_t size_ = 0;
  uint32_t chunk_count_ = 0;
  uint32_t table_capacity_ = 0;
  uint32_t first_capacity_ = 0;  // rows of chunk 0, which alone may be smaller than full
  uint8_t **chunks_ = nullptr;
};

}  // namespace elanus
