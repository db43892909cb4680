// AVX-512F: 32 registers of 16 lanes. Compiled with -mavx512f; call it only where the machine has it.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace {

struct Lanes {
  using Reg = __m512;
  static constexpr uint32_t kLanes = 16, kTileQueries = 4, kTileRows = 4, kScanRows = 8;
  static inline Reg zero() { return _mm512_setzero_ps(); }
  static inline Reg load(const float *at) { return _mm512_loadu_ps(at); }
  static inline Reg load_some(const float *at, uint32_t count) {
    return _mm512_maskz_loadu_ps(__mmask16((1u << count) - 1), at);
  }
  static inline Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }
  static inline Reg mul_add(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static inline float total(Reg a) {
    // Shuffled by the compiler's own vectors: GCC 12 takes the undefined half of the intrinsics for a mistake.
    const __m256 low = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7);
    const __m256 eight = _mm256_add_ps(low, __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
  }
};

}  // namespace

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kAvx512 = {"avx512", all_pairs<DotStep>, all_pairs<L2Step>};
}
