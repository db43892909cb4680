// Checksum: CRC-32C (Castagnoli, reflected 82f63b78), with the processor's instruction where there is one. Both ways
// give the same value on every machine. It finds damage, not forgery.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

// Continues `crc`, which is 0 at the start: crc32c(crc32c(0, a), b) is that of a followed by b. "123456789" gives e3069283.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size_bytes);

// The same without the instruction: the truth that tests hold the other against.
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t size_bytes);

}  // namespace elanus
