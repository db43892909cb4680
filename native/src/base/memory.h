// Memory: the one place where the core allocates. Blocks are 64-byte aligned, so that a row of 16 floats is one
// cache line. Nothing here throws; NULL means that there is no memory, or that the size does not fit size_t.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

constexpr size_t kAlignment = 64;

void *allocate(size_t size_bytes);
void release(void *memory);

// `count` items of `item_bytes`.
void *allocate_array(size_t count, size_t item_bytes);

// False if the product does not fit size_t; `product` is then unspecified.
inline bool multiply(size_t a, size_t b, size_t *product) { return !__builtin_mul_overflow(a, b, product); }

}  // namespace elanus
