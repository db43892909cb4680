// Trimmer: gives memory that was freed back to the system. The C library keeps it in the arenas of the threads that it came
// from, and what building an index takes lies there in many pieces. It takes some milliseconds, in a thread of its own.
#pragma once

#include <stdlib.h>

#include <atomic>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "thread.h"

class Trimmer {
 public:
  // Begins unless that is under way. REQUIRES: in the JavaScript thread.
  void trim() {
#if defined(__GLIBC__)
    if (busy_.exchange(true)) return;
    thread_.join();
    const bool started = thread_.start([](void *self) -> void * {
      malloc_trim(0);
      static_cast<Trimmer *>(self)->busy_ = false;
      return nullptr;
    }, this);
    if (!started) busy_ = false;
#endif
  }

 private:
  std::atomic<bool> busy_ = false;
  Thread thread_;
};
