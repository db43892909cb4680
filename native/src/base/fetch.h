// Fetch: asks for memory that will be read soon. WebAssembly has no such instruction: there a byte of every cache line
// is read, all at once, so that the lines come together and not one after the other.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

constexpr size_t kCacheLine = 64;

// REQUIRES: the bytes may be read.
inline void fetch(const void *from, size_t size_bytes) {
  const char *at = static_cast<const char *>(from);
  for (size_t i = 0; i < size_bytes; i += kCacheLine) {
#if defined(__wasm__)
    (void)*static_cast<const volatile char *>(at + i);
#else
    __builtin_prefetch(at + i);
#endif
  }
}

}  // namespace elanus
