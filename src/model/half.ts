// Half: numbers of 16 bits, as vectors of them are stored: f16, IEEE 754 binary16, and bf16, the upper half of an f32.

import type { DenseVectorType } from './field.js';

/** Vectors of numbers, by the arrays that hold them. */
export type NumberVectorType = Exclude<DenseVectorType, 'BinaryVector'>;

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The f16 nearest to `value`, ties to even; beyond its range an infinity. */
export function halfBits(value: number): number {
  single[0] = value;
  const bits = word[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // 65,520 and above round to more than the largest f16.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  if (magnitude >= 0x3880_0000) return sign | ((magnitude - 0x3800_0000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  return sign | subnormal(magnitude);
}

// Multiples of 2^-24, of which f32 has each exactly.
function subnormal(magnitude: number): number {
  word[0] = magnitude;
  const scaled = (single[0] as number) * 2 ** 24;
  const whole = Math.floor(scaled);
  const rest = scaled - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}

/** What an f16 stands for. */
export function halfValue(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bf16 nearest to `value` as f32, ties to even; beyond its range an infinity. */
export function bfloatBits(value: number): number {
  single[0] = value;
  const bits = word[0] as number;
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff_0000) >>> 16;
}

/** What a bf16 stands for. */
export function bfloatValue(bits: number): number {
  word[0] = bits << 16;
  return single[0] as number;
}

/** The numbers that stored components stand for, as f32, which has each exactly; those of a FloatVector themselves. */
export function floatsOf(type: NumberVectorType, stored: Float32Array | Uint16Array | Int8Array): Float32Array {
  if (stored instanceof Float32Array) return stored;
  if (type === 'Int8Vector') return Float32Array.from(stored);
  return Float32Array.from(stored, type === 'Float16Vector' ? halfValue : bfloatValue);
}
