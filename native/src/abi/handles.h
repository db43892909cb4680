// Handles: what the opaque types of elanus.h hold that more than one file of this floor looks into, and the check of
// sizes that all make.
#pragma once

#include "base/memory.h"
#include "elanus.h"
#include "index/flat.h"

struct elanus_flat {
  elanus::Flat index;
};

namespace elanus {

// Whether `rows` of `width` 32-bit values have a size.
inline bool fits(uint32_t rows, uint32_t width) {
  size_t count, size_bytes;
  return multiply(rows, width, &count) && multiply(count, sizeof(float), &size_bytes);
}

}  // namespace elanus
