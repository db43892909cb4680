// AVX-512 graph building with VNNI: 16 sums of four products of 8 bits an instruction. Compiled with -mavx512f
// -mavx512bw -mavx512vnni; call it only where the machine has all three.
#include <immintrin.h>
#include <stdint.h>

#include "kernels/build_kernels.h"

namespace {

struct Lanes {
  using Reg = __m512i;
  using Ranks = __m512i;
  static constexpr uint32_t kLanes = 16, kRegs = 2, kTileRows = 12, kWordValues = 4, kRankLanes = 32;
  static constexpr int32_t kOffset = 64;
  static inline Reg zero() { return _mm512_setzero_si512(); }
  static inline Reg load(const void *at) { return _mm512_loadu_si512(at); }
  static inline Reg splat(int32_t value) { return _mm512_set1_epi32(value); }
  static inline Reg add(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  static inline Reg sub(Reg a, Reg b) { return _mm512_sub_epi32(a, b); }
  static inline Reg dot2(Reg sum, Reg a0, Reg b0, Reg a1, Reg b1) {
    return _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sum, b0, a0), b1, a1);
  }
  // By the compiler's own vectors where GCC 12 takes the undefined half of an intrinsic for a mistake.
  static inline void store_ranks(elanus::Rank *at, Reg distances) {
    typedef int32_t Ints __attribute__((vector_size(64)));
    typedef float Floats __attribute__((vector_size(64)));
    const Floats values = __builtin_convertvector((Ints)distances, Floats);
    const Ints origin = Ints{} + elanus::kRankOrigin, bits = (Ints)values;
    const Ints ranks = ((bits > origin ? bits : origin) - origin) >> 12;
    _mm512_mask_cvtepi32_storeu_epi16(at, __mmask16(-1), (Reg)ranks);
  }

  static inline Ranks none() { return _mm512_set1_epi8(-1); }
  static inline Ranks load_ranks(const elanus::Rank *at) { return _mm512_loadu_si512(at); }
  static inline void store(elanus::Rank *at, Ranks ranks) { _mm512_storeu_si512(at, ranks); }
  static inline Ranks least(Ranks a, Ranks b) { return _mm512_min_epu16(a, b); }
  static inline Ranks keep(Ranks left, Ranks other) {
    return _mm512_mask_blend_epi16(_mm512_cmplt_epu16_mask(other, left), left, none());
  }
  static inline elanus::Rank least_lane(Ranks a) {
    typedef uint16_t Half __attribute__((vector_size(32)));
    Half halves[2];
    memcpy(halves, &a, sizeof(halves));
    const __m256i half = _mm256_min_epu16((__m256i)halves[0], (__m256i)halves[1]);
    const __m128i quarter = _mm_min_epu16(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    return elanus::Rank(_mm_extract_epi16(_mm_minpos_epu16(quarter), 0));
  }
  static inline uint32_t find(Ranks a, elanus::Rank rank) {
    const uint32_t lanes = _mm512_cmpeq_epi16_mask(a, _mm512_set1_epi16(int16_t(rank)));
    return lanes == 0 ? kRankLanes : uint32_t(__builtin_ctz(lanes));
  }

  static int32_t dot(const int8_t *a, const int8_t *b, int32_t b_sum, size_t stride) {
    const Reg offset = _mm512_set1_epi8(kOffset);
    const auto step = [&](Reg sum, size_t i) {
      return _mm512_dpbusd_epi32(sum, _mm512_add_epi8(load(a + i), offset), load(b + i));
    };
    Reg sum = zero(), other = zero();
    size_t i = 0;
    for (; i + 128 <= stride; i += 128) {
      sum = step(sum, i);
      other = step(other, i + 64);
    }
    if (i < stride) sum = step(sum, i);
    sum = add(sum, other);
    int32_t lanes[kLanes], total = -kOffset * b_sum;
    memcpy(lanes, &sum, sizeof(lanes));
    for (int32_t lane : lanes) total += lane;
    return total;
  }
};

}  // namespace

#include "kernels/build.inc"

namespace elanus {
extern const BuildKernels kAvx512Build = {"avx512", Lanes::kWordValues,
    pack_row, pack_panel, rank_all, choose, Lanes::dot};
}
