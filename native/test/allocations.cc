// Allocations: what stands before posix_memalign in the tests, by the linker's --wrap.
#include "allocations.h"

#include <errno.h>
#include <stddef.h>

int64_t allocations_left = std::numeric_limits<int64_t>::max();

#if !defined(__APPLE__)
extern "C" {
int __real_posix_memalign(void **out, size_t alignment, size_t size_bytes);

int __wrap_posix_memalign(void **out, size_t alignment, size_t size_bytes) {
  if (allocations_left <= 0) return ENOMEM;
  allocations_left--;
  return __real_posix_memalign(out, alignment, size_bytes);
}
}
#endif
