// BuildJob: builds an index in threads of its own, one of which plans the stages while the others wait. The promise that
// it keeps tells a status, or kCancelled.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "elanus.h"
#include "flat_readers.h"
#include "settler.h"
#include "thread.h"

constexpr int32_t kCancelled = -1;

// A builder, which whoever closes it may have to leave to a job that is still at work.
struct Build {
  Build(elanus_builder *opened, std::shared_ptr<elanus_flat> of, std::shared_ptr<FlatReaders> reading)
      : builder(opened), rows(std::move(of)), readers(std::move(reading)) {}
  ~Build() { elanus_builder_close(builder); }
  Build(const Build &) = delete;
  Build &operator=(const Build &) = delete;

  elanus_builder *const builder;
  const std::shared_ptr<elanus_flat> rows;
  const std::shared_ptr<FlatReaders> readers;
  std::atomic<bool> cancelled = false;
  bool busy = false;  // a job has it; for the JavaScript thread
};

class BuildJob : public Job, public std::enable_shared_from_this<BuildJob> {
 public:
  BuildJob(Settler *settler, std::shared_ptr<Build> build, uint32_t workers)
      : settler_(settler), build_(std::move(build)), workers_(workers) {
    build_->busy = true;
    build_->readers->builds++;
  }

  // False if the system gives no thread.
  bool start() {
    self_ = shared_from_this();
    const bool started = planner_.start([](void *self) -> void * {
      static_cast<BuildJob *>(self)->plan();
      return nullptr;
    }, this);
    if (!started) end(ELANUS_NO_MEMORY);
    return started;
  }
  void cancel() { build_->cancelled = true; }
  // Waits for its threads. REQUIRES: in the JavaScript thread.
  void join() { planner_.join(); }

  napi_value result(napi_env env) override {
    join();
    build_->busy = false;
    return number_or_null(env, status_);
  }

 private:
  struct Helper {
    BuildJob *job;
    uint32_t worker;
    Thread thread;
  };

  void plan() {
    hire();
    int32_t status = ELANUS_OK;
    for (uint32_t tasks = 1; status == ELANUS_OK;) {
      status = elanus_builder_plan(build_->builder, 1 + static_cast<uint32_t>(helpers_.size()), &tasks);
      if (status == ELANUS_OK && tasks == 0) break;
      if (status == ELANUS_OK) status = run_stage(tasks);
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    helpers_.clear();
    end(status);
  }

  void end(int32_t status) {
    status_ = status;
    build_->readers->builds--;
    settler_->settle(std::move(self_));
  }

  // As many helpers as the system gives.
  void hire() {
    for (uint32_t worker = 1; worker < workers_; worker++) {
      auto helper = std::make_unique<Helper>();
      helper->job = this;
      helper->worker = worker;
      if (!helper->thread.start([](void *self) -> void * {
            static_cast<Helper *>(self)->job->help(static_cast<Helper *>(self)->worker);
            return nullptr;
          }, helper.get())) {
        return;
      }
      helpers_.push_back(std::move(helper));
    }
  }

  // A stage that is one task is run here, and nobody is woken for it.
  int32_t run_stage(uint32_t tasks) {
    const bool shared = tasks > 1 && !helpers_.empty();
    next_ = 0;
    tasks_ = tasks;
    if (shared) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        stage_++;
        busy_ = static_cast<uint32_t>(helpers_.size());
      }
      wake_.notify_all();
    }
    run_tasks(0);
    if (shared) {
      std::unique_lock<std::mutex> lock(mutex_);
      idle_.wait(lock, [this] { return busy_ == 0; });
    }
    return build_->cancelled ? kCancelled : failure_.load();
  }

  void help(uint32_t worker) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (uint64_t seen = 0;;) {
      wake_.wait(lock, [&] { return stopped_ || stage_ != seen; });
      if (stopped_) return;
      seen = stage_;
      lock.unlock();
      run_tasks(worker);
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  void run_tasks(uint32_t worker) {
    for (uint32_t task = next_++; task < tasks_ && !build_->cancelled; task = next_++) {
      const elanus_status status = elanus_builder_work(build_->builder, worker, task);
      if (status == ELANUS_OK) continue;
      failure_ = status;
      return;
    }
  }

  Settler *const settler_;
  const std::shared_ptr<Build> build_;
  const uint32_t workers_;
  std::shared_ptr<Job> self_;  // until the end
  Thread planner_;
  std::vector<std::unique_ptr<Helper>> helpers_;
  int32_t status_ = ELANUS_OK;
  std::atomic<int32_t> failure_ = ELANUS_OK;
  std::atomic<uint32_t> next_ = 0, tasks_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  uint64_t stage_ = 0;
  uint32_t busy_ = 0;  // helpers
  bool stopped_ = false;
};
