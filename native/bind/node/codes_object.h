// CodesObject: codes of growing rows as a JavaScript object. It holds on to its rows: in whatever order the two are
// closed, nothing is freed while it is used.
#pragma once

#include "index_objects.h"

class CodesObject : public Napi::ObjectWrap<CodesObject> {
 public:
  explicit CodesObject(const Napi::CallbackInfo &info) : ObjectWrap(info) {}
  ~CodesObject() override { elanus_codes_close(codes_); }

  static Napi::Function define(Napi::Env env, Classes *classes) {
    return DefineClass(env, "Codes",
                       {InstanceMethod<&CodesObject::open>("open", napi_default, classes),
                        InstanceMethod<&CodesObject::close>("close"), InstanceMethod<&CodesObject::update>("update"),
                        InstanceMethod<&CodesObject::search>("search"), InstanceMethod<&CodesObject::recall>("recall"),
                        InstanceMethod<&CodesObject::cost>("cost"), InstanceMethod<&CodesObject::bytes>("bytes")});
  }

 private:
  // (rows: Flat, seed, kernels)
  Napi::Value open(const Napi::CallbackInfo &info) {
    FlatObject *flat = unwrap<FlatObject>(info[0], static_cast<Classes *>(info.Data())->flat);
    uint32_t seed, kernels;
    if (codes_ != nullptr || flat == nullptr || flat->handle() == nullptr || !read_uint32(info[1], &seed) ||
        !read_uint32(info[2], &kernels)) {
      return give_status(info, ELANUS_INVALID);
    }
    rows_ = flat->handle();
    dim_ = flat->dim();
    return give_status(info, elanus_codes_open(rows_.get(), seed, kernels, &codes_));
  }

  void close(const Napi::CallbackInfo &) {
    elanus_codes_close(codes_);
    codes_ = nullptr;
    rows_.reset();
  }

  // (rowsMax, left: Uint32Array of 1)
  Napi::Value update(const Napi::CallbackInfo &info) {
    uint32_t rows_max;
    View<uint32_t> left;
    if (!read_uint32(info[0], &rows_max) || !read_view(info[1], napi_uint32_array, &left) || left.length < 1) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_codes_update(codes_, rows_max, left.data));
  }

  // (queries: Float32Array, k, deviations, alive: Uint8Array | undefined, counts, rows, scores)
  Napi::Value search(const Napi::CallbackInfo &info) {
    View<float> queries;
    Answers answers;
    uint32_t k, query_count;
    double deviations;
    const uint8_t *alive;
    if (codes_ == nullptr || !read_floats(info[0], &queries) || !read_uint32(info[1], &k) ||
        napi_get_value_double(info.Env(), info[2], &deviations) != napi_ok ||
        !read_alive(info[3], elanus_flat_size(rows_.get()), &alive) ||
        !whole_rows(queries.length, dim_, &query_count) || !answers.read(info, 4, query_count, k)) {
      return give_status(info, ELANUS_INVALID);
    }
    return give_status(info, elanus_codes_search(codes_, queries.data, query_count, k, static_cast<float>(deviations), alive,
                                                 answers.counts.data, answers.rows.data, answers.scores.data));
  }

  // (deviations); 0 if that is no number.
  Napi::Value recall(const Napi::CallbackInfo &info) {
    double deviations;
    if (napi_get_value_double(info.Env(), info[0], &deviations) != napi_ok) deviations = 0;
    return Napi::Number::New(info.Env(), elanus_codes_recall(codes_, static_cast<float>(deviations)));
  }

  // (cost: BigUint64Array of 3)
  Napi::Value cost(const Napi::CallbackInfo &info) {
    View<uint64_t> cost;
    if (!read_view(info[0], napi_biguint64_array, &cost) || cost.length < 3) return give_status(info, ELANUS_INVALID);
    elanus_codes_cost(codes_, cost.data);
    return give_status(info, ELANUS_OK);
  }

  Napi::Value bytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(elanus_codes_bytes(codes_)));
  }

  elanus_codes *codes_ = nullptr;
  std::shared_ptr<elanus_flat> rows_;
  uint32_t dim_ = 1;
};
