// Memory: aligned allocation over the C library's, which every target has.
#include "base/memory.h"

#include <stdlib.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace elanus {
namespace {

void *allocate_aligned(size_t size_bytes, size_t alignment) {
  void *memory = nullptr;
  return posix_memalign(&memory, alignment, size_bytes) == 0 ? memory : nullptr;
}

// A search reads a few lines here and there of many megabytes: with usual pages most of these reads would have to look
// up their page in memory first.
void *allocate_huge(size_t size_bytes) {
  void *memory = allocate_aligned(size_bytes, kHugePage);
#if defined(__linux__)
  // An advice: whoever does not follow it gives usual pages.
  if (memory != nullptr) (void)madvise(memory, size_bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace

void *allocate(size_t size_bytes) {
  if (size_bytes > SIZE_MAX - kAlignment) return nullptr;
  if (kHugePage > 0 && size_bytes >= kHugePage) return allocate_huge(size_bytes);
  return allocate_aligned(size_bytes == 0 ? 1 : size_bytes, kAlignment);
}

void release(void *memory) { free(memory); }

void *allocate_array(size_t count, size_t item_bytes) {
  size_t size_bytes;
  return multiply(count, item_bytes, &size_bytes) ? allocate(size_bytes) : nullptr;
}

}  // namespace elanus
