// Checksum: slicing-by-8 (Kounavis and Berry, 2005), and the instructions of SSE4.2 and of ARMv8's CRC extension behind
// a check at run time. The file is compiled for the baseline: only the functions so marked use more.
#include "base/checksum.h"

#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace elanus {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;
// From here on it pays to derive the seven further tables.
constexpr size_t kSlicedBytesMin = 4096;

struct Table {
  uint32_t of[256];
};

constexpr Table make_table() {
  Table table{};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (kPolynomial & (0 - (crc & 1)));
    table.of[byte] = crc;
  }
  return table;
}

constexpr Table kTable = make_table();

inline uint64_t load(const uint8_t *bytes) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  uint64_t word;
  memcpy(&word, bytes, sizeof(word));
  return word;
}

uint32_t by_bytes(uint32_t crc, const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) crc = (crc >> 8) ^ kTable.of[(crc ^ bytes[i]) & 0xff];
  return crc;
}

// REQUIRES: size is a multiple of 8. The tables are made anew for each call: that costs 2 us, while as constants they
// would weigh 7 KB in the WebAssembly module, where this is the only way and nothing compresses them.
uint32_t by_slices(uint32_t crc, const uint8_t *bytes, size_t size) {
  Table tables[8];
  tables[0] = kTable;
  for (int slice = 1; slice < 8; slice++) {
    for (int byte = 0; byte < 256; byte++) {
      const uint32_t before = tables[slice - 1].of[byte];
      tables[slice].of[byte] = (before >> 8) ^ kTable.of[before & 0xff];
    }
  }
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t word = load(bytes + i) ^ crc;
    crc = tables[7].of[word & 0xff] ^ tables[6].of[(word >> 8) & 0xff] ^ tables[5].of[(word >> 16) & 0xff] ^
          tables[4].of[(word >> 24) & 0xff] ^ tables[3].of[(word >> 32) & 0xff] ^ tables[2].of[(word >> 40) & 0xff] ^
          tables[1].of[(word >> 48) & 0xff] ^ tables[0].of[word >> 56];
  }
  return crc;
}

#if defined(__x86_64__)

bool has_instruction() { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t size) {
  uint64_t wide = crc;
  size_t i = 0;
  for (; i + 8 <= size; i += 8) wide = __builtin_ia32_crc32di(wide, load(bytes + i));
  crc = uint32_t(wide);
  for (; i < size; i++) crc = __builtin_ia32_crc32qi(crc, bytes[i]);
  return crc;
}

#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))

bool has_instruction() {
#if defined(__APPLE__)
  return true;
#else
  constexpr unsigned long kHwcapCrc32 = 1 << 7;
  return (getauxval(AT_HWCAP) & kHwcapCrc32) != 0;
#endif
}

// Assembly, since the compilers name the instructions differently and want them allowed for the whole file.
uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t size) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    const uint64_t word = load(bytes + i);
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
  }
  for (; i < size; i++) {
    const uint32_t byte = bytes[i];
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte));
  }
  return crc;
}

#else

bool has_instruction() { return false; }
uint32_t by_instruction(uint32_t crc, const uint8_t *, size_t) { return crc; }

#endif

}  // namespace

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t size_bytes) {
  const uint8_t *from = static_cast<const uint8_t *>(bytes);
  const size_t sliced = size_bytes < kSlicedBytesMin ? 0 : size_bytes & ~size_t(7);
  crc = ~crc;
  if (sliced > 0) crc = by_slices(crc, from, sliced);
  return ~by_bytes(crc, from + sliced, size_bytes - sliced);
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size_bytes) {
  if (!has_instruction()) return crc32c_portable(crc, bytes, size_bytes);
  return ~by_instruction(~crc, static_cast<const uint8_t *>(bytes), size_bytes);
}

}  // namespace elanus
