// TypedKernels: the distances of f32 queries to rows of any element type, and conversions of many values, for each
// set of Kernels. Within a set a row of another type scores exactly as the f32 row of the same values; conversions
// give the same bits in every set, but for those of a NaN.
#pragma once

#include "kernels/element.h"
#include "kernels/kernels.h"

namespace elanus {

// The type of the rows' values is that of the entry called.
using TypedBlock = BlockOf<void>;

// Arrays are indexed by Element.
struct TypedKernels {
  const char *name;
  void (*dot[kElements])(const TypedBlock &block);  // inner product
  void (*l2[kElements])(const TypedBlock &block);   // squared Euclidean distance
  void (*widen[kElements])(const void *from, size_t count, float *to);
  // To the nearest value of the type, ties to even; beyond its greatest, infinity, or for whole numbers the greatest.
  void (*narrow[kElements])(const float *from, size_t count, void *to);
};

// Those for the machine of `set`: of the same name, or scalar where the machine lacks what they need besides.
const TypedKernels *typed_kernels_of(const Kernels *set);

// As inverse_norm of the f32 row of the same values.
float typed_inverse_norm(Element element, const void *row, uint32_t dim);

}  // namespace elanus
