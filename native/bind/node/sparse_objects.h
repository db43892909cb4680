// SparseBuilderObject, SparseObject: sparse rows as JavaScript objects.
#pragma once

#include <string.h>

#include "views.h"

// Sparse rows: indptr: Uint32Array, indices: Uint32Array, values: Float32Array, of lengths that agree. What the numbers
// of indptr say but for the last, elanus.h checks.
struct CsrViews {
  View<uint32_t> indptr, indices;
  View<float> values;
  uint32_t count;

  bool read(const Napi::CallbackInfo &info, size_t first) {
    if (!read_view(info[first], napi_uint32_array, &indptr) || !read_view(info[first + 1], napi_uint32_array, &indices)) return false;
    if (!read_floats(info[first + 2], &values) || indptr.length == 0 || indptr.length > UINT32_MAX) return false;
    count = static_cast<uint32_t>(indptr.length - 1);
    return indices.length == values.length && indptr.data[count] == indices.length;
  }
};

class SparseBuilderObject : public Napi::ObjectWrap<SparseBuilderObject> {
 public:
  explicit SparseBuilderObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~SparseBuilderObject() override { elanus_sparse_builder_close(builder_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "SparseBuilder",
                       {InstanceMethod<&SparseBuilderObject::open>("open"), InstanceMethod<&SparseBuilderObject::close>("close"),
                        InstanceMethod<&SparseBuilderObject::append>("append"),
                        InstanceMethod<&SparseBuilderObject::finish>("finish")});
  }

 private:
  // (weights)
  Napi::Value open(const Napi::CallbackInfo &info) {
    uint32_t weights;
    if (builder_ != nullptr || !read_uint32(info[0], &weights)) return give_status(info, ELANUS_INVALID);
    return give_status(info, elanus_sparse_builder_open(weights, &builder_));
  }

  void close(const Napi::CallbackInfo &) {
    elanus_sparse_builder_close(builder_);
    builder_ = nullptr;
  }

  // (indptr, indices, values, lengths: Uint32Array | undefined)
  Napi::Value append(const Napi::CallbackInfo &info) {
    CsrViews rows;
    View<uint32_t> lengths = {};
    if (!rows.read(info, 0)) return give_status(info, ELANUS_INVALID);
    const bool has_lengths = !info[3].IsUndefined();
    if (has_lengths && (!read_view(info[3], napi_uint32_array, &lengths) || lengths.length < rows.count)) return give_status(info, ELANUS_INVALID);
    // An empty array has no address.
    static const uint32_t none = 0;
    const uint32_t *row_lengths = !has_lengths ? nullptr : rows.count > 0 ? lengths.data : &none;
    return give_status(info, elanus_sparse_builder_append(builder_, rows.indptr.data, rows.count, rows.indices.data, rows.values.data, row_lengths));
  }

  // (sha256: Uint8Array of 32): a copy of the file, or a status.
  Napi::Value finish(const Napi::CallbackInfo &info) {
    View<uint8_t> sha256;
    if (!read_bytes(info[0], &sha256) || sha256.length != 32) return give_status(info, ELANUS_INVALID);
    const uint8_t *bytes;
    size_t size_bytes;
    const elanus_status status = elanus_sparse_builder_finish(builder_, sha256.data, &bytes, &size_bytes);
    if (status != ELANUS_OK) return give_status(info, status);
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(info.Env(), size_bytes);
    memcpy(copy.Data(), bytes, size_bytes);
    return Napi::Uint8Array::New(info.Env(), size_bytes, copy, 0);
  }

  elanus_sparse_builder *builder_ = nullptr;
};

class SparseObject : public Napi::ObjectWrap<SparseObject> {
 public:
  explicit SparseObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~SparseObject() override { elanus_sparse_close(index_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Sparse",
                       {InstanceMethod<&SparseObject::open>("open"), InstanceMethod<&SparseObject::close>("close"),
                        InstanceMethod<&SparseObject::size>("size"), InstanceMethod<&SparseObject::weights>("weights"),
                        InstanceMethod<&SparseObject::search>("search"), InstanceMethod<&SparseObject::having>("having"),
                        InstanceMethod<&SparseObject::totals>("totals"),
                        InstanceMethod<&SparseObject::cost>("cost"), InstanceMethod<&SparseObject::bytes>("bytes")});
  }

 private:
  // (bytes: Uint8Array)
  Napi::Value open(const Napi::CallbackInfo &info) {
    View<uint8_t> bytes;
    if (index_ != nullptr || !read_bytes(info[0], &bytes)) return give_status(info, ELANUS_INVALID);
    // The core asks for an alignment that JavaScript does not promise.
    void *aligned = elanus_alloc(bytes.length > 0 ? bytes.length : 1);
    if (aligned == nullptr) return give_status(info, ELANUS_NO_MEMORY);
    if (bytes.length > 0) memcpy(aligned, bytes.data, bytes.length);
    const elanus_status status = elanus_sparse_open(static_cast<uint8_t *>(aligned), bytes.length, &index_);
    elanus_free(aligned);
    return give_status(info, status);
  }

  void close(const Napi::CallbackInfo &) {
    elanus_sparse_close(index_);
    index_ = nullptr;
  }

  Napi::Value size(const Napi::CallbackInfo &info) { return Napi::Number::New(info.Env(), elanus_sparse_size(index_)); }

  Napi::Value weights(const Napi::CallbackInfo &info) { return Napi::Number::New(info.Env(), elanus_sparse_weights_of(index_)); }

  // (indptr, indices, values, k, dropRatio, bm25: Float32Array | undefined, alive: Uint8Array | undefined, range: Float32Array
  // | undefined, counts, rows, scores)
  Napi::Value search(const Napi::CallbackInfo &info) {
    CsrViews queries;
    Answers answers;
    uint32_t k;
    float drop_ratio;
    const uint8_t *alive;
    elanus_range bounds;
    const elanus_range *range;
    elanus_bm25 scoring;
    const elanus_bm25 *bm25;
    if (!queries.read(info, 0) || !read_uint32(info[3], &k) || !read_float(info[4], &drop_ratio) ||
        !read_bm25(info[5], &scoring, &bm25) || !read_alive(info[6], elanus_sparse_size(index_), &alive) ||
        !read_range(info[7], &bounds, &range) || !answers.read(info, 8, queries.count, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_sparse_search(index_, queries.indptr.data, queries.count, queries.indices.data,
                                                  queries.values.data, k, drop_ratio, bm25, alive, range,
                                                  answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (terms: Uint32Array, alive: Uint8Array | undefined, having: Uint32Array)
  Napi::Value having(const Napi::CallbackInfo &info) {
    View<uint32_t> terms, having;
    const uint8_t *alive;
    if (!read_view(info[0], napi_uint32_array, &terms) || !read_alive(info[1], elanus_sparse_size(index_), &alive) ||
        !read_view(info[2], napi_uint32_array, &having) || having.length < terms.length || terms.length > UINT32_MAX) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_sparse_having(index_, terms.data, static_cast<uint32_t>(terms.length), alive, having.data));
  }

  // (alive: Uint8Array | undefined, totals: BigUint64Array of 2)
  Napi::Value totals(const Napi::CallbackInfo &info) {
    const uint8_t *alive;
    View<uint64_t> totals;
    if (!read_alive(info[0], elanus_sparse_size(index_), &alive) || !read_view(info[1], napi_biguint64_array, &totals) ||
        totals.length < 2) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_sparse_totals(index_, alive, totals.data));
  }

  // (cost: BigUint64Array of 2)
  Napi::Value cost(const Napi::CallbackInfo &info) {
    View<uint64_t> cost;
    if (index_ == nullptr || !read_view(info[0], napi_biguint64_array, &cost) || cost.length < 2) return give_status(info, ELANUS_INVALID);
    elanus_sparse_cost(index_, cost.data);
    return give_status(info, ELANUS_OK);
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_sparse_bytes(index_)));
  }

  elanus_sparse *index_ = nullptr;
};
