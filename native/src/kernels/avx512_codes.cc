// AVX-512 codes: 64 bytes at a time with VNNI. Compiled with -mavx512f -mavx512bw -mavx512vnni; call it only where the
// machine has all three.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace {

constexpr unsigned kFrameFloats = 16, kFrameRegs = 16;

struct Codes {
  using Bytes = __m512i;
  using Values = __m512i;
  using Sum = __m512i;
  struct Wide {
    __m512i both, odd;
  };
  static constexpr uint32_t kBytes = 64, kFloats = 16, kNibbleRegs = 1;
  static inline Bytes load(const void *at) { return _mm512_loadu_si512(at); }
  static inline Bytes load_some(const uint8_t *at, uint32_t count) {
    return _mm512_maskz_loadu_epi8((__mmask64(1) << count) - 1, at);
  }
  static inline Bytes low(Bytes b) { return _mm512_and_si512(b, _mm512_set1_epi8(15)); }
  static inline Bytes high(Bytes b) { return low(_mm512_srli_epi16(b, 4)); }
  static inline Values values(const int8_t *at) { return load(at); }
  static inline Sum zero() { return _mm512_setzero_si512(); }
  static inline Sum add(Sum sum, Bytes codes, Values values) { return _mm512_dpbusd_epi32(sum, codes, values); }
  // Halves are taken by the compiler's own vectors, as in avx512.cc.
  static inline __m256i first(__m512i a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3); }
  static inline __m256i last(__m512i a) { return __builtin_shufflevector(a, a, 4, 5, 6, 7); }
  static inline __m256i eight(Sum a) { return _mm256_add_epi32(first(a), last(a)); }
  template <uint32_t kRegs>
  static inline Sum add_nibbles(Sum sum, const Bytes *codes, const Values *low_values, const Values *high_values) {
    for (uint32_t r = 0; r < kRegs; r++) sum = add(add(sum, low(codes[r]), low_values[r]), high(codes[r]), high_values[r]);
    return sum;
  }
  static inline void totals(const Sum *sums, int32_t *out) {
    const __m256i two = _mm256_hadd_epi32(eight(sums[0]), eight(sums[1]));
    const __m256i four = _mm256_hadd_epi32(two, _mm256_hadd_epi32(eight(sums[2]), eight(sums[3])));
    const __m128i total = _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), total);
  }
  static inline Wide wide_zero() { return {zero(), zero()}; }
  static inline Bytes look_up(Bytes table, Bytes indexes) { return _mm512_shuffle_epi8(table, indexes); }
  static inline Bytes add_bytes(Bytes a, Bytes b) { return _mm512_add_epi8(a, b); }
  static inline Wide widen(Wide wide, Bytes b) {
    return {_mm512_add_epi16(wide.both, b), _mm512_add_epi16(wide.odd, _mm512_srli_epi16(b, 8))};
  }
  static inline __m128i quarters(__m512i a) {
    const __m256i two = _mm256_add_epi16(first(a), last(a));
    return _mm_add_epi16(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
  }
  static inline void flush(Wide wide, uint16_t *out) {
    const __m128i odd = quarters(wide.odd);
    const __m128i even = _mm_sub_epi16(quarters(wide.both), _mm_slli_epi16(odd, 8));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), _mm_unpacklo_epi16(even, odd));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out + 8), _mm_unpackhi_epi16(even, odd));
  }
  template <class Floats>
  static inline Floats least(Floats a, Floats b) { return a < b ? a : b; }
  static inline uint32_t below(__m512 v, float threshold) {
    return _mm512_cmp_ps_mask(v, _mm512_set1_ps(threshold), _CMP_LT_OQ);
  }
};

}  // namespace

#include "kernels/code_tile.inc"
#include "kernels/frame.inc"

#include "kernels/code_sets.h"

namespace elanus {
extern const CodeKernels kAvx512VnniCodes = {"avx512vnni", estimate<FourBits>, estimate<SevenBits>, scan, kFrame};
}
