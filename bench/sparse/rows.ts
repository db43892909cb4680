// Sparse rows from files: JSON Lines with `indices` and `values`, plain or gzipped.

import type { SparseRows } from '../../src/ports/core.js';
import { readText } from '../text/collection.js';
import { UsageError } from '../usage-error.js';

/** Indices ascend within a row. Errors: `UsageError`. */
export function readSparse(path: string): SparseRows {
  const lines = readText(path).split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new UsageError(`${path}: holds no row`);
  const rows = lines.map((line, i) => pairsOf(line, `${path}: line ${i + 1}`));
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((pairs, i) => (indptr[i + 1] = (indptr[i] as number) + pairs.length));
  const all = rows.flat();
  return { indptr, indices: Uint32Array.from(all, ([index]) => index), values: Float32Array.from(all, ([, value]) => value) };
}

function pairsOf(line: string, where: string): readonly (readonly [number, number])[] {
  const { indices, values } = parsed(line, where);
  if (!Array.isArray(indices) || !Array.isArray(values) || indices.length !== values.length) throw new UsageError(`${where}: expected indices and values, as many of each`);
  const pairs = indices.map((index: unknown, i): readonly [number, number] => [index as number, values[i] as number]);
  const odd = pairs.find(([index, value]) => !(Number.isInteger(index) && index >= 0 && index < 2 ** 32 && Number.isFinite(value) && value >= 0));
  if (odd !== undefined) throw new UsageError(`${where}: expected indices of 32 bits and values of 0 or more, found ${JSON.stringify(odd)}`);
  return pairs.sort(([a], [b]) => a - b);
}

function parsed(line: string, where: string): { readonly indices?: unknown; readonly values?: unknown } {
  try {
    return JSON.parse(line) as { readonly indices?: unknown };
  } catch (error) {
    throw new UsageError(`${where}: ${(error as Error).message}`);
  }
}

/** Row `row` alone. */
export function rowOf({ indptr, indices, values }: SparseRows, row: number): SparseRows {
  const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
  return { indptr: Uint32Array.of(0, to - from), indices: indices.slice(from, to), values: values.slice(from, to) };
}
