// Vector: one vector from a caller, checked and written as f32 where it belongs.

import { ElanusError } from '../model/errors.js';
import type { Metric } from '../model/metric.js';

/** Where a vector goes: `dim` values of `values`, from `from` on. */
export interface VectorPlace {
  readonly values: Float32Array;
  readonly from: number;
  readonly dim: number;
}

/**
 * Writes `given` (Float32Array, Float64Array or numbers) to its place.
 * Errors: `InvalidArgument` for a wrong dimension, NaN, Infinity (also beyond f32), or a zero vector under COSINE.
 */
export function writeVector(given: unknown, { values, from, dim }: VectorPlace, metric: Metric, where: () => string): void {
  const numbers = given instanceof Float32Array || given instanceof Float64Array;
  if (!numbers && !Array.isArray(given)) refuse(where, `a vector of ${dim} numbers, found ${typeof given}`);
  if (given.length !== dim) refuse(where, `dimension ${dim}, found ${given.length}`);
  if (!numbers) checkNumbers(given, where);
  values.set(given, from);
  // One pass with two sums: a sum of x - x is NaN as soon as one component is not finite.
  let defect = 0;
  let magnitude = 0;
  for (let i = from; i < from + dim; i++) {
    const x = values[i] as number;
    defect += x - x;
    magnitude += x < 0 ? -x : x;
  }
  if (defect !== 0) refuse(where, `finite f32 components, found ${String(firstNotFinite(values.subarray(from, from + dim)))}`);
  if (magnitude === 0 && metric === 'COSINE') refuse(where, 'a vector that is not all zero, as COSINE has no angle for it');
}

function checkNumbers(given: readonly unknown[], where: () => string): void {
  for (let at = 0; at < given.length; at++) {
    if (typeof given[at] !== 'number') refuse(where, `numbers, found ${typeof given[at]} at component ${at}`);
  }
}

function firstNotFinite(vector: Float32Array): string {
  const at = vector.findIndex((x) => !Number.isFinite(x));
  return `${String(vector[at])} at component ${at}`;
}

function refuse(where: () => string, expected: string): never {
  throw new ElanusError('InvalidArgument', `${where()}: expected ${expected}`);
}
