// Memory: aligned allocation over the C library's, which every target has.
#include "base/memory.h"

#include <stdlib.h>

namespace elanus {

void *allocate(size_t size_bytes) {
  if (size_bytes > SIZE_MAX - kAlignment) return nullptr;
  void *memory = nullptr;
  const size_t at_least_one = size_bytes == 0 ? 1 : size_bytes;
  return posix_memalign(&memory, kAlignment, at_least_one) == 0 ? memory : nullptr;
}

void release(void *memory) { free(memory); }

void *allocate_array(size_t count, size_t item_bytes) {
  size_t size_bytes;
  return multiply(count, item_bytes, &size_bytes) ? allocate(size_bytes) : nullptr;
}

}  // namespace elanus
