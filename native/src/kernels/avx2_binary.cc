// Bits counted with AVX2: a table of 16 looked up twice for each byte (Mula, Kurz, Lemire 2016), the counts gathered
// in bytes for as long as they fit. Compiled with -mavx2; call it only where the machine has it.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

namespace {

struct BitLanes {
  using Bits = __m256i;
  using Part = __m256i;  // 32 counts of 8 bits
  using Sum = __m256i;   // 4 counts of 64 bits
  static constexpr uint32_t kBytes = 32, kRows = 4, kPartSteps = 31;
  static inline Bits load(const uint8_t *at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at)); }
  static inline Bits load_some(const uint8_t *at, uint32_t count) {
    alignas(32) uint8_t some[kBytes] = {};
    memcpy(some, at, count);
    return load(some);
  }
  static inline Bits both(Bits a, Bits b) { return _mm256_and_si256(a, b); }
  static inline Bits either(Bits a, Bits b) { return _mm256_xor_si256(a, b); }
  static inline Part no_part() { return _mm256_setzero_si256(); }
  static inline Part count(Bits bits, Part part) {
    const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_and_si256(bits, nibble), high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble);
    part = _mm256_add_epi8(part, _mm256_shuffle_epi8(counts, low));
    return _mm256_add_epi8(part, _mm256_shuffle_epi8(counts, high));
  }
  static inline Sum no_sum() { return _mm256_setzero_si256(); }
  static inline Sum add(Part part, Sum sum) {
    return _mm256_add_epi64(sum, _mm256_sad_epu8(part, _mm256_setzero_si256()));
  }
  static inline uint32_t total(Sum sum) {
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    return uint32_t(_mm_cvtsi128_si32(two)) + uint32_t(_mm_extract_epi32(two, 2));
  }
  static inline void totals(const Sum *sums, uint32_t *counts) {
    // A count fits 32 bits: those of two rows lie side by side, then those of four.
    const __m256i first = _mm256_or_si256(sums[0], _mm256_slli_epi64(sums[1], 32));
    const __m256i second = _mm256_or_si256(sums[2], _mm256_slli_epi64(sums[3], 32));
    const __m256i pairs = _mm256_add_epi32(_mm256_unpacklo_epi64(first, second), _mm256_unpackhi_epi64(first, second));
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(counts), four);
  }
};

}  // namespace

#include "kernels/binary_tile.inc"

namespace elanus {
extern const BinaryKernels kBinaryAvx2 = {"avx2", count_pairs<Differing>, count_pairs<Common>};
}
