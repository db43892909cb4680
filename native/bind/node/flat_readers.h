// FlatReaders: who reads the rows of a flat index in other threads. What appends waits for searches, which are short;
// while an index is built of the rows nothing is appended.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

class FlatReaders {
 public:
  void enter() {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_++;
  }
  void leave() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void wait_for_none() {
    std::unique_lock<std::mutex> lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

  std::atomic<uint32_t> builds = 0;

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  uint32_t count_ = 0;
};

// One of the readers, of NULL for rows that are not there, from its beginning to end() or its own end.
class FlatReading {
 public:
  explicit FlatReading(std::shared_ptr<FlatReaders> readers) : readers_(std::move(readers)) {
    if (readers_ != nullptr) readers_->enter();
  }
  ~FlatReading() { end(); }
  FlatReading(const FlatReading &) = delete;
  FlatReading &operator=(const FlatReading &) = delete;

  void end() {
    if (readers_ != nullptr) readers_->leave();
    readers_.reset();
  }

 private:
  std::shared_ptr<FlatReaders> readers_;
};
