// Settler: promises of one environment that other threads keep. While one is open the process stays alive.
#pragma once

#include <memory>

#include <napi.h>

// Work whose result a promise is for. It is made, asked for its result and, as a rule, freed in the JavaScript thread.
class Job {
 public:
  explicit Job(Napi::Env env) : deferred_(Napi::Promise::Deferred::New(env)) {}
  virtual ~Job() = default;
  Job(const Job &) = delete;
  Job &operator=(const Job &) = delete;

  virtual Napi::Value result(Napi::Env env) = 0;

 private:
  friend class Settler;
  Napi::Promise::Deferred deferred_;
};

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

  Napi::Promise promise(Napi::Env env, const Job &job) {
    if (open_++ == 0) napi_ref_threadsafe_function(env, calls_);
    return job.deferred_.Promise();
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
    job.deferred_.Resolve(job.result(Napi::Env(env)));
  }

  napi_threadsafe_function calls_ = nullptr;
  uint32_t open_ = 0;
};
