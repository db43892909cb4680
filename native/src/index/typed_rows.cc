// TypedRows: the kernels of the element type, and what the metric adds to them.
#include "index/typed_rows.h"

#include <string.h>

namespace elanus {
namespace {

// Rows that are scored at once and asked for ahead: their reads overlap, and few enough remain in the first-level cache.
constexpr uint32_t kAheadRows = 8;
// How much of a row is asked for: the machine goes on by itself, and more would wait for room.
constexpr uint32_t kAheadBytes = 512;
constexpr uint32_t kLineBytes = 64;

float norm_at(const RowStore &norms, uint32_t row) {
  float norm;
  memcpy(&norm, norms.row(row), sizeof(norm));
  return norm;
}

void touch(const uint8_t *at) {
#if defined(__wasm__)
  // There is no instruction that asks for memory; a value read and not used waits for nothing.
  (void)*static_cast<const volatile uint8_t *>(at);
#else
  __builtin_prefetch(at);
#endif
}

template <class Value>
bool held_as(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    Value held;
    store_value(values[i], &held);
    if (bits_of(value_of(held)) != bits_of(values[i])) return false;
  }
  return true;
}

}  // namespace

TypedRows::TypedRows(uint32_t dim, Element element, elanus_metric metric, const Kernels *kernels)
    : dim_(dim),
      element_(element),
      metric_(metric),
      kernels_(typed_kernels_of(kernels)),
      rows_(dim * element_bytes(element)),
      inverse_norms_(sizeof(float)) {}

bool TypedRows::reserve(uint32_t count) {
  return rows_.reserve(count) && (!holds_norms() || inverse_norms_.reserve(count));
}

bool TypedRows::append(const void *rows, uint32_t count) {
  if (!reserve(count)) return false;
  rows_.append(rows, count);
  if (!holds_norms()) return true;
  for (uint32_t row = size() - count; row < size(); row++) {
    const float inverse = typed_inverse_norm(element_, rows_.row(row), dim_);
    inverse_norms_.append(&inverse, 1);
  }
  return true;
}

bool TypedRows::append_f32(const float *rows, uint32_t count) {
  if (!reserve(count)) return false;
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *row = rows_.add_row();
    kernels_->narrow[uint32_t(element_)](rows + size_t(i) * dim_, dim_, row);
    if (!holds_norms()) continue;
    const float inverse = typed_inverse_norm(element_, row, dim_);
    inverse_norms_.append(&inverse, 1);
  }
  return true;
}

void TypedRows::read_f32(uint32_t first, uint32_t count, float *out) const {
  for (uint32_t i = 0; i < count; i++) {
    kernels_->widen[uint32_t(element_)](rows_.row(first + i), dim_, out + size_t(i) * dim_);
  }
}

void TypedRows::score(const ScoreBlock &block) const {
  const void *at[kBlockRowsMax];
  for (uint32_t r = 0; r < block.row_count; r++) at[r] = rows_.row(block.rows[r]);
  const TypedBlock pairs = {block.queries, block.query_count, block.row_count, dim_, at, block.scores};
  if (metric_ == ELANUS_L2) return kernels_->l2[uint32_t(element_)](pairs);
  kernels_->dot[uint32_t(element_)](pairs);
  if (!holds_norms()) return;
  for (uint32_t q = 0; q < block.query_count; q++) {
    float *scores = block.scores + q * kBlockRowsMax;
    for (uint32_t r = 0; r < block.row_count; r++) {
      scores[r] *= norm_at(inverse_norms_, block.rows[r]) * block.inverse_norms[q];
    }
  }
}

void TypedRows::prefetch(uint32_t row) const {
  const uint8_t *at = rows_.row(row);
  const uint32_t size_bytes = row_bytes() < kAheadBytes ? row_bytes() : kAheadBytes;
  for (uint32_t i = 0; i < size_bytes; i += kLineBytes) touch(at + i);
}

void TypedRows::score(const float *query, float inverse_norm, const uint32_t *rows, uint32_t count,
                      float *scores) const {
  for (uint32_t i = 0; i < count; i += kAheadRows) {
    const uint32_t here = count - i < kAheadRows ? count - i : kAheadRows;
    for (uint32_t next = i + kAheadRows; next < i + 2 * kAheadRows && next < count; next++) prefetch(rows[next]);
    score({query, &inverse_norm, 1, rows + i, here, scores + i});
  }
}

void TypedRows::score(const float *query, const uint32_t *rows, uint32_t count, float *scores) const {
  score(query, holds_norms() ? inverse_norm(query, dim_) : 0, rows, count, scores);
}

bool held_exactly(Element element, const float *values, size_t count) {
  switch (element) {
    case Element::kF32: return true;
    case Element::kF16: return held_as<F16>(values, count);
    case Element::kBf16: return held_as<Bf16>(values, count);
    case Element::kI8: return held_as<int8_t>(values, count);
    case Element::kU8: return held_as<uint8_t>(values, count);
  }
  return false;
}

}  // namespace elanus
