// Allocations: lets tests count what the core allocates, and refuse from one on. The core allocates by posix_memalign alone
// (base/memory), which the linker sends through here; nothing of the product changes.
#pragma once

#include <stdint.h>

#include <limits>

// Whether the linker can: not Apple's.
#if defined(__APPLE__)
constexpr bool kAllocationsLimited = false;
#else
constexpr bool kAllocationsLimited = true;
#endif

// Allocations that are still granted; each takes one.
extern int64_t allocations_left;

// While it lives, `granted` allocations succeed and then none.
class LimitedAllocations {
 public:
  explicit LimitedAllocations(int64_t granted) { allocations_left = granted; }
  ~LimitedAllocations() { allocations_left = std::numeric_limits<int64_t>::max(); }
};
