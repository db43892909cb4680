// Abi: the functions of elanus.h that belong to no index. Arguments are checked on this floor and nowhere below; below
// there are only contracts.
#include "elanus.h"

#include "base/checksum.h"
#include "base/crc32.h"
#include "base/memory.h"
#include "kernels/kernels.h"

extern "C" {

uint32_t elanus_abi_version(void) { return ELANUS_ABI_VERSION; }

const char *elanus_status_text(elanus_status status) {
  switch (status) {
    case ELANUS_OK: return "success";
    case ELANUS_INVALID: return "an argument breaks the contract";
    case ELANUS_NO_MEMORY: return "out of memory";
    case ELANUS_UNSUPPORTED: return "not supported by this machine or build";
    case ELANUS_CORRUPT: return "damaged bytes";
    default: return "unknown status";
  }
}

void *elanus_alloc(size_t size_bytes) { return elanus::allocate(size_bytes); }

void elanus_free(void *memory) { elanus::release(memory); }

#ifndef __wasm__
uint32_t elanus_crc32(uint32_t seed, const void *bytes, size_t size_bytes) { return elanus::crc32(seed, bytes, size_bytes); }

uint32_t elanus_crc32c(uint32_t seed, const void *bytes, size_t size_bytes) { return elanus::crc32c(seed, bytes, size_bytes); }
#endif

const char *elanus_kernels_name(uint32_t position) {
  const elanus::Kernels *kernels = elanus::kernels_at(position);
  return kernels == nullptr ? nullptr : kernels->name;
}

}  // extern "C"
