// Thread: a thread of the system that may fail to start, which std::thread can only tell by an exception.
#pragma once

#include <pthread.h>

class Thread {
 public:
  Thread() = default;
  ~Thread() { join(); }
  Thread(const Thread &) = delete;
  Thread &operator=(const Thread &) = delete;

  // Runs `work(self)`. False if the system gives no thread.
  bool start(void *(*work)(void *), void *self) {
    started_ = pthread_create(&thread_, nullptr, work, self) == 0;
    return started_;
  }
  void join() {
    if (started_) pthread_join(thread_, nullptr);
    started_ = false;
  }

 private:
  pthread_t thread_;
  bool started_ = false;
};
