// Addon: elanus.h for Node. It exports { abiVersion, kernels, Flat, Codes, Builder, Index, Searcher, indexExtent,
// rank, SparseBuilder, Sparse, crc32, crc32c, crc32Rows, trim }; each method of these but trim is one function of elanus.h and returns its status. It keeps no state but
// an environment's own classes, so every thread may load it. JavaScript is not trusted: what is not of the right type and
// length is ELANUS_INVALID, and V8 itself refuses a method called on an object of another class.
#include "checksums.h"
#include "codes_object.h"
#include "index_objects.h"
#include "sparse_objects.h"

namespace {

void trim(const Napi::CallbackInfo &info) { static_cast<Classes *>(info.Data())->threads.trimmer.trim(); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  Napi::Array kernels = Napi::Array::New(env);
  for (uint32_t i = 0; elanus_kernels_name(i) != nullptr; i++) kernels.Set(i, elanus_kernels_name(i));
  auto *classes = new Classes;
  // The settler's own hook, which is added first, runs last: when threads end it is still there to be told.
  const bool opened = classes->threads.settler.open(env);
  env.AddCleanupHook([](Classes *ours) { delete ours; }, classes);
  if (!opened) return exports;
  Napi::Function flat = FlatObject::define(env, &classes->threads);
  Napi::Function index = IndexObject::define(env, &classes->threads);
  classes->flat = Napi::Persistent(flat);
  classes->index = Napi::Persistent(index);
  exports.Set("abiVersion", Napi::Number::New(env, elanus_abi_version()));
  exports.Set("kernels", kernels);
  exports.Set("Flat", flat);
  exports.Set("Index", index);
  exports.Set("Builder", BuilderObject::define(env, classes));
  exports.Set("Searcher", SearcherObject::define(env, classes));
  exports.Set("indexExtent", Napi::Function::New<index_extent>(env, "indexExtent"));
  exports.Set("rank", Napi::Function::New<rank>(env, "rank"));
  exports.Set("crc32", Napi::Function::New<checksum<elanus_crc32>>(env, "crc32"));
  exports.Set("crc32c", Napi::Function::New<checksum<elanus_crc32c>>(env, "crc32c"));
  exports.Set("crc32Rows", Napi::Function::New<row_checksums>(env, "crc32Rows"));
  exports.Set("trim", Napi::Function::New<trim>(env, "trim", classes));
  exports.Set("Codes", CodesObject::define(env, classes));
  exports.Set("SparseBuilder", SparseBuilderObject::define(env));
  exports.Set("Sparse", SparseObject::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(elanus, init)
