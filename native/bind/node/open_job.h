// OpenJob: an index file that a thread of the pool opens: it is checked and copied as a whole, some tens of milliseconds
// for 50 MB. Until it has ended it holds on to the bytes, which must not change, and to the object that they become.
#pragma once

#include <string.h>

#include "elanus.h"
#include "pool.h"
#include "settler.h"
#include "views.h"

// Opens an index file at any alignment.
inline elanus_status open_index(const View<uint8_t> &bytes, uint32_t flags, uint32_t kernels, elanus_index **out) {
  constexpr uintptr_t kAlignment = 64;
  if (bytes.length > 0 && reinterpret_cast<uintptr_t>(bytes.data) % kAlignment == 0) return elanus_index_open(bytes.data, bytes.length, flags, kernels, out);
  // The core asks for an alignment that JavaScript does not promise.
  void *aligned = elanus_alloc(bytes.length > 0 ? bytes.length : 1);
  if (aligned == nullptr) return ELANUS_NO_MEMORY;
  memcpy(aligned, bytes.data, bytes.length);
  const elanus_status status = elanus_index_open(static_cast<uint8_t *>(aligned), bytes.length, flags, kernels, out);
  elanus_free(aligned);
  return status;
}

class OpenJob : public Job, public PoolJob, public std::enable_shared_from_this<OpenJob> {
 public:
  // Told of the end in the JavaScript thread; `index` is NULL unless it was opened.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void opened(std::shared_ptr<elanus_index> index) = 0;
  };

  OpenJob(Settler *settler, Owner *owner, const View<uint8_t> &bytes, uint32_t flags, uint32_t kernels)
      : settler_(settler), owner_(owner), bytes_(bytes), flags_(flags), kernels_(kernels) {}

  // A promise of the status. `self` and `bytes` are the objects of the owner and of what it opens.
  static Napi::Value start(Napi::Env env, const std::shared_ptr<OpenJob> &job, Pool *pool, napi_value self, napi_value bytes) {
    if (napi_create_reference(env, self, 1, &job->self_) != napi_ok || napi_create_reference(env, bytes, 1, &job->held_) != napi_ok) {
      job->owner_->opened(nullptr);
      return Napi::Number::New(env, ELANUS_NO_MEMORY);
    }
    const Napi::Value promise = job->settler_->promise(env, job.get());
    if (pool->staff(kThreadsMin) > 0) pool->push(job, 1);
    else job->work();
    return promise;
  }

  bool work() override {
    elanus_index *index = nullptr;
    status_ = open_index(bytes_, flags_, kernels_, &index);
    if (status_ == ELANUS_OK) index_.reset(index, elanus_index_close);
    settler_->settle(shared_from_this());
    return false;
  }

  napi_value result(napi_env env) override {
    owner_->opened(std::move(index_));
    napi_delete_reference(env, held_);
    napi_delete_reference(env, self_);
    return number_or_null(env, status_);
  }

 private:
  // So that two segments are opened at once.
  static constexpr uint32_t kThreadsMin = 2;

  Settler *const settler_;
  Owner *const owner_;
  const View<uint8_t> bytes_;
  const uint32_t flags_, kernels_;
  napi_ref self_ = nullptr, held_ = nullptr;
  elanus_status status_ = ELANUS_OK;
  std::shared_ptr<elanus_index> index_;
};
