// BinaryKernels: which table goes with which set. Compiled for the baseline.
#include "kernels/binary_kernels.h"

#include "kernels/sets.h"

namespace elanus {

extern const BinaryKernels kBinaryScalar;
#if defined(__x86_64__)
extern const BinaryKernels kBinaryAvx512;
extern const BinaryKernels kBinaryAvx2;

namespace {

// AVX-512 came long before its instruction that counts bits.
bool counts_bits() {
  return __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}

}  // namespace
#elif defined(__aarch64__)
extern const BinaryKernels kBinaryNeon;
#elif defined(__wasm_simd128__)
extern const BinaryKernels kBinarySimd128;
#endif

const BinaryKernels *binary_kernels_of(const Kernels *set) {
#if defined(__x86_64__)
  if (set == &kAvx512 && counts_bits()) return &kBinaryAvx512;
  if (set == &kAvx2 || (set == &kAvx512 && __builtin_cpu_supports("avx2"))) return &kBinaryAvx2;
#elif defined(__aarch64__)
  if (set == &kNeon) return &kBinaryNeon;
#elif defined(__wasm_simd128__)
  if (set == &kSimd128) return &kBinarySimd128;
#endif
  return &kBinaryScalar;
}

}  // namespace elanus
