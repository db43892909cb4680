// Kernels: which instruction sets this build holds and this machine runs. Compiled for the baseline, so that it is
// safe to call before anything is known about the machine.
#include "kernels/kernels.h"

#include "kernels/norm.h"
#include "kernels/sets.h"

namespace elanus {
namespace {

struct Candidate {
  const Kernels *kernels;
  bool (*runs_here)();
};

bool always() { return true; }

#if defined(__x86_64__)
// A feature counts only if the operating system saves its registers; the compiler's check covers both.
bool has_avx512() { return __builtin_cpu_supports("avx512f"); }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif

constexpr Candidate kCandidates[] = {
#if defined(__x86_64__)
    {&kAvx512, has_avx512},
    {&kAvx2, has_avx2},
#elif defined(__aarch64__)
    {&kNeon, always},
#elif defined(__wasm_simd128__)
    {&kSimd128, always},
#endif
    {&kScalar, always},
};

}  // namespace

const Kernels *kernels_at(uint32_t position) {
  for (const Candidate &candidate : kCandidates) {
    if (!candidate.runs_here()) continue;
    if (position == 0) return candidate.kernels;
    position--;
  }
  return nullptr;
}

float inverse_norm(const float *vector, uint32_t dim) { return inverse_norm_of(vector, dim); }

}  // namespace elanus
