// Code sets: the entries of the table of code kernels, each defined in the file of its instruction set.
#pragma once

#include "kernels/code_kernels.h"

namespace elanus {

extern const CodeKernels kScalarCodes;
#if defined(__x86_64__)
extern const CodeKernels kAvx512VnniCodes;
extern const CodeKernels kAvx2Codes;
#elif defined(__aarch64__)
extern const CodeKernels kNeonCodes;
#elif defined(__wasm_simd128__)
extern const CodeKernels kSimd128Codes;
#endif

}  // namespace elanus
