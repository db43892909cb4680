// Code kernels: which sets this build holds and this machine runs, beside the sets of kernels.cc.
#include "kernels/code_kernels.h"

#include "kernels/code_sets.h"
#include "kernels/sets.h"

namespace elanus {
namespace {

#if defined(__x86_64__)
// AVX-512F without byte operations and VNNI has nothing for integers of 8 bits: AVX2 serves it.
const CodeKernels *best_x86() {
  const bool vnni = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
  return vnni ? &kAvx512VnniCodes : &kAvx2Codes;
}
#endif

}  // namespace

const CodeKernels *code_kernels_at(uint32_t position) {
  const Kernels *beside = kernels_at(position);
  if (beside == nullptr) return nullptr;
#if defined(__x86_64__)
  // Every machine with AVX-512F has AVX2 and FMA.
  if (beside == &kAvx512) return best_x86();
  if (beside == &kAvx2) return &kAvx2Codes;
#elif defined(__aarch64__)
  if (beside == &kNeon) return &kNeonCodes;
#elif defined(__wasm_simd128__)
  if (beside == &kSimd128) return &kSimd128Codes;
#endif
  return &kScalarCodes;
}

}  // namespace elanus
