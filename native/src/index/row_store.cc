// RowStore: chunks of a power of two of rows, at most kChunkBytesMax, or one row where a row is longer.
#include "index/row_store.h"

#include <string.h>

#include "base/memory.h"

namespace elanus {
namespace {

// Where there are huge pages a chunk is made of them, nearly all; elsewhere it is small, as memory may be.
constexpr size_t kChunkBytesMax = kHugePage > 0 ? 8 * kHugePage : size_t(1) << 20;
constexpr uint32_t kFirstRowsMin = 8;

uint8_t *allocate_rows(uint32_t rows, uint32_t row_bytes) {
  return static_cast<uint8_t *>(allocate_array(rows, row_bytes));
}

uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
uint32_t larger(uint32_t a, uint32_t b) { return a < b ? b : a; }

}  // namespace

RowStore::RowStore(uint32_t row_bytes) : row_bytes_(row_bytes), shift_(0) {
  while (size_t(row_bytes) << (shift_ + 1) <= kChunkBytesMax) shift_++;
  mask_ = (1u << shift_) - 1;
}

RowStore::~RowStore() {
  for (uint32_t i = 0; i < chunk_count_; i++) release(chunks_[i]);
  release(chunks_);
}

bool RowStore::grow_table(uint32_t chunk_count) {
  if (chunk_count <= table_capacity_) return true;
  const uint32_t capacity = larger(chunk_count, 2 * table_capacity_);
  auto **table = static_cast<uint8_t **>(allocate_array(capacity, sizeof(uint8_t *)));
  if (table == nullptr) return false;
  if (chunk_count_ > 0) memcpy(table, chunks_, chunk_count_ * sizeof(uint8_t *));
  release(chunks_);
  chunks_ = table;
  table_capacity_ = capacity;
  return true;
}

bool RowStore::grow_first_chunk(uint32_t rows) {
  const uint32_t full = mask_ + 1;
  if (rows <= first_capacity_) return true;
  const uint32_t capacity = smaller(full, larger(rows, larger(2 * first_capacity_, kFirstRowsMin)));
  uint8_t *chunk = allocate_rows(capacity, row_bytes_);
  if (chunk == nullptr) return false;
  if (chunk_count_ > 0) {
    memcpy(chunk, chunks_[0], size_t(size_) * row_bytes_);
    release(chunks_[0]);
  }
  chunks_[0] = chunk;
  chunk_count_ = larger(chunk_count_, 1);
  first_capacity_ = capacity;
  return true;
}

bool RowStore::reserve(uint32_t count) {
  const uint32_t rows = size_ + count;
  if (rows == 0) return true;
  // What no memory can hold is refused before any is taken.
  size_t size_bytes;
  if (!multiply(rows, row_bytes_, &size_bytes)) return false;
  const uint32_t full = mask_ + 1;
  const uint32_t chunk_count = ((rows - 1) >> shift_) + 1;
  if (!grow_table(chunk_count) || !grow_first_chunk(smaller(rows, full))) return false;
  const uint32_t before = chunk_count_;
  while (chunk_count_ < chunk_count) {
    uint8_t *chunk = allocate_rows(full, row_bytes_);
    if (chunk == nullptr) {
      while (chunk_count_ > before) release(chunks_[--chunk_count_]);
      return false;
    }
    chunks_[chunk_count_++] = chunk;
  }
  return true;
}

void RowStore::append(const void *rows, uint32_t count) {
  const auto *from = static_cast<const uint8_t *>(rows);
  while (count > 0) {
    const uint32_t at = size_ & mask_;
    const uint32_t portion = smaller(count, mask_ + 1 - at);
    memcpy(chunks_[size_ >> shift_] + size_t(at) * row_bytes_, from, size_t(portion) * row_bytes_);
    from += size_t(portion) * row_bytes_;
    size_ += portion;
    count -= portion;
  }
}

uint8_t *RowStore::add_row() {
  const uint32_t row = size_++;
  return chunks_[row >> shift_] + size_t(row & mask_) * row_bytes_;
}

void RowStore::read(uint32_t first, uint32_t count, void *out) const {
  auto *to = static_cast<uint8_t *>(out);
  for (uint32_t i = 0; i < count; i++) memcpy(to + size_t(i) * row_bytes_, row(first + i), row_bytes_);
}

size_t RowStore::bytes() const {
  const size_t full_rows = chunk_count_ == 0 ? 0 : size_t(chunk_count_ - 1) << shift_;
  return table_capacity_ * sizeof(uint8_t *) + (first_capacity_ + full_rows) * row_bytes_;
}

}  // namespace elanus
