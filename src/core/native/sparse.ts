// Sparse: the checks of sparse rows and of searches for them that both bindings make before anything crosses.

import { require } from '../../model/errors.js';
import type { SparseOptions, SparseRows, SparseWeights } from '../../ports/core.js';

/** Numbers of native/include/elanus.h. */
const WEIGHTS: readonly SparseWeights[] = ['impacts', 'frequencies'];

export function weightsNumber(weights: SparseWeights): number {
  const number = WEIGHTS.indexOf(weights);
  require(number >= 0, () => `weights: expected impacts or frequencies, found ${String(weights)}`);
  return number;
}

/** REQUIRES: the core gave `number`. */
export function weightsOf(number: number): SparseWeights {
  return WEIGHTS[number] as SparseWeights;
}

/** Number of rows. Errors: `InvalidArgument` unless each has its place; what indices and values are is the core's to check. */
export function checkSparse(what: string, rows: SparseRows): number {
  require(typeof rows === 'object' && rows !== null, () => `${what}: expected { indptr, indices, values }, found ${String(rows)}`);
  const { indptr, indices, values } = rows;
  require(indptr instanceof Uint32Array && indices instanceof Uint32Array && values instanceof Float32Array, () => `${what}: expected indptr and indices to be Uint32Arrays, values a Float32Array`);
  require(indptr.length > 0 && indptr[0] === 0, () => `${what}.indptr: expected to begin with 0, found ${String(indptr[0])}`);
  const descent = indptr.findIndex((at, i) => i > 0 && at < (indptr[i - 1] as number));
  require(descent < 0, () => `${what}.indptr: expected not to descend, found ${String(indptr[descent])} after ${String(indptr[descent - 1])}`);
  const count = indptr[indptr.length - 1] as number;
  require(indices.length === count && values.length === count, () => `${what}: expected ${count} indices and values, found ${indices.length} and ${values.length}`);
  return indptr.length - 1;
}

/** Errors: `InvalidArgument` unless frequencies have as many lengths as rows, and impacts none. */
export function checkLengths(weights: SparseWeights, lengths: Uint32Array | undefined, count: number): void {
  if (weights === 'impacts') return require(lengths === undefined, () => 'append: impacts have no lengths');
  require(lengths instanceof Uint32Array && lengths.length === count, () => `append: expected the lengths of ${count} rows in a Uint32Array, found ${lengths?.length ?? 'none'}`);
}

/** k1, b and averageLength as f32. Errors: `InvalidArgument` unless frequencies have such, and impacts none. */
export function bm25Numbers(weights: SparseWeights, { bm25 }: SparseOptions): Float32Array<ArrayBuffer> | undefined {
  require((bm25 !== undefined) === (weights === 'frequencies'), () => `bm25: expected ${weights === 'impacts' ? 'none' : 'one'} for ${weights}`);
  if (bm25 === undefined) return undefined;
  const { k1, b, averageLength } = bm25;
  require(typeof k1 === 'number' && k1 >= 0 && k1 < Infinity, () => `bm25.k1: expected 0 or more, found ${String(k1)}`);
  require(typeof b === 'number' && b >= 0 && b <= 1, () => `bm25.b: expected 0 to 1, found ${String(b)}`);
  require(typeof averageLength === 'number' && averageLength > 0 && averageLength < Infinity, () => `bm25.averageLength: expected a number above 0, found ${String(averageLength)}`);
  return Float32Array.of(k1, b, averageLength);
}

export function checkTerms(terms: Uint32Array): void {
  require(terms instanceof Uint32Array, () => 'terms: expected a Uint32Array');
}

/** Errors: `InvalidArgument`. */
export function dropRatioOf({ dropRatio = 0 }: SparseOptions): number {
  require(typeof dropRatio === 'number' && dropRatio >= 0 && dropRatio < 1, () => `dropRatio: expected at least 0 and below 1, found ${String(dropRatio)}`);
  return dropRatio;
}

export function checkSha256(rowsSha256: Uint8Array): void {
  require(rowsSha256 instanceof Uint8Array && rowsSha256.length === 32, () => 'rowsSha256: expected 32 bytes');
}
