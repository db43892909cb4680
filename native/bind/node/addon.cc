// Addon: elanus.h for Node. It exports { abiVersion, kernels, Flat }; each method of Flat is one function of
// elanus.h and returns its status. It keeps no state of its own, so every thread may load it.
// JavaScript is not trusted: what is not a typed array of the right type and length is ELANUS_INVALID, and V8 itself
// refuses a method called on an object that is not a Flat.
#include <napi.h>

#include "elanus.h"

namespace {

// A borrowed view of a typed array, good until the call returns.
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

bool read_floats(const Napi::Value &value, View<float> *view) { return read_view(value, napi_float32_array, view); }

// An integer of 0 .. 2^32 - 1, not rounded and not wrapped.
bool read_uint32(const Napi::Value &value, uint32_t *out) {
  double number;
  if (napi_get_value_double(value.Env(), value, &number) != napi_ok) return false;
  if (!(number >= 0 && number <= 4294967295.0)) return false;
  *out = static_cast<uint32_t>(number);
  return *out == number;
}

// The rows of `width` values in `length`, which must be a whole number of at most 2^32 - 1.
bool whole_rows(size_t length, uint32_t width, uint32_t *rows) {
  if (length % width != 0 || length / width > UINT32_MAX) return false;
  *rows = static_cast<uint32_t>(length / width);
  return true;
}

class Flat : public Napi::ObjectWrap<Flat> {
 public:
  explicit Flat(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~Flat() override { elanus_flat_close(flat_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Flat",
                       {InstanceMethod<&Flat::open>("open"), InstanceMethod<&Flat::close>("close"),
                        InstanceMethod<&Flat::append>("append"), InstanceMethod<&Flat::read>("read"),
                        InstanceMethod<&Flat::search>("search"), InstanceMethod<&Flat::bytes>("bytes")});
  }

 private:
  // (dim, metric, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    uint32_t dim, metric, kernels;
    if (flat_ != nullptr || !read_uint32(info[0], &dim) || !read_uint32(info[1], &metric) ||
        !read_uint32(info[2], &kernels)) {
      return status(info, ELANUS_INVALID);
    }
    const elanus_status opened = elanus_flat_open(dim, metric, kernels, &flat_);
    if (opened == ELANUS_OK) dim_ = dim;
    return status(info, opened);
  }

  void close(const Napi::CallbackInfo &) {
    elanus_flat_close(flat_);
    flat_ = nullptr;
  }

  // (vectors: Float32Array)
  Napi::Value append(const Napi::CallbackInfo &info) {
    View<float> vectors;
    uint32_t count;
    if (flat_ == nullptr || !read_floats(info[0], &vectors) || !whole_rows(vectors.length, dim_, &count)) {
      return status(info, ELANUS_INVALID);
    }
    return status(info, elanus_flat_append(flat_, vectors.data, count));
  }

  // (first, out: Float32Array), as many rows as `out` holds.
  Napi::Value read(const Napi::CallbackInfo &info) {
    uint32_t first, count;
    View<float> out;
    if (flat_ == nullptr || !read_uint32(info[0], &first) || !read_floats(info[1], &out) ||
        !whole_rows(out.length, dim_, &count)) {
      return status(info, ELANUS_INVALID);
    }
    return status(info, elanus_flat_read(flat_, first, count, out.data));
  }

  // (queries: Float32Array, k, alive: Uint8Array | undefined, counts: Uint32Array, rows: Uint32Array,
  // scores: Float32Array), with room for all queries in the last three.
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<float> queries, scores;
    View<uint32_t> counts, rows;
    uint32_t k, query_count;
    const uint8_t *alive;
    if (flat_ == nullptr || !read_floats(info[0], &queries) || !read_uint32(info[1], &k) ||
        !read_alive(info[2], &alive) || !read_view(info[3], napi_uint32_array, &counts) ||
        !read_view(info[4], napi_uint32_array, &rows) || !read_floats(info[5], &scores) ||
        !whole_rows(queries.length, dim_, &query_count)) {
      return status(info, ELANUS_INVALID);
    }
    const uint64_t places = uint64_t(query_count) * k;
    if (counts.length < query_count || rows.length < places || scores.length < places) {
      return status(info, ELANUS_INVALID);
    }
    return status(info, elanus_flat_search(flat_, queries.data, query_count, k, alive, counts.data, rows.data,
                                           scores.data));
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_flat_bytes(flat_)));
  }

  // NULL for undefined; else a bitset that covers every row.
  bool read_alive(const Napi::Value &value, const uint8_t **alive) const {
    *alive = nullptr;
    if (value.IsUndefined()) return true;
    View<uint8_t> bits;
    if (!read_view(value, napi_uint8_array, &bits)) return false;
    *alive = bits.data;
    return bits.length >= (size_t(elanus_flat_size(flat_)) + 63) / 64 * 8;
  }

  static Napi::Value status(const Napi::CallbackInfo &info, elanus_status status) {
    return Napi::Number::New(info.Env(), status);
  }

  elanus_flat *flat_ = nullptr;  // NULL before open() and after close()
  uint32_t dim_ = 1;
};

Napi::Object init(Napi::Env env, Napi::Object exports) {
  Napi::Array kernels = Napi::Array::New(env);
  for (uint32_t i = 0; elanus_kernels_name(i) != nullptr; i++) kernels.Set(i, elanus_kernels_name(i));
  exports.Set("abiVersion", Napi::Number::New(env, elanus_abi_version()));
  exports.Set("kernels", kernels);
  exports.Set("Flat", Flat::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(elanus, init)
