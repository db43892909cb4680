// Memory: the one place where the core allocates. Blocks are 64-byte aligned, so that a row of 16 floats is one
// cache line. Nothing here throws; NULL means that there is no memory, or that the size does not fit size_t.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

constexpr size_t kAlignment = 64;

// The larger page that the machine has besides its usual one, which blocks of that size and more are given where the
// system allows it; 0 where there is none to ask for.
#if defined(__linux__)
constexpr size_t kHugePage = size_t(2) << 20;
#else
constexpr size_t kHugePage = 0;
#endif

void *allocate(size_t size_bytes);
void release(void *memory);

// `count` items of `item_bytes`.
void *allocate_array(size_t count, size_t item_bytes);

// False if the product does not fit size_t; `product` is then unspecified.
inline bool multiply(size_t a, size_t b, size_t *product) { return !__builtin_mul_overflow(a, b, product); }

}  // namespace elanus
