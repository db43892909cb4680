// Relaxed SIMD: which of the two modules an engine takes, core.wasm or core-relaxed.wasm. They are the same core, with
// the same exports; the second knows a fused multiply-add and a dot product of bytes. Where no compiler could build it, its
// file is a copy of the first, so whoever chooses by the engine alone always has a module that works.

/**
 * A function without parameters, in the binary format of WebAssembly: whether every sum of two products of -127 with 127
 * (i16x8.relaxed_dot_i8x16_i7x16_s) is -32258. It adds zeros by f32x4.relaxed_madd, to be refused where that is unknown.
 */
const PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f], // types: () -> i32
  ...[0x03, 0x02, 0x01, 0x00], // functions: one, of that type
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00], // exports: it, as "f"
  ...[0x0a, 0x29, 0x01, 0x27, 0x01, 0x01, 0x7b], // code: one body of 39 bytes with one v128, which is zero
  ...[0x41, 0x81, 0x7f, 0xfd, 0x0f], // i8x16.splat -127
  ...[0x41, 0xff, 0x00, 0xfd, 0x0f], // i8x16.splat 127
  ...[0xfd, 0x92, 0x02], // relaxed_dot
  ...[0x41, 0xfe, 0x83, 0x7e, 0xfd, 0x10], // i16x8.splat -32258
  ...[0xfd, 0x2d], // i16x8.eq
  ...[0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02], // relaxed_madd of zeros
  ...[0xfd, 0x50], // v128.or
  ...[0xfd, 0x83, 0x01], // i16x8.all_true
  0x0b, // end
);

/**
 * Whether this engine takes core-relaxed.wasm: it knows relaxed SIMD, as Node 20 does if it is told to, and does not swap
 * the operands of a dot product, as V8 11.3 does before a function is tiered up, on machines without AVX.
 */
export function takesRelaxedSimd(): boolean {
  if (!WebAssembly.validate(PROBE)) return false;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports;
  return (f as () => number)() === 1;
}
