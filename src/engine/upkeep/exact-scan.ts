// Exact scan: what a search of every row finds, with others of this thread served meanwhile: in other threads if the core has
// them, else some rows at a time.

import { bitsetBytes, bitsetOf, type Bitset } from '../../model/bitset.js';
import type { Candidates } from '../../ports/core.js';
import { CandidateList } from '../search/candidate-list.js';
import type { NumberFlat } from '../table/vector-part.js';
import type { Pacer } from './pacer.js';

/** Looked at in one call: a millisecond or two where every value is. */
const PORTION_VALUES = 4_000_000;
const WORD_ROWS = 64;

/** The `k` best rows of each query, as of `FlatIndex.search`; undefined if it was stopped. */
export async function scanExactly(rows: NumberFlat, queries: Float32Array, k: number, pacer: Pacer, stopped: () => boolean): Promise<Candidates | undefined> {
  if (rows.searchAsync !== undefined) {
    const found = await rows.searchAsync(queries, k);
    return stopped() ? undefined : found;
  }
  const count = queries.length / rows.dim;
  const list = new CandidateList(count, k);
  for (const portion of portionsOf(rows, count)) {
    const { counts, rows: found, scores } = rows.search(queries, k, portion);
    for (let query = 0; query < count; query++) {
      const [first, end] = [query * k, query * k + (counts[query] as number)];
      list.add(query, found.subarray(first, end), scores.subarray(first, end), rows.metric);
    }
    await pacer.turn();
    if (stopped()) return undefined;
  }
  return list.candidates();
}

/** All rows in order, as many at a time as `queryCount` queries may look at in one call; undefined: every row is. */
export function portionsOf({ size, dim }: NumberFlat, queryCount: number): readonly (Bitset | undefined)[] {
  const count = WORD_ROWS * Math.max(1, Math.floor(PORTION_VALUES / (WORD_ROWS * dim * queryCount)));
  if (size <= count) return [undefined];
  return Array.from({ length: Math.ceil(size / count) }, (_, at) => bitsBetween(at * count, Math.min(size, (at + 1) * count), size));
}

/** REQUIRES: `first` begins a word. */
function bitsBetween(first: number, end: number, rows: number): Bitset {
  const bits = new Uint8Array(bitsetBytes(rows));
  bits.set(bitsetOf(end - first, true), first / 8);
  return bits;
}
