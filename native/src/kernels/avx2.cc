// AVX2 with FMA: 16 registers of 8 lanes. Compiled with -mavx2 -mfma; call it only where the machine has both.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace {

struct Lanes {
  using Reg = __m256;
  static constexpr uint32_t kLanes = 8, kTileQueries = 2, kTileRows = 4, kScanRows = 8;
  static inline Reg zero() { return _mm256_setzero_ps(); }
  static inline Reg load(const float *at) { return _mm256_loadu_ps(at); }
  static inline Reg load_some(const float *at, uint32_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(at, _mm256_cmpgt_epi32(_mm256_set1_epi32(int32_t(count)), lane));
  }
  static inline Reg sub(Reg a, Reg b) { return _mm256_sub_ps(a, b); }
  static inline Reg mul_add(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static inline float total(Reg a) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
  }
};

}  // namespace

#include "kernels/tile.inc"

namespace elanus {
extern const Kernels kAvx2 = {"avx2", all_pairs<DotStep>, all_pairs<L2Step>};
}
