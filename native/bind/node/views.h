// Views: what JavaScript hands over, read without trust: anything of another type, range or length gives false, and
// nothing is thrown. A view is borrowed and good until the call returns.
#pragma once

#include <float.h>
#include <napi.h>

#include "elanus.h"

template <class T>
struct View {
  T *data = nullptr;
  size_t length = 0;
};

template <class T>
bool read_view(const Napi::Value &value, napi_typedarray_type expected, View<T> *view) {
  napi_typedarray_type type;
  size_t length;
  void *data;
  // Any other kind of value gives an error status and throws nothing.
  if (napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok) return false;
  if (type != expected || (data == nullptr && length > 0)) return false;
  *view = {static_cast<T *>(data), length};
  return true;
}

inline bool read_floats(const Napi::Value &value, View<float> *view) { return read_view(value, napi_float32_array, view); }

inline bool read_bytes(const Napi::Value &value, View<uint8_t> *view) { return read_view(value, napi_uint8_array, view); }

// An integer of 0 .. 2^32 - 1, not rounded and not wrapped.
inline bool read_uint32(const Napi::Value &value, uint32_t *out) {
  double number;
  if (napi_get_value_double(value.Env(), value, &number) != napi_ok) return false;
  if (!(number >= 0 && number <= 4294967295.0)) return false;
  *out = static_cast<uint32_t>(number);
  return *out == number;
}

// A number that a float holds.
inline bool read_float(const Napi::Value &value, float *out) {
  double number;
  if (napi_get_value_double(value.Env(), value, &number) != napi_ok || !(number >= -FLT_MAX && number <= FLT_MAX)) return false;
  *out = static_cast<float>(number);
  return true;
}

// The rows of `width` values in `length`, which must be a whole number of at most 2^32 - 1.
inline bool whole_rows(size_t length, uint32_t width, uint32_t *rows) {
  if (length % width != 0 || length / width > UINT32_MAX) return false;
  *rows = static_cast<uint32_t>(length / width);
  return true;
}

inline size_t bitset_bytes(uint32_t size) { return (size_t(size) + 63) / 64 * 8; }

// NULL for undefined; else a bitset that covers `size` rows.
inline bool read_alive(const Napi::Value &value, uint32_t size, const uint8_t **alive) {
  *alive = nullptr;
  if (value.IsUndefined()) return true;
  View<uint8_t> bits;
  if (!read_bytes(value, &bits)) return false;
  *alive = bits.data;
  return bits.length >= bitset_bytes(size);
}

// NULL for undefined; else a Float32Array of radius and range_filter, copied to `room`.
inline bool read_range(const Napi::Value &value, elanus_range *room, const elanus_range **range) {
  *range = nullptr;
  if (value.IsUndefined()) return true;
  View<float> numbers;
  if (!read_floats(value, &numbers) || numbers.length != 2) return false;
  *room = {numbers.data[0], numbers.data[1]};
  *range = room;
  return true;
}

// NULL for undefined; else a Float32Array of k1, b and average_length, copied to `room`.
inline bool read_bm25(const Napi::Value &value, elanus_bm25 *room, const elanus_bm25 **bm25) {
  *bm25 = nullptr;
  if (value.IsUndefined()) return true;
  View<float> numbers;
  if (!read_floats(value, &numbers) || numbers.length != 3) return false;
  *room = {numbers.data[0], numbers.data[1], numbers.data[2]};
  *bm25 = room;
  return true;
}

// Room for the answers to a search: counts: Uint32Array, rows: Uint32Array, scores: Float32Array.
struct Answers {
  View<uint32_t> counts, rows;
  View<float> scores;

  bool read(const Napi::CallbackInfo &info, size_t first, uint64_t query_count, uint64_t k) {
    if (!read_view(info[first], napi_uint32_array, &counts) || !read_view(info[first + 1], napi_uint32_array, &rows)) return false;
    if (!read_floats(info[first + 2], &scores)) return false;
    const uint64_t places = query_count * k;
    return counts.length >= query_count && rows.length >= places && scores.length >= places;
  }
};

inline Napi::Value give_status(const Napi::CallbackInfo &info, elanus_status status) {
  return Napi::Number::New(info.Env(), status);
}
