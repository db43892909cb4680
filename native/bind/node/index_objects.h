// BuilderObject, IndexObject, SearcherObject: approximate indexes as JavaScript objects. What one of them needs of
// another it holds on to: in whatever order they are closed, nothing is freed while it is used.
#pragma once

#include <string.h>

#include "flat_object.h"
#include "open_job.h"

// Classes of this addon in one environment, to tell their objects from others.
struct Classes {
  Napi::FunctionReference flat, index;
  Threads threads;
};

template <class Object>
Object *unwrap(const Napi::Value &value, const Napi::FunctionReference &type) {
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(type.Value())) return nullptr;
  return Object::Unwrap(value.As<Napi::Object>());
}

inline Napi::Value copy_bytes(Napi::Env env, const uint8_t *bytes, size_t size_bytes) {
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, size_bytes);
  memcpy(copy.Data(), bytes, size_bytes);
  return Napi::Uint8Array::New(env, size_bytes, copy, 0);
}

class BuilderObject : public Napi::ObjectWrap<BuilderObject> {
 public:
  explicit BuilderObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

  static Napi::Function define(Napi::Env env, Classes *classes) {
    return DefineClass(env, "Builder",
                       {InstanceMethod<&BuilderObject::open>("open", napi_default, classes),
                        InstanceMethod<&BuilderObject::close>("close"), InstanceMethod<&BuilderObject::step>("step"),
                        InstanceMethod<&BuilderObject::run>("run", napi_default, classes),
                        InstanceMethod<&BuilderObject::write>("write"), InstanceMethod<&BuilderObject::bytes>("bytes")});
  }

 private:
  // (rows: Flat, kind, lists, seed, sha256: Uint8Array of 32, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    FlatObject *flat = unwrap<FlatObject>(info[0], static_cast<Classes *>(info.Data())->flat);
    uint32_t kernels;
    elanus_build_options options = {};
    View<uint8_t> sha256;
    if (build_ != nullptr || flat == nullptr || flat->handle() == nullptr || !read_uint32(info[1], &options.kind) ||
        !read_uint32(info[2], &options.lists) || !read_uint32(info[3], &options.seed) || !read_bytes(info[4], &sha256) ||
        sha256.length != sizeof(options.rows_sha256) || !read_uint32(info[5], &kernels)) {
      return give_status(info, ELANUS_INVALID);
    }
    memcpy(options.rows_sha256, sha256.data, sizeof(options.rows_sha256));
    elanus_builder *builder = nullptr;
    const elanus_status status = elanus_builder_open(flat->handle().get(), &options, kernels, &builder);
    if (status == ELANUS_OK) build_ = std::make_shared<Build>(builder, flat->handle(), flat->readers());
    return give_status(info, status);
  }

  // A build that is running is cancelled, and frees itself.
  void close(const Napi::CallbackInfo &) { cancel(); }

  void cancel() {
    if (build_ != nullptr) build_->cancelled = true;
    build_.reset();
  }

  // NULL while other threads build.
  elanus_builder *builder() const { return build_ == nullptr || build_->busy ? nullptr : build_->builder; }

  // (threads): a status, or a promise as BuildJob keeps it; instead of steps.
  Napi::Value run(const Napi::CallbackInfo &info) {
    uint32_t threads;
    if (builder() == nullptr || !read_uint32(info[0], &threads) || threads == 0 || threads > ELANUS_WORKERS_MAX) {
      return give_status(info, ELANUS_INVALID);
    }
    return static_cast<Classes *>(info.Data())->threads.build(info.Env(), build_, threads);
  }

  // (pairs, done: Uint32Array of 1)
  Napi::Value step(const Napi::CallbackInfo &info) {
    uint32_t pairs;
    View<uint32_t> done;
    if (!read_uint32(info[0], &pairs) || !read_view(info[1], napi_uint32_array, &done) || done.length < 1) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_builder_step(builder(), pairs, done.data));
  }

  // (kind, calibration: Uint8Array | undefined)
  Napi::Value write(const Napi::CallbackInfo &info) {
    uint32_t kind;
    View<uint8_t> calibration;
    if (!read_uint32(info[0], &kind) || (!info[1].IsUndefined() && !read_bytes(info[1], &calibration)) ||
        calibration.length > ELANUS_CALIBRATION_MAX) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_builder_write(builder(), kind, calibration.data, static_cast<uint32_t>(calibration.length)));
  }

  // A copy of the file; undefined before write.
  Napi::Value bytes(const Napi::CallbackInfo &info) {
    const uint8_t *bytes;
    size_t size_bytes;
    if (elanus_builder_bytes(builder(), &bytes, &size_bytes) != ELANUS_OK) return info.Env().Undefined();
    return copy_bytes(info.Env(), bytes, size_bytes);
  }

  std::shared_ptr<Build> build_;
};

class IndexObject : public Napi::ObjectWrap<IndexObject>, public OpenJob::Owner {
 public:
  explicit IndexObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

  static Napi::Function define(Napi::Env env, Threads *threads) {
    return DefineClass(env, "Index",
                       {InstanceMethod<&IndexObject::open>("open"), InstanceMethod<&IndexObject::close>("close"),
                        InstanceMethod<&IndexObject::open_async>("openAsync", napi_default, threads),
                        InstanceMethod<&IndexObject::info>("info"),
                        InstanceMethod<&IndexObject::calibration>("calibration"),
                        InstanceMethod<&IndexObject::bytes>("bytes")});
  }

  const std::shared_ptr<elanus_index> &handle() const { return index_; }

 private:
  // (bytes: Uint8Array, flags, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    View<uint8_t> bytes;
    uint32_t flags, kernels;
    if (!read_opening(info, &bytes, &flags, &kernels)) return give_status(info, ELANUS_INVALID);
    elanus_index *index = nullptr;
    const elanus_status status = open_index(bytes, flags, kernels, &index);
    if (status == ELANUS_OK) index_.reset(index, elanus_index_close);
    return give_status(info, status);
  }

  // The same in another thread: a status, or a promise of one. Until then the bytes must not change.
  Napi::Value open_async(const Napi::CallbackInfo &info) {
    auto *threads = static_cast<Threads *>(info.Data());
    View<uint8_t> bytes;
    uint32_t flags, kernels;
    if (!read_opening(info, &bytes, &flags, &kernels)) return give_status(info, ELANUS_INVALID);
    opening_ = true;
    const auto job = std::make_shared<OpenJob>(&threads->settler, this, bytes, flags, kernels);
    return OpenJob::start(info.Env(), job, &threads->pool, info.This(), info[0]);
  }

  bool read_opening(const Napi::CallbackInfo &info, View<uint8_t> *bytes, uint32_t *flags, uint32_t *kernels) {
    return index_ == nullptr && !opening_ && read_bytes(info[0], bytes) && read_uint32(info[1], flags) && read_uint32(info[2], kernels);
  }

  void opened(std::shared_ptr<elanus_index> index) override {
    index_ = std::move(index);
    opening_ = false;
  }

  void close(const Napi::CallbackInfo &) { index_.reset(); }

  // (out: Uint32Array of 6): kind, stage, lists, rows, dim, metric
  Napi::Value info(const Napi::CallbackInfo &info) {
    View<uint32_t> out;
    elanus_index_about about;
    if (!read_view(info[0], napi_uint32_array, &out) || out.length < 6) return give_status(info, ELANUS_INVALID);
    const elanus_status status = elanus_index_info(index_.get(), &about);
    if (status != ELANUS_OK) return give_status(info, status);
    const uint32_t numbers[] = {about.kind, about.stage, about.lists, about.rows, about.dim, about.metric};
    memcpy(out.data, numbers, sizeof(numbers));
    return give_status(info, ELANUS_OK);
  }

  // A copy; undefined if there is none.
  Napi::Value calibration(const Napi::CallbackInfo &info) {
    const uint8_t *bytes;
    size_t size_bytes;
    if (elanus_index_calibration(index_.get(), &bytes, &size_bytes) != ELANUS_OK || size_bytes == 0) return info.Env().Undefined();
    return copy_bytes(info.Env(), bytes, size_bytes);
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_index_bytes(index_.get())));
  }

  std::shared_ptr<elanus_index> index_;
  bool opening_ = false;
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
                        InstanceMethod<&SearcherObject::search_async>("searchAsync", napi_default, classes),
                        InstanceMethod<&SearcherObject::search_rows>("searchRows"), InstanceMethod<&SearcherObject::cost>("cost")});
  }

 private:
  // (index: Index, rows: Flat | undefined, effortMax)
  Napi::Value open(const Napi::CallbackInfo &info) {
    const Classes *classes = static_cast<Classes *>(info.Data());
    IndexObject *index = unwrap<IndexObject>(info[0], classes->index);
    FlatObject *flat = unwrap<FlatObject>(info[1], classes->flat);
    uint32_t effort_max;
    const bool has_rows = !info[1].IsUndefined();
    elanus_index_about about;
    if (searcher_ != nullptr || index == nullptr || (has_rows && (flat == nullptr || flat->handle() == nullptr)) ||
        !read_uint32(info[2], &effort_max) || elanus_index_info(index->handle().get(), &about) != ELANUS_OK) {
      return give_status(info, ELANUS_INVALID);
    }
    index_ = index->handle();
    if (has_rows) {
      rows_ = flat->handle();
      readers_ = flat->readers();
    }
    searchers_ = std::make_shared<SearcherSet>(index_, rows_, effort_max);
    dim_ = about.dim;
    size_ = about.rows;
    return give_status(info, elanus_searcher_open(index_.get(), rows_.get(), effort_max, &searcher_));
  }

  void close(const Napi::CallbackInfo &) {
    elanus_searcher_close(searcher_);
    searcher_ = nullptr;
    searchers_.reset();
    index_.reset();
    rows_.reset();
    readers_.reset();
  }

  // (queries: Float32Array, room: Uint32Array, alive: Uint8Array | undefined). Of the room the first kRequestWords words are
  // the request: k, effort, keep, rerank, and patience as a float; behind them come counts, rows, scores and, without rows,
  // errors as floats. Each array that crosses the border costs as much as a tenth of a small search.
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<float> queries;
    View<uint32_t> room;
    uint32_t query_count;
    const uint8_t *alive;
    if (searcher_ == nullptr || !read_floats(info[0], &queries) || !read_view(info[1], napi_uint32_array, &room) ||
        room.length < kRequestWords || !read_alive(info[2], size_, &alive) || !whole_rows(queries.length, dim_, &query_count)) {
      return give_status(info, ELANUS_INVALID);
    }
    elanus_request request = {room.data[0], room.data[1], room.data[2], room.data[3], 0};
    memcpy(&request.patience, room.data + 4, sizeof(float));
    const uint64_t places = uint64_t(query_count) * request.k;
    const size_t left = room.length - kRequestWords;
    if (left < query_count || (left - query_count) / (rows_ == nullptr ? 3 : 2) < places) return give_status(info, ELANUS_INVALID);
    uint32_t *counts = room.data + kRequestWords, *rows = counts + query_count;
    float *scores = reinterpret_cast<float *>(rows + places);
    if (rows_ == nullptr) {
      return give_status(info, elanus_searcher_estimate(searcher_, queries.data, query_count, &request, alive, counts, rows,
                                                        scores, scores + places));
    }
    return give_status(info, elanus_searcher_search(searcher_, queries.data, query_count, &request, alive, counts, rows, scores));
  }

  // (queries: Float32Array, k, effort, keep, rerank, patience, alive: Uint8Array | undefined, threads): a status, or a
  // promise as SearchJob keeps it.
  Napi::Value search_async(const Napi::CallbackInfo &info) {
    auto &threads = static_cast<Classes *>(info.Data())->threads;
    View<float> queries;
    elanus_request request;
    uint32_t query_count, thread_count;
    const uint8_t *alive;
    if (searcher_ == nullptr || !read_floats(info[0], &queries) || !read_request(info, &request) || request.k == 0 ||
        request.k > ELANUS_K_MAX || !read_alive(info[6], size_, &alive) || !read_uint32(info[7], &thread_count) ||
        thread_count == 0 || !whole_rows(queries.length, dim_, &query_count)) {
      return give_status(info, ELANUS_INVALID);
    }
    const Searched searched = {queries.data, query_count, dim_, request.k, alive, bitset_bytes(size_)};
    const auto job = std::make_shared<IndexSearchJob>(&threads.settler, searched, searchers_, readers_, request);
    return SearchJob::start(info.Env(), job, &threads.pool, thread_count, IndexSearchJob::kPortionMax);
  }

  // (selves: Uint32Array, k, effort, keep, rerank, patience, counts, rows, scores)
  Napi::Value search_rows(const Napi::CallbackInfo &info) {
    View<uint32_t> selves;
    Answers answers;
    elanus_request request;
    if (searcher_ == nullptr || !read_view(info[0], napi_uint32_array, &selves) || selves.length > UINT32_MAX ||
        !read_request(info, &request) || !answers.read(info, 6, selves.length, request.k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_searcher_search_rows(searcher_, selves.data, static_cast<uint32_t>(selves.length), &request,
                                                         answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (cost: BigUint64Array of 6): hops, scored, scanned, lists, reranked, scans
  Napi::Value cost(const Napi::CallbackInfo &info) {
    View<uint64_t> out;
    elanus_cost cost = {};
    if (!read_view(info[0], napi_biguint64_array, &out) || out.length < 6) return give_status(info, ELANUS_INVALID);
    elanus_searcher_cost(searcher_, &cost);
    if (searchers_ != nullptr) searchers_->add_cost(&cost);
    const uint64_t numbers[] = {cost.hops, cost.scored, cost.scanned, cost.lists, cost.reranked, cost.scans};
    memcpy(out.data, numbers, sizeof(numbers));
    return give_status(info, ELANUS_OK);
  }

  // Arguments 1 to 5: k, effort, keep, rerank, patience.
  static bool read_request(const Napi::CallbackInfo &info, elanus_request *out) {
    double patience;
    if (napi_get_value_double(info.Env(), info[5], &patience) != napi_ok) return false;
    out->patience = static_cast<float>(patience);
    return read_uint32(info[1], &out->k) && read_uint32(info[2], &out->effort) && read_uint32(info[3], &out->keep) &&
           read_uint32(info[4], &out->rerank);
  }

  static constexpr size_t kRequestWords = 8;

  elanus_searcher *searcher_ = nullptr;
  std::shared_ptr<SearcherSet> searchers_;  // of other threads
  std::shared_ptr<elanus_index> index_;
  std::shared_ptr<elanus_flat> rows_;
  std::shared_ptr<FlatReaders> readers_;
  uint32_t dim_ = 1;
  uint32_t size_ = 0;
};

// (head: Uint8Array, stage, bytes: BigUint64Array of 1, more: Uint32Array of 1)
inline Napi::Value index_extent(const Napi::CallbackInfo &info) {
  View<uint8_t> head;
  View<uint64_t> bytes;
  View<uint32_t> more;
  uint32_t stage;
  if (!read_bytes(info[0], &head) || !read_uint32(info[1], &stage) || !read_view(info[2], napi_biguint64_array, &bytes) ||
      bytes.length < 1 || !read_view(info[3], napi_uint32_array, &more) || more.length < 1) {
    return give_status(info, ELANUS_INVALID);
  }
  return give_status(info, elanus_index_extent(head.data, head.length, stage, bytes.data, more.data));
}
