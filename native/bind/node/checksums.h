// Checksums: those of elanus.h, for bytes that JavaScript holds. Undefined for anything that is no bytes.
#pragma once

#include "views.h"

// (bytes: Uint8Array, seed): the checksum.
template <uint32_t (*Function)(uint32_t, const void *, size_t)>
Napi::Value checksum(const Napi::CallbackInfo &info) {
  View<uint8_t> bytes;
  uint32_t seed;
  if (!read_bytes(info[0], &bytes) || !read_uint32(info[1], &seed)) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), Function(seed, bytes.data, bytes.length));
}

// (bytes: Uint8Array, row bytes, sums: Uint32Array): the CRC-32 of each of as many rows as there is room for sums.
inline Napi::Value row_checksums(const Napi::CallbackInfo &info) {
  View<uint8_t> bytes;
  View<uint32_t> sums;
  uint32_t row_bytes;
  if (!read_bytes(info[0], &bytes) || !read_uint32(info[1], &row_bytes) || row_bytes == 0 ||
      !read_view(info[2], napi_uint32_array, &sums) || bytes.length / row_bytes < sums.length) {
    return give_status(info, ELANUS_INVALID);
  }
  for (size_t row = 0; row < sums.length; row++) sums.data[row] = elanus_crc32(0, bytes.data + row * row_bytes, row_bytes);
  return give_status(info, ELANUS_OK);
}
