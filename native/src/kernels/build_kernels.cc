// BuildKernels: which sets this build holds and this machine runs, beside the sets of kernels.cc.
#include "kernels/build_kernels.h"

#include "kernels/sets.h"

namespace elanus {

extern const BuildKernels kScalarBuild;
#if defined(__x86_64__)
extern const BuildKernels kAvx512Build, kAvx2Build;
#elif defined(__aarch64__)
extern const BuildKernels kNeonBuild;
#elif defined(__wasm_simd128__)
extern const BuildKernels kSimd128Build;
#endif

const BuildKernels *build_kernels_at(uint32_t position) {
  const Kernels *beside = kernels_at(position);
  if (beside == nullptr) return nullptr;
#if defined(__x86_64__)
  // AVX-512F without byte operations and VNNI has nothing for integers of 8 bits: AVX2 serves it.
  const bool vnni = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
  if (beside == &kAvx512) return vnni ? &kAvx512Build : &kAvx2Build;
  if (beside == &kAvx2) return &kAvx2Build;
#elif defined(__aarch64__)
  if (beside == &kNeon) return &kNeonBuild;
#elif defined(__wasm_simd128__)
  if (beside == &kSimd128) return &kSimd128Build;
#endif
  return &kScalarBuild;
}

}  // namespace elanus
