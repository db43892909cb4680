// Pool: the threads of one environment that search. They are its own and not libuv's: those are four, by default, and
// file access waits for them. Jobs take turns: a thread does a portion of the first in the queue, and what is left of it
// goes to the end, so that a single query does not wait for a batch.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "thread.h"

class PoolJob {
 public:
  virtual ~PoolJob() = default;
  // A portion of the work; true if there was more when it was taken.
  virtual bool work() = 0;
};

class Pool {
 public:
  static constexpr uint32_t kThreadsMax = 256;

  ~Pool() { stop(); }

  // Starts threads until there are `count`, or the system gives no more; gives how many there are.
  // REQUIRES: in the JavaScript thread, as push() and stop().
  uint32_t staff(uint32_t count) {
    if (count > kThreadsMax) count = kThreadsMax;
    while (threads_.size() < count) {
      auto thread = std::make_unique<Thread>();
      if (!thread->start([](void *self) -> void * {
            static_cast<Pool *>(self)->run();
            return nullptr;
          }, this)) {
        break;
      }
      threads_.push_back(std::move(thread));
    }
    return static_cast<uint32_t>(threads_.size());
  }

  // Puts a job in the queue `times`, so that as many threads may work at it at once.
  void push(const std::shared_ptr<PoolJob> &job, uint32_t times) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (uint32_t i = 0; i < times; i++) queue_.push_back(job);
    }
    if (times == 1) wake_.notify_one();
    else wake_.notify_all();
  }

  // Ends the threads, each after its portion; jobs that are left are dropped.
  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    threads_.clear();
    queue_.clear();
  }

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) return;
      std::shared_ptr<PoolJob> job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      if (!job->work()) job.reset();
      lock.lock();
      if (job != nullptr) queue_.push_back(std::move(job));
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<PoolJob>> queue_;
  bool stopped_ = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};
