// What core-relaxed.wasm asks of a compiler, in a few lines: relaxed SIMD, malloc and the C++ headers. A compiler serves
// if it makes of this a module that V8 accepts.
#include <stdlib.h>
#include <wasm_simd128.h>

#include <new>
#include <type_traits>

extern "C" int probe(int seed) {
  void *memory = nullptr;
  if (posix_memalign(&memory, 64, 16) != 0) return 0;
  auto *lanes = new (memory) v128_t(wasm_i8x16_splat(static_cast<signed char>(seed)));
  static_assert(std::is_trivially_copyable_v<v128_t>);
  const v128_t madd = wasm_f32x4_relaxed_madd(*lanes, *lanes, *lanes);
  const v128_t dot = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(*lanes, wasm_i8x16_splat(1), madd);
  const int lane = wasm_i32x4_extract_lane(dot, 0);
  free(memory);
  return lane;
}
