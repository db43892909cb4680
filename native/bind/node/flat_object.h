// FlatObject: a flat index as a JavaScript object. Others may hold on to the index, so closing only lets go of it.
#pragma once

#include <memory>

#include "views.h"

class FlatObject : public Napi::ObjectWrap<FlatObject> {
 public:
  explicit FlatObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Flat",
                       {InstanceMethod<&FlatObject::open>("open"), InstanceMethod<&FlatObject::close>("close"),
                        InstanceMethod<&FlatObject::append>("append"), InstanceMethod<&FlatObject::read>("read"),
                        InstanceMethod<&FlatObject::search>("search"), InstanceMethod<&FlatObject::bytes>("bytes")});
  }

  // NULL before open() and after close().
  const std::shared_ptr<elanus_flat> &handle() const { return flat_; }
  uint32_t dim() const { return dim_; }

 private:
  // (dim, metric, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    uint32_t dim, metric, kernels;
    if (flat_ != nullptr || !read_uint32(info[0], &dim) || !read_uint32(info[1], &metric) ||
        !read_uint32(info[2], &kernels)) {
      return give_status(info, ELANUS_INVALID);
    }
    elanus_flat *flat = nullptr;
    const elanus_status opened = elanus_flat_open(dim, metric, kernels, &flat);
    if (opened == ELANUS_OK) {
      flat_.reset(flat, elanus_flat_close);
      dim_ = dim;
    }
    return give_status(info, opened);
  }

  void close(const Napi::CallbackInfo &) { flat_.reset(); }

  // (vectors: Float32Array)
  Napi::Value append(const Napi::CallbackInfo &info) {
    View<float> vectors;
    uint32_t count;
    if (flat_ == nullptr || !read_floats(info[0], &vectors) || !whole_rows(vectors.length, dim_, &count)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_flat_append(flat_.get(), vectors.data, count));
  }

  // (first, out: Float32Array), as many rows as `out` holds.
  Napi::Value read(const Napi::CallbackInfo &info) {
    uint32_t first, count;
    View<float> out;
    if (flat_ == nullptr || !read_uint32(info[0], &first) || !read_floats(info[1], &out) ||
        !whole_rows(out.length, dim_, &count)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_flat_read(flat_.get(), first, count, out.data));
  }

  // (queries: Float32Array, k, alive: Uint8Array | undefined, counts, rows, scores)
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<float> queries;
    Answers answers;
    uint32_t k, query_count;
    const uint8_t *alive;
    if (flat_ == nullptr || !read_floats(info[0], &queries) || !read_uint32(info[1], &k) ||
        !read_alive(info[2], elanus_flat_size(flat_.get()), &alive) ||
        !whole_rows(queries.length, dim_, &query_count) || !answers.read(info, 3, query_count, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_flat_search(flat_.get(), queries.data, query_count, k, alive, answers.counts.data,
                                                answers.rows.data, answers.scores.data));
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_flat_bytes(flat_.get())));
  }

  std::shared_ptr<elanus_flat> flat_;
  uint32_t dim_ = 1;
};
