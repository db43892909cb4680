// Bits counted with AVX-512 VPOPCNTDQ, 64 bytes an instruction. Compiled with -mavx512f, bw, vl and vpopcntdq; call it
// only where the machine has all of them.
#include <immintrin.h>
#include <stdint.h>

namespace {

struct BitLanes {
  using Bits = __m512i;
  using Part = __m512i;  // 8 counts of 64 bits
  using Sum = __m512i;
  static constexpr uint32_t kBytes = 64, kRows = 8, kPartSteps = UINT32_MAX;
  static inline Bits load(const uint8_t *at) { return _mm512_loadu_si512(at); }
  static inline Bits load_some(const uint8_t *at, uint32_t count) {
    return _mm512_maskz_loadu_epi8((uint64_t(1) << count) - 1, at);
  }
  static inline Bits both(Bits a, Bits b) { return a & b; }
  static inline Bits either(Bits a, Bits b) { return a ^ b; }
  static inline Part no_part() { return _mm512_setzero_si512(); }
  static inline Part count(Bits bits, Part part) { return part + _mm512_popcnt_epi64(bits); }
  static inline Sum no_sum() { return _mm512_setzero_si512(); }
  static inline Sum add(Part part, Sum sum) { return sum + part; }
  // Halves by the compiler's own vectors: GCC 12 takes the undefined lanes of the intrinsics for a mistake.
  static inline __m256i halves_added(__m512i a) {
    return __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  }
  static inline uint32_t total(Sum sum) {
    const __m256i four = halves_added(sum);
    return uint32_t(four[0] + four[1] + four[2] + four[3]);
  }
  // A count fits 32 bits: those of two rows lie side by side, then those of four, then of eight.
  static inline __m256i four_rows(const Sum *sums) {
    const __m512i a = sums[0] | sums[1] << 32, b = sums[2] | sums[3] << 32;
    return halves_added(__builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
                        __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15));
  }
  static inline void totals(const Sum *sums, uint32_t *counts) {
    const __m256i a = four_rows(sums), b = four_rows(sums + 4);
    const __m256i low = _mm256_permute2x128_si256(a, b, 0x20), high = _mm256_permute2x128_si256(a, b, 0x31);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(counts), _mm256_add_epi32(low, high));
  }
};

}  // namespace

#include "kernels/binary_tile.inc"

namespace elanus {
extern const BinaryKernels kBinaryAvx512 = {"avx512", count_pairs<Differing>, count_pairs<Common>};
}
