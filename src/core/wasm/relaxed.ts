// Relaxed SIMD: which of the two modules an engine takes, core.wasm or core-relaxed.wasm. They are the same core, with
// the same exports; the second knows a fused multiply-add and a dot product of bytes. Where no compiler could build it, its
// file is a copy of the first, so whoever chooses by the engine alone always has a module that works.

/**
 * A function of three vectors, in the binary format of WebAssembly: the product of the first two plus the third
 * (f32x4.relaxed_madd), to which the bytes of the second and the third add their products (i32x4.relaxed_dot…_add_s).
 */
const PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b], // types: (v128, v128, v128) -> v128
  ...[0x03, 0x02, 0x01, 0x00], // functions: one, of that type
  ...[0x0a, 0x14, 0x01, 0x12, 0x00], // code: one body of 18 bytes without locals
  ...[0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02], // parameters 0, 1, 2: relaxed_madd
  ...[0x20, 0x01, 0x20, 0x02, 0xfd, 0x93, 0x02], // parameters 1, 2: relaxed_dot_i8x16_i7x16_add_s
  0x0b, // end
);

/** Whether this engine takes core-relaxed.wasm. Node 20 does not, unless it is told to. */
export function takesRelaxedSimd(): boolean {
  return WebAssembly.validate(PROBE);
}
