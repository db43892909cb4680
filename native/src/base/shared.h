// Shared: what several threads of a caller may write to at once. The core starts none, but whoever builds may run the
// tasks of a stage in as many as it has. Without threads (WebAssembly) all this is plain memory access.
#pragma once

#include <stdint.h>

namespace elanus {

// Sets bits; in whatever order, the same bits are set in the end.
template <class T>
void share_bits(T *word, T bits) {
  __atomic_fetch_or(word, bits, __ATOMIC_RELAXED);
}

// Holds a byte that is 0 while nobody does. For a few hundred instructions at most: who waits, spins.
class ByteLock {
 public:
  explicit ByteLock(uint8_t *byte) : byte_(byte) {
    while (__atomic_exchange_n(byte_, uint8_t(1), __ATOMIC_ACQUIRE) != 0) pause();
  }
  ~ByteLock() { __atomic_store_n(byte_, uint8_t(0), __ATOMIC_RELEASE); }
  ByteLock(const ByteLock &) = delete;
  ByteLock &operator=(const ByteLock &) = delete;

 private:
  void pause() const {
    while (__atomic_load_n(byte_, __ATOMIC_RELAXED) != 0) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }

  uint8_t *byte_;
};

}  // namespace elanus
