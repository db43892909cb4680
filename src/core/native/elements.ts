// Elements: what the vectors of a flat index may be made of: their numbers in elanus.h, the arrays that hold them, and
// which dimensions and metrics go with them.

import { require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { BINARY_METRICS, METRICS } from '../../model/metric.js';
import type { DenseElement, MetricOf, QueryValues, VectorElement, VectorValues } from '../../ports/core.js';
import { checkK, checkRows, type ArrayType } from './abi.js';

export interface ElementTraits<E extends VectorElement> {
  /** Stored in segments: do not change. */
  readonly number: number;
  readonly Rows: ArrayType<VectorValues<E, ArrayBuffer>>;
  readonly Queries: ArrayType<QueryValues<E>>;
  /** Dimensions to one value of the arrays. */
  readonly perValue: number;
}

const ELEMENTS: { readonly [E in VectorElement]: ElementTraits<E> } = {
  BinaryVector: { number: 100, Rows: Uint8Array, Queries: Uint8Array, perValue: 8 },
  FloatVector: { number: 101, Rows: Float32Array, Queries: Float32Array, perValue: 1 },
  Float16Vector: { number: 102, Rows: Uint16Array, Queries: Float32Array, perValue: 1 },
  BFloat16Vector: { number: 103, Rows: Uint16Array, Queries: Float32Array, perValue: 1 },
  Int8Vector: { number: 105, Rows: Int8Array, Queries: Float32Array, perValue: 1 },
};

/** Errors: `InvalidArgument` unless the three go together. */
export function checkFlat<E extends VectorElement>(dim: number, metric: MetricOf<E>, element: E): ElementTraits<E> {
  require(Object.hasOwn(ELEMENTS, element), () => `element: expected one of ${Object.keys(ELEMENTS).join(', ')}, found ${String(element)}`);
  const isBinary = element === 'BinaryVector';
  const metrics: readonly string[] = isBinary ? BINARY_METRICS : METRICS;
  require(metrics.includes(metric), () => `metric: expected one of ${metrics.join(', ')}, found ${String(metric)}`);
  const dimMax = isBinary ? LIMITS.binaryDimensionMax : LIMITS.dimensionMax;
  require(Number.isInteger(dim) && dim >= 1 && dim <= dimMax, () => `dim: expected 1 to ${dimMax}, found ${String(dim)}`);
  const traits: ElementTraits<E> = ELEMENTS[element];
  require(dim % traits.perValue === 0, () => `dim: expected a multiple of ${traits.perValue}, found ${dim}`);
  return traits;
}

/** Errors: `InvalidArgument` for bit vectors. */
export function checkDense(element: VectorElement): void {
  require(element !== 'BinaryVector', () => 'rows: expected vectors of numbers, found BinaryVector, which has exact indexes alone');
}

/** What `Core.rank` is given, and the kernels to do it by. */
export interface RankArguments<E extends DenseElement = DenseElement> {
  readonly metric: MetricOf<E>;
  readonly element: E;
  readonly dim: number;
  readonly query: Float32Array;
  readonly vectors: VectorValues<E>;
  readonly k: number;
  readonly kernels: number;
}

/** The number of vectors, and that of their element. Errors: `InvalidArgument`. */
export function checkRank({ metric, element, dim, query, vectors, k }: RankArguments): { readonly count: number; readonly element: number } {
  checkDense(element);
  const { number, Rows } = checkFlat(dim, metric, element);
  require(checkRows('query', query, dim) === 1, () => `query: expected ${dim} values, found ${query.length}`);
  checkK(k);
  return { count: checkRows('vectors', vectors, dim, Rows), element: number };
}
