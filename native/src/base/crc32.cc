// Crc32: slicing-by-4 (Kounavis and Berry, 2005); carry-less multiplication (Gopal et al., 2009: four lanes of 128 bits
// are folded over the bytes, and the last 16 are left to the table); ARMv8's CRC extension. The file is compiled for
// the baseline: only the functions so marked use more, behind a check at run time.
#include "base/crc32.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace elanus {
namespace {

constexpr uint32_t kPolynomial = 0xedb88320;
constexpr int kSlices = 4;

struct Tables {
  uint32_t of[kSlices][256];
};

// of[t][b]: the effect of byte b that t more bytes follow.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (kPolynomial & (0 - (crc & 1)));
    tables.of[0][byte] = crc;
  }
  for (int slice = 1; slice < kSlices; slice++) {
    for (uint32_t byte = 0; byte < 256; byte++) {
      const uint32_t before = tables.of[slice - 1][byte];
      tables.of[slice][byte] = (before >> 8) ^ tables.of[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t size) {
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    uint32_t word;
    memcpy(&word, bytes + i, sizeof(word));
    word ^= crc;
    crc = kTables.of[3][word & 0xff] ^ kTables.of[2][(word >> 8) & 0xff] ^ kTables.of[1][(word >> 16) & 0xff] ^ kTables.of[0][word >> 24];
  }
  for (; i < size; i++) crc = (crc >> 8) ^ kTables.of[0][(crc ^ bytes[i]) & 0xff];
  return crc;
}

#if defined(__x86_64__)

constexpr size_t kLane = sizeof(__m128i);
constexpr size_t kLanes = 4;
// Below this the table is as fast.
constexpr size_t kInstructionBytesMin = kLanes * kLane;

bool has_instruction() { return __builtin_cpu_supports("pclmul"); }

// What a half of a lane is multiplied by to move it `bits` on: x to that power modulo the polynomial, reflected.
constexpr uint64_t shift_by(unsigned bits) {
  uint32_t power = 0x80000000;
  for (unsigned i = 0; i < bits; i++) power = (power >> 1) ^ (kPolynomial & (0 - (power & 1)));
  return uint64_t(power) << 1;
}

// For a lane that moves `lanes` lanes on: its first half moves 64 bits further than its second; 32 of the bits are made
// up by the shift above and by where the product of reflected halves lies.
__attribute__((target("pclmul"))) inline __m128i folded(__m128i lane, __m128i shifts, __m128i next) {
  const __m128i first = _mm_clmulepi64_si128(lane, shifts, 0x00);
  const __m128i second = _mm_clmulepi64_si128(lane, shifts, 0x11);
  return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

inline __m128i load(const uint8_t *bytes) { return _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes)); }

// REQUIRES: at least kInstructionBytesMin bytes.
__attribute__((target("pclmul"))) uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t size) {
  constexpr unsigned kAll = kLanes * kLane * 8, kOne = kLane * 8;
  const __m128i all = _mm_set_epi64x(int64_t(shift_by(kAll - 32)), int64_t(shift_by(kAll + 32)));
  const __m128i one = _mm_set_epi64x(int64_t(shift_by(kOne - 32)), int64_t(shift_by(kOne + 32)));
  __m128i lanes[kLanes];
  for (size_t lane = 0; lane < kLanes; lane++) lanes[lane] = load(bytes + lane * kLane);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(int32_t(crc)));
  size_t i = kLanes * kLane;
  for (; i + kLanes * kLane <= size; i += kLanes * kLane) {
    for (size_t lane = 0; lane < kLanes; lane++) lanes[lane] = folded(lanes[lane], all, load(bytes + i + lane * kLane));
  }
  for (size_t lane = 1; lane < kLanes; lane++) lanes[0] = folded(lanes[0], one, lanes[lane]);
  for (; i + kLane <= size; i += kLane) lanes[0] = folded(lanes[0], one, load(bytes + i));
  uint8_t rest[kLane];
  memcpy(rest, &lanes[0], kLane);
  return by_table(by_table(0, rest, kLane), bytes + i, size - i);
}

#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))

constexpr size_t kInstructionBytesMin = 8;

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
    uint64_t word;
    memcpy(&word, bytes + i, sizeof(word));
    __asm__(".arch_extension crc\n\tcrc32x %w0, %w0, %x1" : "+r"(crc) : "r"(word));
  }
  return by_table(crc, bytes + i, size - i);
}

#else

constexpr size_t kInstructionBytesMin = SIZE_MAX;
bool has_instruction() { return false; }
uint32_t by_instruction(uint32_t crc, const uint8_t *, size_t) { return crc; }

#endif

}  // namespace

uint32_t crc32_portable(uint32_t crc, const void *bytes, size_t size_bytes) {
  return ~by_table(~crc, static_cast<const uint8_t *>(bytes), size_bytes);
}

uint32_t crc32(uint32_t crc, const void *bytes, size_t size_bytes) {
  if (size_bytes < kInstructionBytesMin || !has_instruction()) return crc32_portable(crc, bytes, size_bytes);
  return ~by_instruction(~crc, static_cast<const uint8_t *>(bytes), size_bytes);
}

}  // namespace elanus
