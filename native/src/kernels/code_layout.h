// Code layout: the bytes of one coded vector, as kernels read them. They are stored in index files: do not change
// them. Everything is little-endian. A code stands for the vector scale * (u - (2^bits - 1) / 2) around its centre,
// u being its integers, one a dimension; see quant/code.h for where the numbers come from.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace elanus {

// A code's dimensions are padded with zeros to a multiple of this.
constexpr uint32_t kCodeBlock = 32;
// Centres that a code can name.
constexpr uint32_t kCodeCentresMax = 256;
// Vectors of a 1-bit block.
constexpr uint32_t kScanRows = 32;
// What a kernel may read beyond the query's values; these bytes are zero.
constexpr uint32_t kCodeQueryTail = 64;

// What stands behind the integers of a code.
struct Factors {
  float base;      // added to the squared distance of query and centre
  uint16_t scale;  // as scale_of, never negative
  uint8_t centre;
  uint8_t error;  // see quant/code.h
};
static_assert(sizeof(Factors) == 8);

// A scale is the upper half of an f32 without its sign: 8 bits of exponent, 8 of mantissa.
inline float scale_of(uint16_t stored) {
  const uint32_t bits = uint32_t(stored) << 15;
  float scale;
  memcpy(&scale, &bits, sizeof(scale));
  return scale;
}

// 4-bit code: of every 32 dimensions 16 bytes, byte j = dim j | dim (j + 16) << 4; then its Factors.
constexpr size_t code4_bytes(uint32_t padded_dim) { return padded_dim / 2 + sizeof(Factors); }
// 7-bit code: a byte, 0..127, for each dimension; then its Factors.
constexpr size_t code7_bytes(uint32_t padded_dim) { return padded_dim + sizeof(Factors); }

// 1-bit block of 32 vectors: for every 4 dimensions 16 bytes, byte j = nibble of vector j | nibble of vector
// (j + 16) << 4, bit i of a nibble being set where dimension i is positive; then f32 base[32], u32 row[32],
// u16 scale[32].
constexpr size_t scan_base_at(uint32_t padded_dim) { return size_t(padded_dim) * 4; }
constexpr size_t scan_row_at(uint32_t padded_dim) { return scan_base_at(padded_dim) + 4 * kScanRows; }
constexpr size_t scan_scale_at(uint32_t padded_dim) { return scan_row_at(padded_dim) + 4 * kScanRows; }
constexpr size_t scan_block_bytes(uint32_t padded_dim) { return scan_scale_at(padded_dim) + 2 * kScanRows; }

}  // namespace elanus
