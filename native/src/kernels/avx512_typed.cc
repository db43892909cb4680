// Typed rows with AVX-512F, which converts half precision. Compiled with -mavx512f; call it only where it is.
#include "kernels/avx512_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  static constexpr bool kWidensRows = false;
  using FloatLanes::load;
  using FloatLanes::load_some;
  static inline __m128i load128(const void *at) { return _mm_loadu_si128(static_cast<const __m128i *>(at)); }
  static inline __m256i load256(const void *at) { return _mm256_loadu_si256(static_cast<const __m256i *>(at)); }
  // Masked by all: GCC 12 takes the undefined lanes of the intrinsics without a mask for a mistake.
  static constexpr __mmask16 kAll = 0xffff;
  static inline Reg load(const F16 *at) { return _mm512_maskz_cvtph_ps(kAll, load256(at)); }
  static inline Reg load(const Bf16 *at) {
    return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(kAll, _mm512_maskz_cvtepu16_epi32(kAll, load256(at)), 16));
  }
  static inline Reg load(const int8_t *at) {
    return _mm512_maskz_cvtepi32_ps(kAll, _mm512_maskz_cvtepi8_epi32(kAll, load128(at)));
  }
  static inline Reg load(const uint8_t *at) {
    return _mm512_maskz_cvtepi32_ps(kAll, _mm512_maskz_cvtepu8_epi32(kAll, load128(at)));
  }
  static inline void narrow(Reg values, F16 *to) {
    const __m256i halves = _mm512_maskz_cvtps_ph(kAll, values, _MM_FROUND_TO_NEAREST_INT);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), halves);
  }
  static inline void store(Reg values, float *to) { _mm512_storeu_ps(to, values); }

  template <class Value>
  static inline Reg load_some(const Value *at, uint32_t count) {
    Value some[kLanes] = {};
    for (uint32_t i = 0; i < count; i++) some[i] = at[i];
    return load(some);
  }
};

}  // namespace

#include "kernels/tile.inc"
#include "kernels/typed.inc"

namespace elanus {
extern const TypedKernels kTypedAvx512 = table<kAvx512>("avx512");
}
