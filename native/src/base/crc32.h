// Crc32: CRC-32 (zlib's, reflected edb88320), which Parquet pages and row sums are checked by, with the processor's
// instructions where there are some. Every way gives the same value on every machine. It finds damage, not forgery.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace elanus {

// Continues `crc`, which is 0 at the start: crc32(crc32(0, a), b) is that of a followed by b. "123456789" gives cbf43926.
uint32_t crc32(uint32_t crc, const void *bytes, size_t size_bytes);

// The same without instructions: the truth that tests hold the other against.
uint32_t crc32_portable(uint32_t crc, const void *bytes, size_t size_bytes);

}  // namespace elanus
