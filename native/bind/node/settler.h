// Settler: promises of one environment that other threads keep. While one is open the process stays alive.
#pragma once

#include <memory>

#include <napi.h>

// Work whose result a promise is for. It is made, asked for its result and, as a rule, freed in the JavaScript thread.
class Job {
 public:
  Job() = default;
  virtual ~Job() = default;
  Job(const Job &) = delete;
  Job &operator=(const Job &) = delete;

  // NULL if Node refuses, as it does once its thread is being ended: this uses what gives a status, not what throws.
  virtual napi_value result(napi_env env) = 0;

 private:
  friend class Settler;
  napi_deferred deferred_ = nullptr;
};

// A number, or NULL.
inline napi_value number_or_null(napi_env env, int32_t number) {
  napi_value value = nullptr;
  return napi_create_int32(env, number, &value) == napi_ok ? value : nullptr;
}

class Settler {
 public:
  // Gives whether Node had what it takes. REQUIRES: in the JavaScript thread, as everything but settle().
  bool open(Napi::Env env) {
    const Napi::String name = Napi::String::New(env, "elanus");
    if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, finish, &calls_) != napi_ok) {
      return false;
    }
    return napi_unref_threadsafe_function(env, calls_) == napi_ok;
  }

  // The promise that `job` will be settled for.
  Napi::Value promise(Napi::Env env, Job *job) {
    napi_value promise = nullptr;
    if (napi_create_promise(env, &job->deferred_, &promise) != napi_ok) return env.Undefined();
    if (open_++ == 0) napi_ref_threadsafe_function(env, calls_);
    return Napi::Value(env, promise);
  }
  // In any thread: the job is done.
  void settle(std::shared_ptr<Job> job) {
    auto *held = new std::shared_ptr<Job>(std::move(job));
    if (napi_call_threadsafe_function(calls_, held, napi_tsfn_nonblocking) != napi_ok) delete held;
  }

 private:
  static void finish(napi_env env, napi_value, void *settler, void *data) {
    const std::unique_ptr<std::shared_ptr<Job>> held(static_cast<std::shared_ptr<Job> *>(data));
    // The environment is being torn down: nobody waits any more.
    if (env == nullptr) return;
    auto *own = static_cast<Settler *>(settler);
    if (--own->open_ == 0) napi_unref_threadsafe_function(env, own->calls_);
    Job &job = **held;
    const napi_value result = job.result(env);
    if (result != nullptr) napi_resolve_deferred(env, job.deferred_, result);
  }

  napi_threadsafe_function calls_ = nullptr;
  uint32_t open_ = 0;
};
