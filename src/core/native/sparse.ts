// Sparse: the checks of sparse rows and of searches for them that both bindings make before anything crosses.

import { require } from '../../model/errors.js';
import type { SparseOptions, SparseRows } from '../../ports/core.js';

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

/** Errors: `InvalidArgument`. */
export function dropRatioOf({ dropRatio = 0 }: SparseOptions): number {
  require(typeof dropRatio === 'number' && dropRatio >= 0 && dropRatio < 1, () => `dropRatio: expected at least 0 and below 1, found ${String(dropRatio)}`);
  return dropRatio;
}

export function checkSha256(rowsSha256: Uint8Array): void {
  require(rowsSha256 instanceof Uint8Array && rowsSha256.length === 32, () => 'rowsSha256: expected 32 bytes');
}
