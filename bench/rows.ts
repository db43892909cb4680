// Rows of vectors in the forms that peers take.

import type { Knob, Vectors } from './target.js';

/** Views, one a row. */
export function rowsAsViews<Values extends Float32Array | Uint8Array>({ n, values }: Vectors): Values[] {
  const width = values.length / n;
  return Array.from({ length: n }, (_, row) => values.subarray(row * width, (row + 1) * width) as Values);
}

/** Plain arrays, made as they are asked for. */
export function* rowsAsArrays(vectors: Vectors): Generator<readonly number[]> {
  for (const row of rowsAsViews(vectors)) yield Array.from(row);
}

/** The settings of ef that are tried for a graph of n rows. */
export function efRange(k: number, n: number): Knob {
  return { name: 'ef', min: k, max: Math.max(k, Math.min(n, 4096)) };
}
