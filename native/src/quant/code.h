// Code: what the numbers behind a coded vector mean. RaBitQ (Gao & Long, SIGMOD 2024) and its extension to several
// bits (Gao et al. 2025), with a twist that lets one encoding of the query serve all centres.
//
// In the frame (rotated, mean taken off; quant/quantizer.h) let r = x - c be the residual of a vector to its centre,
// v = u - (2^bits - 1) / 2 its code, and scale = |r|^2 / <r, v>, which makes scale * v an unbiased stand-in for r in
// inner products with what is not r. Then
//
//   |q - x|^2 = |q - c|^2 + |r|^2 - 2 <q - c, r>  ~  |q - c|^2 + base - 2 scale <q, v>,
//   base      = |r|^2 + 2 scale <c, v>
//
// Under COSINE vectors and queries are brought to length 1 first: cos = 1 - estimate / 2 (1 - |.|^2 / 2). Under IP
// base is less by |x|^2, x as given: estimate = |q|^2 - 2 <q, x>. Smaller is better under all three.
//
// Error: the estimate is off by 2 |q - c| scale |v| sqrt(1 - cos^2) / sqrt(d - 1) times a nearly normal number, where
// cos is of r and v. Factors.error says |v| sqrt((1 - cos^2) / (d - 1)) in units of 1/128, rounded up; 255 is "any".
#pragma once

#include <stdint.h>

#include "kernels/code_layout.h"

namespace elanus {

constexpr float kErrorUnit = 1.0f / 128;
constexpr uint8_t kErrorAny = 255;

// The nearest scale that can be stored. REQUIRES: scale >= 0; what is not finite becomes the largest.
uint16_t stored_scale(float scale);

inline Factors factors_of(const uint8_t *record, size_t code_bytes) {
  Factors factors;
  memcpy(&factors, record + code_bytes - sizeof(Factors), sizeof(Factors));
  return factors;
}

// Planes, as codes travel: S, bit i of byte j the top bit of dimension 8j + i (padded_dim / 8 bytes), and X, the three
// bits below it, dimension 8j + i at bits 3i of the little-endian 24-bit group j (3 * padded_dim / 8 bytes).
// S is the 1-bit code of the same residual. A 4-bit code is 8 S + X.
void planes_of(const uint8_t *code4, uint32_t padded_dim, uint8_t *signs, uint8_t *extra);
void code4_of(const uint8_t *signs, const uint8_t *extra, uint32_t padded_dim, uint8_t *code4);

// Puts the signs of one vector (padded_dim / 8 bytes) into place `at` of a 1-bit block, whose nibbles there are zero.
void put_scan_nibbles(const uint8_t *signs, uint32_t at, uint32_t padded_dim, uint8_t *block);
// Transposes the signs of up to 32 vectors, signs[i] the S plane of vector i, into the nibbles of a 1-bit block.
void scan_nibbles_of(const uint8_t *const *signs, uint32_t count, uint32_t padded_dim, uint8_t *block);

}  // namespace elanus
