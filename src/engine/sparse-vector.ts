// Sparse vector: vectors from a caller by their terms, checked, sorted, and one behind the other as a column or as queries.

import type { SparseColumn } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { Bm25Scoring, SparseRows } from '../ports/core.js';

/** Queries of a sparse field. */
export interface SparseQueries {
  readonly rows: SparseRows;
  /** Share of a query's terms, those of the smallest values, that need not find hits. */
  readonly dropRatio: number;
  /** Of texts, once they are weighed. */
  readonly bm25?: Bm25Scoring;
}

type Where = () => string;
type Entry = readonly [index: unknown, value: unknown];

/** The largest index, as in Milvus. */
const INDEX_MAX = 0xffff_fffe;

/**
 * `given` are vectors as `{ [index]: value }`, Maps, `{ indices, values }` or arrays of [index, value]. Errors:
 * `InvalidArgument` for an index that is no integer of 0 to 2^32 - 2 or is there twice, a value that is negative, NaN or beyond f32.
 */
export function sparseColumn(given: readonly unknown[], whereOf: (at: number) => string): SparseColumn {
  const offsets = new Uint32Array(given.length + 1);
  const rows = given.map((vector, at) => {
    const entries = entriesOf(vector, () => whereOf(at));
    offsets[at + 1] = (offsets[at] as number) + entries.length;
    return entries;
  });
  const count = offsets[given.length] as number;
  const [indices, values] = [new Uint32Array(count), new Float32Array(count)];
  let next = 0;
  for (const entries of rows) {
    for (const [index, value] of entries) {
      indices[next] = index;
      values[next++] = value;
    }
  }
  return { type: 'SparseFloatVector', offsets, indices, values };
}

/** A column as the core takes it. */
export function sparseRows({ offsets, indices, values }: SparseColumn): SparseRows {
  return { indptr: offsets, indices, values };
}

/** One of the queries alone. */
export function oneSparse({ rows: { indptr, indices, values }, dropRatio }: SparseQueries, query: number): SparseQueries {
  const [start = 0, end = 0] = indptr.subarray(query, query + 2);
  return { rows: { indptr: Uint32Array.of(0, end - start), indices: indices.subarray(start, end), values: values.subarray(start, end) }, dropRatio };
}

/** True for what is one sparse vector, and no list of them. */
export function isSparse(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false;
  if (!Array.isArray(given)) return true;
  const [first] = given as readonly unknown[];
  return Array.isArray(first) && first.length === 2 && first.every((part) => typeof part === 'number');
}

function entriesOf(given: unknown, where: Where): readonly (readonly [number, number])[] {
  const entries = pairsOf(given, where);
  if (entries.length > LIMITS.sparseTermsMax) refuse(where, `at most ${LIMITS.sparseTermsMax} terms, found ${entries.length}`);
  const checked = Array.from(entries, (entry) => checkEntry(entry, where));
  checked.sort(([a], [b]) => a - b);
  for (let i = 1; i < checked.length; i++) if (checked[i]?.[0] === checked[i - 1]?.[0]) refuse(where, `each index once, found ${checked[i]?.[0]} twice`);
  return checked;
}

function pairsOf(given: unknown, where: Where): readonly Entry[] {
  if (given instanceof Map) return [...(given as ReadonlyMap<unknown, unknown>)];
  if (Array.isArray(given)) {
    const odd = given.find((pair) => !Array.isArray(pair) || pair.length !== 2);
    if (odd !== undefined) refuse(where, `pairs of an index and a value, found ${JSON.stringify(odd)}`);
    return given as readonly Entry[];
  }
  if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given)) return refuse(where, `a sparse vector as { [index]: value }, found ${given === null ? 'null' : ArrayBuffer.isView(given) ? 'a dense vector' : typeof given}`);
  if ('indices' in given && 'values' in given) return zipped(given.indices, given.values, where);
  return Object.entries(given).map(([index, value]) => [/^(?:0|[1-9]\d{0,9})$/.test(index) ? Number(index) : index, value]);
}

function zipped(indices: unknown, values: unknown, where: Where): readonly Entry[] {
  const isList = (list: unknown): list is ArrayLike<unknown> => Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView));
  if (!isList(indices) || !isList(values) || indices.length !== values.length) return refuse(where, 'indices and values of the same length');
  return Array.from(indices, (index, i): Entry => [index, values[i]]);
}

function checkEntry([index, value]: Entry, where: Where): readonly [number, number] {
  if (!Number.isInteger(index) || (index as number) < 0 || (index as number) > INDEX_MAX) refuse(where, `indices of 0 to ${INDEX_MAX}, found ${JSON.stringify(index)}`);
  if (typeof value !== 'number') refuse(where, `numbers, found ${typeof value} at index ${String(index)}`);
  if (!Number.isFinite(Math.fround(value)) || value < 0) refuse(where, `finite f32 values that are not negative, found ${value} at index ${String(index)}`);
  return [index as number, Math.fround(value)];
}

function refuse(where: Where, expected: string): never {
  throw new ElanusError('InvalidArgument', `${where()}: expected ${expected}`);
}
