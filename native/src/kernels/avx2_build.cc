// AVX2 graph building: products of 8 bits are added in pairs to 16 bits, where four of 7 bits fit. Compiled with
// -mavx2; call it only where the machine has it.
#include <immintrin.h>
#include <stdint.h>

#include "kernels/build_kernels.h"

namespace {

struct Lanes {
  using Reg = __m256i;
  using Ranks = __m256i;
  static constexpr uint32_t kLanes = 8, kRegs = 2, kTileRows = 4, kWordValues = 4, kRankLanes = 16;
  static constexpr int32_t kOffset = 64;
  static inline Reg zero() { return _mm256_setzero_si256(); }
  static inline Reg load(const void *at) { return _mm256_loadu_si256(static_cast<const Reg *>(at)); }
  static inline Reg splat(int32_t value) { return _mm256_set1_epi32(value); }
  static inline Reg add(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  static inline Reg sub(Reg a, Reg b) { return _mm256_sub_epi32(a, b); }
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) {
    static_assert(4 * 127 * elanus::kBuildCodeMax <= INT16_MAX);
    const Reg pairs = _mm256_add_epi16(_mm256_maddubs_epi16(b0, a0), _mm256_maddubs_epi16(b1, a1));
    return add(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  static inline void store_ranks(elanus::Rank *at, Reg distances) {
    const Reg origin = splat(elanus::kRankOrigin), bits = _mm256_castps_si256(_mm256_cvtepi32_ps(distances));
    const Reg ranks = _mm256_srli_epi32(sub(_mm256_max_epi32(bits, origin), origin), 12);
    const __m128i narrow = _mm_packus_epi32(_mm256_castsi256_si128(ranks), _mm256_extracti128_si256(ranks, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(at), narrow);
  }

  static inline Ranks none() { return _mm256_set1_epi8(-1); }
  static inline Ranks load_ranks(const elanus::Rank *at) { return load(at); }
  static inline void store(elanus::Rank *at, Ranks ranks) { _mm256_storeu_si256(reinterpret_cast<Ranks *>(at), ranks); }
  static inline Ranks least(Ranks a, Ranks b) { return _mm256_min_epu16(a, b); }
  static inline Ranks keep(Ranks left, Ranks other) {
    const Ranks kept = _mm256_cmpeq_epi16(least(left, other), left);
    return _mm256_or_si256(left, _mm256_xor_si256(kept, none()));
  }
  static inline elanus::Rank least_lane(Ranks a) {
    const __m128i half = _mm_min_epu16(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    return elanus::Rank(_mm_extract_epi16(_mm_minpos_epu16(half), 0));
  }
  static inline uint32_t find(Ranks a, elanus::Rank rank) {
    const uint32_t bytes = uint32_t(_mm256_movemask_epi8(_mm256_cmpeq_epi16(a, _mm256_set1_epi16(int16_t(rank)))));
    return bytes == 0 ? kRankLanes : uint32_t(__builtin_ctz(bytes)) / 2;
  }

  static int32_t dot(const int8_t *a, const int8_t *b, int32_t b_sum, size_t stride) {
    const Reg offset = _mm256_set1_epi8(kOffset);
    const auto raised = [&](size_t i) { return _mm256_add_epi8(load(a + i), offset); };
    Reg sum = zero();
    for (size_t i = 0; i < stride; i += 64) sum = dot2(sum, load(b + i), raised(i), load(b + i + 32), raised(i + 32));
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(two) + _mm_extract_epi32(two, 1) - kOffset * b_sum;
  }
};

}  // namespace

#include "kernels/build.inc"

namespace elanus {
extern const BuildKernels kAvx2Build = {"avx2", Lanes::kWordValues,
    pack_row, pack_panel, rank_all, choose, Lanes::dot};
}
