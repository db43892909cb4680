// Typed rows with AVX2, FMA and F16C. Compiled with all three; call it only where the machine has them.
#include "kernels/avx2_lanes.inc"
#include "kernels/sets.h"
#include "kernels/typed_kernels.h"

namespace {

using elanus::Bf16;
using elanus::F16;

struct Lanes : FloatLanes {
  static constexpr bool kWidensRows = false;
  using FloatLanes::load;
  using FloatLanes::load_some;
  static inline __m128i load64(const void *at) { return _mm_loadl_epi64(static_cast<const __m128i *>(at)); }
  static inline __m128i load128(const void *at) { return _mm_loadu_si128(static_cast<const __m128i *>(at)); }
  static inline Reg load(const F16 *at) { return _mm256_cvtph_ps(load128(at)); }
  static inline Reg load(const Bf16 *at) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load128(at)), 16));
  }
  static inline Reg load(const int8_t *at) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load64(at))); }
  static inline Reg load(const uint8_t *at) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load64(at))); }
  static inline void narrow(Reg values, F16 *to) {
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to), _mm256_cvtps_ph(values, _MM_FROUND_TO_NEAREST_INT));
  }
  static inline void store(Reg values, float *to) { _mm256_storeu_ps(to, values); }

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
extern const TypedKernels kTypedAvx2 = table<kAvx2>("avx2");
}
