// Sets: the table entries, each defined in the file of its instruction set.
#pragma once

#include "kernels/kernels.h"

namespace elanus {

extern const Kernels kScalar;
#if defined(__x86_64__)
extern const Kernels kAvx512;
extern const Kernels kAvx2;
#elif defined(__aarch64__)
extern const Kernels kNeon;
#elif defined(__wasm_simd128__)
extern const Kernels kSimd128;
#endif

}  // namespace elanus
