// RowStore: chunks of a power of two of rows, at most 1 MiB, or one row where a row is longer.
#include "index/row_store.h"

#include <string.h>

#include "base/memory.h"

namespace elanus {
namespace {

constexpr size_t kChunkBytesMax = size_t(1) << 20;
constexpr uint32_t kFirstRowsMin = 8;

float *allocate_rows(uint32_t rows, uint32_t width) {
  return static_cast<float *>(allocate_array(size_t(rows) * width, sizeof(float)));
}

uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
uint32_t larger(uint32_t a, uint32_t b) { return a < b ? b : a; }

}  // namespace

RowStore::RowStore(uint32_t width) : width_(width), shift_(0) {
  while ((size_t(width) * sizeof(float)) << (shift_ + 1) <= kChunkBytesMax) shift_++;
  mask_ = (1u << shift_) - 1;
}

RowStore::~RowStore() {
  for (uint32_t i = 0; i < chunk_count_; i++) release(chunks_[i]);
  release(chunks_);
}

bool RowStore::grow_table(uint32_t chunk_count) {
  if (chunk_count <= table_capacity_) return true;
  const uint32_t capacity = larger(chunk_count, 2 * table_capacity_);
  auto **table = static_cast<float **>(allocate_array(capacity, sizeof(float *)));
  if (table == nullptr) return false;
  if (chunk_count_ > 0) memcpy(table, chunks_, chunk_count_ * sizeof(float *));
  release(chunks_);
  chunks_ = table;
  table_capacity_ = capacity;
  return true;
}

bool RowStore::grow_first_chunk(uint32_t rows) {
  const uint32_t full = mask_ + 1;
  if (rows <= first_capacity_) return true;
  const uint32_t capacity = smaller(full, larger(rows, larger(2 * first_capacity_, kFirstRowsMin)));
  float *chunk = allocate_rows(capacity, width_);
  if (chunk == nullptr) return false;
  if (chunk_count_ > 0) {
    memcpy(chunk, chunks_[0], size_t(size_) * width_ * sizeof(float));
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
  size_t values, size_bytes;
  if (!multiply(rows, width_, &values) || !multiply(values, sizeof(float), &size_bytes)) return false;
  const uint32_t full = mask_ + 1;
  const uint32_t chunk_count = ((rows - 1) >> shift_) + 1;
  if (!grow_table(chunk_count) || !grow_first_chunk(smaller(rows, full))) return false;
  const uint32_t before = chunk_count_;
  while (chunk_count_ < chunk_count) {
    float *chunk = allocate_rows(full, width_);
    if (chunk == nullptr) {
      while (chunk_count_ > before) release(chunks_[--chunk_count_]);
      return false;
    }
    chunks_[chunk_count_++] = chunk;
  }
  return true;
}

void RowStore::append(const float *rows, uint32_t count) {
  while (count > 0) {
    const uint32_t at = size_ & mask_;
    const uint32_t portion = smaller(count, mask_ + 1 - at);
    memcpy(chunks_[size_ >> shift_] + size_t(at) * width_, rows, size_t(portion) * width_ * sizeof(float));
    rows += size_t(portion) * width_;
    size_ += portion;
    count -= portion;
  }
}

size_t RowStore::bytes() const {
  const size_t full_rows = chunk_count_ == 0 ? 0 : size_t(chunk_count_ - 1) << shift_;
  return table_capacity_ * sizeof(float *) + (first_capacity_ + full_rows) * width_ * sizeof(float);
}

}  // namespace elanus
