// FlatObject: a flat index as a JavaScript object. Others may hold on to the index, so closing only lets go of it.
#pragma once

#include <memory>

#include "threads.h"
#include "views.h"

// The typed array that holds values of an element; any where the core takes no such element.
inline napi_typedarray_type array_of(elanus_element element) {
  switch (element) {
    case ELANUS_BINARY_VECTOR: return napi_uint8_array;
    case ELANUS_INT8_VECTOR: return napi_int8_array;
    case ELANUS_FLOAT_VECTOR: return napi_float32_array;
    default: return napi_uint16_array;
  }
}

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
  // (dim, metric, element, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    uint32_t dim, metric, element, kernels;
    if (flat_ != nullptr || !read_uint32(info[0], &dim) || !read_uint32(info[1], &metric) ||
        !read_uint32(info[2], &element) || !read_uint32(info[3], &kernels)) {
      return give_status(info, ELANUS_INVALID);
    }
    elanus_flat *flat = nullptr;
    const elanus_status opened = elanus_flat_open(dim, metric, element, kernels, &flat);
    if (opened == ELANUS_OK) {
      const bool is_binary = element == ELANUS_BINARY_VECTOR;
      flat_.reset(flat, elanus_flat_close);
      dim_ = dim;
      width_ = is_binary ? dim / 8 : dim;
      rows_type_ = array_of(element);
      queries_type_ = is_binary ? napi_uint8_array : napi_float32_array;
    }
    return give_status(info, opened);
  }

  void close(const Napi::CallbackInfo &) { flat_.reset(); }

  // (vectors: the element's array)
  Napi::Value append(const Napi::CallbackInfo &info) {
    View<void> vectors;
    uint32_t count;
    if (flat_ == nullptr || !read_view(info[0], rows_type_, &vectors) || !whole_rows(vectors.length, width_, &count)) {
      return give_status(info, ELANUS_INVALID);
    }
    if (readers_->builds > 0) return give_status(info, ELANUS_INVALID);
    readers_->wait_for_none();
    return give_status(info, elanus_flat_append(flat_.get(), vectors.data, count));
  }

  // (first, out: the element's array), as many rows as `out` holds.
  Napi::Value read(const Napi::CallbackInfo &info) {
    uint32_t first, count;
    View<void> out;
    if (flat_ == nullptr || !read_uint32(info[0], &first) || !read_view(info[1], rows_type_, &out) ||
        !whole_rows(out.length, width_, &count)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_flat_read(flat_.get(), first, count, out.data));
  }

  // (queries: Float32Array, of bits Uint8Array, k, alive: Uint8Array | undefined, range: Float32Array | undefined,
  // counts, rows, scores)
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<void> queries;
    Answers answers;
    uint32_t k, query_count;
    const uint8_t *alive;
    elanus_range bounds;
    const elanus_range *range;
    if (flat_ == nullptr || !read_view(info[0], queries_type_, &queries) || !read_uint32(info[1], &k) ||
        !read_alive(info[2], elanus_flat_size(flat_.get()), &alive) || !read_range(info[3], &bounds, &range) ||
        !whole_rows(queries.length, width_, &query_count) || !answers.read(info, 4, query_count, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_flat_search(flat_.get(), queries.data, query_count, k, alive, range,
                                                answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (threads, queries: Float32Array, k, alive: Uint8Array | undefined): a status, or a promise as SearchJob keeps it.
  Napi::Value search_async(const Napi::CallbackInfo &info) {
    auto *threads = static_cast<Threads *>(info.Data());
    View<float> queries;
    uint32_t thread_count, k, query_count;
    const uint8_t *alive;
    const uint32_t size = elanus_flat_size(flat_.get());
    if (flat_ == nullptr || queries_type_ != napi_float32_array || !read_uint32(info[0], &thread_count) || thread_count == 0 || !read_floats(info[1], &queries) ||
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
  uint32_t width_ = 1;  // values of a row, and of a query
  napi_typedarray_type rows_type_ = napi_float32_array;
  napi_typedarray_type queries_type_ = napi_float32_array;
};

// (dim, metric, element, kernels, query: Float32Array, vectors: the element's array, positions: Uint32Array, scores). Fills
// `positions`, no longer than there are vectors, and so many of the scores.
inline Napi::Value rank(const Napi::CallbackInfo &info) {
  uint32_t dim, metric, element, kernels, count, found;
  View<float> query, scores;
  View<void> vectors;
  View<uint32_t> positions;
  if (!read_uint32(info[0], &dim) || !read_uint32(info[1], &metric) || !read_uint32(info[2], &element) ||
      !read_uint32(info[3], &kernels) || dim == 0 || !read_floats(info[4], &query) || query.length != dim ||
      !read_view(info[5], array_of(element), &vectors) || !whole_rows(vectors.length, dim, &count) ||
      !read_view(info[6], napi_uint32_array, &positions) || positions.length > count || !read_floats(info[7], &scores) ||
      scores.length < positions.length) {
    return give_status(info, ELANUS_INVALID);
  }
  return give_status(info, elanus_rank(dim, metric, element, kernels, query.data, vectors.data, count,
                                       static_cast<uint32_t>(positions.length), &found, positions.data, scores.data));
}
