// AVX2 codes: 32 bytes at a time. Compiled with -mavx2; call it only where the machine has it.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace {

constexpr unsigned kFrameFloats = 8, kFrameRegs = 8;

struct Codes {
  using Bytes = __m256i;
  using Values = __m256i;
  using Sum = __m256i;
  struct Wide {
    __m256i both, odd;
  };
  static constexpr uint32_t kBytes = 32, kFloats = 8, kNibbleRegs = 2;
  static inline Bytes load(const void *at) { return _mm256_loadu_si256(static_cast<const __m256i *>(at)); }
  static inline Bytes load_some(const uint8_t *at, uint32_t) {
    return _mm256_zextsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)));
  }
  static inline Bytes low(Bytes b) { return _mm256_and_si256(b, _mm256_set1_epi8(15)); }
  static inline Bytes high(Bytes b) { return low(_mm256_srli_epi16(b, 4)); }
  static inline Values values(const int8_t *at) { return load(at); }
  static inline Sum zero() { return _mm256_setzero_si256(); }
  static inline Sum add(Sum sum, Bytes codes, Values values) {
    const __m256i pairs = _mm256_maddubs_epi16(codes, values);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  // Products of a nibble are so small that those of two registers add in 16 bits.
  template <uint32_t kRegs>
  static inline Sum add_nibbles(Sum sum, const Bytes *codes, const Values *low_values, const Values *high_values) {
    static_assert(kRegs * 4 * 127 * 15 <= INT16_MAX);
    __m256i pairs = _mm256_setzero_si256();
    for (uint32_t r = 0; r < kRegs; r++) {
      pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(low(codes[r]), low_values[r]));
      pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(high(codes[r]), high_values[r]));
    }
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  static inline void totals(const Sum *sums, int32_t *out) {
    const __m256i two = _mm256_hadd_epi32(sums[0], sums[1]), more = _mm256_hadd_epi32(sums[2], sums[3]);
    const __m256i four = _mm256_hadd_epi32(two, more);
    const __m128i total = _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), total);
  }
  static inline Wide wide_zero() { return {zero(), zero()}; }
  static inline Bytes look_up(Bytes table, Bytes indexes) { return _mm256_shuffle_epi8(table, indexes); }
  static inline Bytes add_bytes(Bytes a, Bytes b) { return _mm256_add_epi8(a, b); }
  static inline Wide widen(Wide wide, Bytes b) {
    return {_mm256_add_epi16(wide.both, b), _mm256_add_epi16(wide.odd, _mm256_srli_epi16(b, 8))};
  }
  static inline __m128i halves(__m256i a) {
    return _mm_add_epi16(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  }
  static inline void flush(Wide wide, uint16_t *out) {
    const __m128i odd = halves(wide.odd);
    const __m128i even = _mm_sub_epi16(halves(wide.both), _mm_slli_epi16(odd, 8));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), _mm_unpacklo_epi16(even, odd));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out + 8), _mm_unpackhi_epi16(even, odd));
  }
  template <class Floats>
  static inline Floats least(Floats a, Floats b) { return a < b ? a : b; }
  static inline uint32_t below(__m256 v, float threshold) {
    return uint32_t(_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_set1_ps(threshold), _CMP_LT_OQ)));
  }
};

}  // namespace

#include "kernels/code_tile.inc"
#include "kernels/frame.inc"

#include "kernels/code_sets.h"

namespace elanus {
extern const CodeKernels kAvx2Codes = {"avx2", estimate<FourBits>, estimate<SevenBits>, scan, kFrame};
}
