// FlatObject: a flat index as a JavaScript object. Others may hold on to the index, so closing only lets go of it.
#pragma once

#include <memory>

#include "threads.h"
#include "views.h"

class FlatObject : public Napi::ObjectWrap<FlatObject> {
 public:
  explicit FlatObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

  static Napi::Function define(Napi::Env env, Threads *threads) {
    return DefineClass(env, "Flat",
                       {InstanceMethod<&FlatObject::open>("open"), InstanceMethod<&FlatObject::close>("close"),
                        InstanceMethod<&FlatObject::append>("append"), InstanceMethod<&FlatObject::read>("read"),
                        InstanceMethod<&FlatObject::search>("search"),
                        InstanceMethod<&FlatObject::search_async>("searchAsync", napi_default, threads),
                        InstanceMethod<&FlatObject::bytes>("bytes")});
  }

  // NULL before open() and after close().
  const std::shared_ptr<elanus_flat> &handle() const { return flat_; }
  const std::shared_ptr<FlatReaders> &readers() const { return readers_; }
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
    if (readers_->builds > 0) return give_status(info, ELANUS_INVALID);
    readers_->wait_for_none();
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

  // (threads, queries: Float32Array, k, alive: Uint8Array | undefined): a status, or a promise as SearchJob keeps it.
  Napi::Value search_async(const Napi::CallbackInfo &info) {
    auto *threads = static_cast<Threads *>(info.Data());
    View<float> queries;
    uint32_t thread_count, k, query_count;
    const uint8_t *alive;
    const uint32_t size = elanus_flat_size(flat_.get());
    if (flat_ == nullptr || !read_uint32(info[0], &thread_count) || thread_count == 0 || !read_floats(info[1], &queries) ||
        !read_uint32(info[2], &k) || k == 0 || k > ELANUS_K_MAX || !read_alive(info[3], size, &alive) ||
        !whole_rows(queries.length, dim_, &query_count)) {
      return give_status(info, ELANUS_INVALID);
    }
    const Searched searched = {queries.data, query_count, dim_, k, alive, bitset_bytes(size)};
    const auto job = std::make_shared<FlatSearchJob>(&threads->settler, searched, flat_, readers_);
    return SearchJob::start(info.Env(), job, &threads->pool, thread_count, FlatSearchJob::kPortionMax);
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_flat_bytes(flat_.get())));
  }

  std::shared_ptr<elanus_flat> flat_;
  const std::shared_ptr<FlatReaders> readers_ = std::make_shared<FlatReaders>();
  uint32_t dim_ = 1;
};
