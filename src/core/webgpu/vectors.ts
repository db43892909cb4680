// Vectors as the kernels read them: rows of whole vec4s, padded with zeros, which change no metric; for COSINE scaled
// to length 1 in double precision, so that its score is an inner product and no square overflows. Zero stays zero.

import type { Metric } from '../../model/metric.js';

/** vec4s per vector. */
export function quadsOf(dim: number): number {
  return Math.ceil(dim / 4);
}

/** `source`, row-major, as the kernels read it; itself if it is so already. */
export function packVectors(source: Float32Array<ArrayBuffer>, dim: number, metric: Metric): Float32Array<ArrayBuffer> {
  const stride = quadsOf(dim) * 4;
  if (stride === dim && metric !== 'COSINE') return source;
  const rows = source.length / dim;
  const packed = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    const vector = source.subarray(row * dim, (row + 1) * dim);
    if (metric === 'COSINE') writeUnit(vector, packed, row * stride);
    else packed.set(vector, row * stride);
  }
  return packed;
}

function writeUnit(vector: Float32Array, target: Float32Array, first: number): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const inverse = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) target[first + i] = (vector[i] as number) * inverse;
}
