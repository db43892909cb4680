// Sparse vector: vectors from a caller by their terms, checked, sorted, and one behind the other as a column or as queries.

import type { SparseColumn } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { Bm25Scoring, SparseRows } from '../../ports/core.js';

/** Queries of a sparse field. */
export interface SparseQueries {
  readonly rows: SparseRows;
  /** Share of a query's terms, those of the smallest values, that need not find hits. */
  readonly dropRatio: number;
  /** Of texts, once they are weighed. */
  readonly bm25?: Bm25Scoring;
}

type Where = () => string;

/** The largest index, as in Milvus. */
const INDEX_MAX = 0xffff_fffe;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const TERMS_FIRST = 256;
/** More than a vector may have terms while it is sorted; an index times this is still exact. */
const PLACES = 2 ** 21;

/**
 * `given` are vectors as `{ [index]: value }`, Maps, `{ indices, values }` or arrays of [index, value]. Errors:
 * `InvalidArgument` for an index that is no integer of 0 to 2^32 - 2 or is there twice, a value that is negative, NaN or beyond f32.
 */
export function sparseColumn(given: readonly unknown[], whereOf: (at: number) => string): SparseColumn {
  const offsets = new Uint32Array(given.length + 1);
  const terms = new Terms();
  let at = 0;
  const where = (): string => whereOf(at);
  for (; at < given.length; at++) {
    putAll(given[at], terms, where);
    terms.end(offsets[at] as number, where);
    offsets[at + 1] = terms.count;
  }
  return { type: 'SparseFloatVector', offsets, ...terms.taken() };
}

/** Vectors whose terms lie one behind the other: row i has those from offsets[i] to before offsets[i + 1]. Errors as sparseColumn. */
export function sparseTerms(offsets: Uint32Array, indices: ArrayLike<unknown>, values: ArrayLike<unknown>, whereOf: (at: number) => string): SparseColumn {
  const terms = new Terms();
  let at = 0;
  const where = (): string => whereOf(at);
  for (; at + 1 < offsets.length; at++) {
    for (let i = offsets[at] as number; i < (offsets[at + 1] as number); i++) terms.put(indices[i], values[i], where);
    terms.end(offsets[at] as number, where);
  }
  return { type: 'SparseFloatVector', offsets, ...terms.taken() };
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

/** Terms of one vector after the other. */
class Terms {
  #indices = new Uint32Array(TERMS_FIRST);
  #values = new Float32Array(TERMS_FIRST);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  put(index: unknown, value: unknown, where: Where): void {
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) > INDEX_MAX) refuse(where, `indices of 0 to ${INDEX_MAX}, found ${shown(index)}`);
    if (typeof value !== 'number') refuse(where, `numbers, found ${typeof value} at index ${String(index)}`);
    if (!Number.isFinite(Math.fround(value)) || value < 0) refuse(where, `finite f32 values that are not negative, found ${value} at index ${String(index)}`);
    if (this.#count === this.#indices.length) this.#grow();
    this.#indices[this.#count] = index as number;
    this.#values[this.#count++] = value;
  }

  /** A vector that began at `first` is whole. */
  end(first: number, where: Where): void {
    const terms = this.#count - first;
    if (terms > LIMITS.sparseTermsMax) refuse(where, `at most ${LIMITS.sparseTermsMax} terms, found ${terms}`);
    if (!this.#ascends(first)) this.#sort(first);
    for (let i = first + 1; i < this.#count; i++) if (this.#indices[i] === this.#indices[i - 1]) refuse(where, `each index once, found ${this.#indices[i]} twice`);
  }

  taken(): Pick<SparseColumn, 'indices' | 'values'> {
    return { indices: this.#indices.slice(0, this.#count), values: this.#values.slice(0, this.#count) };
  }

  #ascends(first: number): boolean {
    for (let i = first + 1; i < this.#count; i++) if ((this.#indices[i] as number) < (this.#indices[i - 1] as number)) return false;
    return true;
  }

  // Index and place as one number each, so that they sort without a call.
  #sort(first: number): void {
    const indices = this.#indices.subarray(first, this.#count);
    const values = this.#values.slice(first, this.#count);
    const order = Float64Array.from(indices, (index, at) => index * PLACES + at).sort();
    order.forEach((key, at) => {
      indices[at] = Math.floor(key / PLACES);
      this.#values[first + at] = values[key % PLACES] as number;
    });
  }

  #grow(): void {
    const indices = new Uint32Array(this.#count * 2);
    const values = new Float32Array(this.#count * 2);
    indices.set(this.#indices);
    values.set(this.#values);
    this.#indices = indices;
    this.#values = values;
  }
}

function putAll(given: unknown, terms: Terms, where: Where): void {
  if (given instanceof Map) return given.forEach((value, index) => terms.put(index, value, where));
  if (Array.isArray(given)) {
    for (const pair of given as readonly unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2) refuse(where, `pairs of an index and a value, found ${shown(pair)}`);
      terms.put(pair[0], pair[1], where);
    }
    return;
  }
  if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given)) return refuse(where, `a sparse vector as { [index]: value }, found ${given === null ? 'null' : ArrayBuffer.isView(given) ? 'a dense vector' : typeof given}`);
  if ('indices' in given && 'values' in given) return putLists(given.indices, given.values, terms, where);
  for (const [index, value] of Object.entries(given)) terms.put(INDEX.test(index) ? Number(index) : index, value, where);
}

function putLists(indices: unknown, values: unknown, terms: Terms, where: Where): void {
  const isList = (list: unknown): list is ArrayLike<unknown> => Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView));
  if (!isList(indices) || !isList(values) || indices.length !== values.length) return refuse(where, 'indices and values of the same length');
  for (let i = 0; i < indices.length; i++) terms.put(indices[i], values[i], where);
}

function shown(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : Array.isArray(value) ? `[${value.map(shown).join()}]` : (JSON.stringify(value) ?? String(value));
}

function refuse(where: Where, expected: string): never {
  throw new ElanusError('InvalidArgument', `${where()}: expected ${expected}`);
}
