// BuilderObject, IndexObject, SearcherObject: approximate indexes as JavaScript objects. What one of them needs of
// another it holds on to: in whatever order they are closed, nothing is freed while it is used.
#pragma once

#include <string.h>

#include "flat_object.h"

// Classes of this addon in one environment, to tell their objects from others.
struct Classes {
  Napi::FunctionReference flat, index;
};

template <class Object>
Object *unwrap(const Napi::Value &value, const Napi::FunctionReference &type) {
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(type.Value())) return nullptr;
  return Object::Unwrap(value.As<Napi::Object>());
}

class BuilderObject : public Napi::ObjectWrap<BuilderObject> {
 public:
  explicit BuilderObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~BuilderObject() override { elanus_builder_close(builder_); }

  static Napi::Function define(Napi::Env env, Classes *classes) {
    return DefineClass(env, "Builder",
                       {InstanceMethod<&BuilderObject::open>("open", napi_default, classes),
                        InstanceMethod<&BuilderObject::close>("close"), InstanceMethod<&BuilderObject::step>("step"),
                        InstanceMethod<&BuilderObject::bytes>("bytes")});
  }

 private:
  // (rows: Flat, kind, seed, sha256: Uint8Array of 32, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    FlatObject *flat = unwrap<FlatObject>(info[0], static_cast<Classes *>(info.Data())->flat);
    uint32_t kind, seed, kernels;
    View<uint8_t> sha256;
    if (builder_ != nullptr || flat == nullptr || flat->handle() == nullptr || !read_uint32(info[1], &kind) ||
        !read_uint32(info[2], &seed) || !read_bytes(info[3], &sha256) || sha256.length != 32 ||
        !read_uint32(info[4], &kernels)) {
      return give_status(info, ELANUS_INVALID);
    }
    rows_ = flat->handle();
    return give_status(info, elanus_builder_open(rows_.get(), kind, seed, sha256.data, kernels, &builder_));
  }

  void close(const Napi::CallbackInfo &) {
    elanus_builder_close(builder_);
    builder_ = nullptr;
    rows_.reset();
  }

  // (pairs, done: Uint32Array of 1)
  Napi::Value step(const Napi::CallbackInfo &info) {
    uint32_t pairs;
    View<uint32_t> done;
    if (!read_uint32(info[0], &pairs) || !read_view(info[1], napi_uint32_array, &done) || done.length < 1) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_builder_step(builder_, pairs, done.data));
  }

  // A copy of the file; undefined before the last step.
  Napi::Value bytes(const Napi::CallbackInfo &info) {
    const uint8_t *bytes;
    size_t size_bytes;
    if (elanus_builder_bytes(builder_, &bytes, &size_bytes) != ELANUS_OK) return info.Env().Undefined();
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(info.Env(), size_bytes);
    memcpy(copy.Data(), bytes, size_bytes);
    return Napi::Uint8Array::New(info.Env(), size_bytes, copy, 0);
  }

  elanus_builder *builder_ = nullptr;
  std::shared_ptr<elanus_flat> rows_;
};

class IndexObject : public Napi::ObjectWrap<IndexObject> {
 public:
  explicit IndexObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Index",
                       {InstanceMethod<&IndexObject::open>("open"), InstanceMethod<&IndexObject::close>("close"),
                        InstanceMethod<&IndexObject::bytes>("bytes")});
  }

  const std::shared_ptr<elanus_index> &handle() const { return index_; }

 private:
  // (bytes: Uint8Array, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    View<uint8_t> bytes;
    uint32_t kernels;
    if (index_ != nullptr || !read_bytes(info[0], &bytes) || !read_uint32(info[1], &kernels)) return give_status(info, ELANUS_INVALID);
    // The core asks for an alignment that JavaScript does not promise.
    void *aligned = elanus_alloc(bytes.length > 0 ? bytes.length : 1);
    if (aligned == nullptr) return give_status(info, ELANUS_NO_MEMORY);
    memcpy(aligned, bytes.data, bytes.length);
    elanus_index *index = nullptr;
    const elanus_status status = elanus_index_open(static_cast<uint8_t *>(aligned), bytes.length, kernels, &index);
    elanus_free(aligned);
    if (status == ELANUS_OK) index_.reset(index, elanus_index_close);
    return give_status(info, status);
  }

  void close(const Napi::CallbackInfo &) { index_.reset(); }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_index_bytes(index_.get())));
  }

  std::shared_ptr<elanus_index> index_;
};

class SearcherObject : public Napi::ObjectWrap<SearcherObject> {
 public:
  explicit SearcherObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~SearcherObject() override { elanus_searcher_close(searcher_); }

  static Napi::Function define(Napi::Env env, Classes *classes) {
    return DefineClass(env, "Searcher",
                       {InstanceMethod<&SearcherObject::open>("open", napi_default, classes),
                        InstanceMethod<&SearcherObject::close>("close"),
                        InstanceMethod<&SearcherObject::search>("search"),
                        InstanceMethod<&SearcherObject::search_rows>("searchRows"), InstanceMethod<&SearcherObject::cost>("cost")});
  }

 private:
  // (index: Index, rows: Flat, efMax)
  Napi::Value open(const Napi::CallbackInfo &info) {
    const Classes *classes = static_cast<Classes *>(info.Data());
    IndexObject *index = unwrap<IndexObject>(info[0], classes->index);
    FlatObject *flat = unwrap<FlatObject>(info[1], classes->flat);
    uint32_t ef_max;
    if (searcher_ != nullptr || index == nullptr || index->handle() == nullptr || flat == nullptr ||
        flat->handle() == nullptr || !read_uint32(info[2], &ef_max)) {
      return give_status(info, ELANUS_INVALID);
    }
    index_ = index->handle();
    rows_ = flat->handle();
    dim_ = flat->dim();
    return give_status(info, elanus_searcher_open(index_.get(), rows_.get(), ef_max, &searcher_));
  }

  void close(const Napi::CallbackInfo &) {
    elanus_searcher_close(searcher_);
    searcher_ = nullptr;
    index_.reset();
    rows_.reset();
  }

  // (queries: Float32Array, k, ef, rerank, alive: Uint8Array | undefined, counts, rows, scores)
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<float> queries;
    Answers answers;
    uint32_t k, ef, rerank, query_count;
    const uint8_t *alive;
    if (searcher_ == nullptr || !read_floats(info[0], &queries) || !read_uint32(info[1], &k) ||
        !read_uint32(info[2], &ef) || !read_uint32(info[3], &rerank) ||
        !read_alive(info[4], elanus_flat_size(rows_.get()), &alive) ||
        !whole_rows(queries.length, dim_, &query_count) || !answers.read(info, 5, query_count, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_searcher_search(searcher_, queries.data, query_count, k, ef, rerank, alive,
                                                    answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (selves: Uint32Array, k, ef, rerank, counts, rows, scores)
  Napi::Value search_rows(const Napi::CallbackInfo &info) {
    View<uint32_t> selves;
    Answers answers;
    uint32_t k, ef, rerank;
    if (searcher_ == nullptr || !read_view(info[0], napi_uint32_array, &selves) || selves.length > UINT32_MAX ||
        !read_uint32(info[1], &k) || !read_uint32(info[2], &ef) || !read_uint32(info[3], &rerank) ||
        !answers.read(info, 4, selves.length, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_searcher_search_rows(searcher_, selves.data, static_cast<uint32_t>(selves.length), k, ef,
                                                         rerank, answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (cost: BigUint64Array of 4)
  Napi::Value cost(const Napi::CallbackInfo &info) {
    View<uint64_t> cost;
    if (!read_view(info[0], napi_biguint64_array, &cost) || cost.length < 4) return give_status(info, ELANUS_INVALID);
    elanus_searcher_cost(searcher_, cost.data);
    return give_status(info, ELANUS_OK);
  }

  elanus_searcher *searcher_ = nullptr;
  std::shared_ptr<elanus_index> index_;
  std::shared_ptr<elanus_flat> rows_;
  uint32_t dim_ = 1;
};
