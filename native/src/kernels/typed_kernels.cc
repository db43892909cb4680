// TypedKernels: which table goes with which set. Compiled for the baseline.
#include "kernels/typed_kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "kernels/norm.h"
#include "kernels/sets.h"

namespace elanus {

extern const TypedKernels kTypedScalar;
#if defined(__x86_64__)
extern const TypedKernels kTypedAvx512;
extern const TypedKernels kTypedAvx2;
#elif defined(__aarch64__)
extern const TypedKernels kTypedNeon;
#elif defined(__wasm_simd128__)
extern const TypedKernels kTypedSimd128;
#endif

#if defined(__x86_64__)
// By hand, as Clang 14 does not know the name. Of the registers AVX2's check has seen to.
static bool has_f16c() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

const TypedKernels *typed_kernels_of(const Kernels *set) {
#if defined(__x86_64__)
  if (set == &kAvx512) return &kTypedAvx512;
  if (set == &kAvx2 && has_f16c()) return &kTypedAvx2;
#elif defined(__aarch64__)
  if (set == &kNeon) return &kTypedNeon;
#elif defined(__wasm_simd128__)
  if (set == &kSimd128) return &kTypedSimd128;
#endif
  return &kTypedScalar;
}

float typed_inverse_norm(Element element, const void *row, uint32_t dim) {
  switch (element) {
    case Element::kF32: return inverse_norm_of(static_cast<const float *>(row), dim);
    case Element::kF16: return inverse_norm_of(static_cast<const F16 *>(row), dim);
    case Element::kBf16: return inverse_norm_of(static_cast<const Bf16 *>(row), dim);
    case Element::kI8: return inverse_norm_of(static_cast<const int8_t *>(row), dim);
    case Element::kU8: return inverse_norm_of(static_cast<const uint8_t *>(row), dim);
  }
  return 0;
}

}  // namespace elanus
