// Portions: searches that cross into core.wasm and back: queries, bitset and room for the answers lie in the
// instance's scratch, as many queries at once as fit.

import type { Bitset } from '../../model/bitset.js';
import type { Candidates } from '../../ports/core.js';
import { checkStatus } from '../native/abi.js';
import type { Instance } from './instance.js';

/** What crosses at once, unless one query takes more. */
export const PORTION_BYTES = 1024 * 1024;

export const RANGE_BYTES = 8;

export interface Search {
  readonly queries: Float32Array | Uint8Array;
  /** Values of a query. */
  readonly dim: number;
  readonly count: number;
  readonly k: number;
  readonly alive: Bitset | undefined;
  /** Radius and range_filter. */
  readonly range?: Float32Array | undefined;
}

/** Addresses of one portion; `alive` is 0 if every row takes part, `range` if every score does. */
export interface Portion {
  readonly count: number;
  readonly queries: number;
  readonly alive: number;
  readonly range: number;
  readonly counts: number;
  readonly rows: number;
  readonly scores: number;
}

/** Calls `search`, which gives a status, for every portion, and gathers the answers. */
export function searchInPortions(core: Instance, { queries, dim, count, k, alive, range }: Search, search: (at: Portion) => number): Candidates {
  const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
  const bytesPerQuery = dim * queries.BYTES_PER_ELEMENT + 4 + 8 * k;
  // Words come first and bytes last, so that all are aligned.
  const portion = Math.max(1, Math.min(count, Math.floor(PORTION_BYTES / bytesPerQuery)));
  const rangeAt = core.scratch(RANGE_BYTES + portion * bytesPerQuery + (alive?.length ?? 0));
  const countsAt = rangeAt + RANGE_BYTES;
  const aliveAt = countsAt + portion * bytesPerQuery;
  if (alive !== undefined) core.u8.set(alive, aliveAt);
  if (range !== undefined) core.put(range, rangeAt);
  for (let done = 0; done < count; done += portion) {
    const part = count <= portion ? queries : queries.subarray(done * dim, Math.min(done + portion, count) * dim);
    const rows = part.length / dim;
    const rowsAt = countsAt + rows * 4;
    const scoresAt = rowsAt + rows * k * 4;
    const queriesAt = scoresAt + rows * k * 4;
    core.put(part, queriesAt);
    const at = { count: rows, queries: queriesAt, alive: alive === undefined ? 0 : aliveAt, range: range === undefined ? 0 : rangeAt, counts: countsAt, rows: rowsAt, scores: scoresAt };
    checkStatus(search(at), 'search');
    const { f32, u32 } = core;
    take(u32, countsAt / 4, rows, result.counts, done);
    take(u32, rowsAt / 4, rows * k, result.rows, done * k);
    take(f32, scoresAt / 4, rows * k, result.scores, done * k);
  }
  return result;
}

/** So few values are copied sooner than a view of them is made. */
const FEW = 64;

/** Copies `count` values of a view of the memory. */
function take<T extends Uint32Array | Float32Array>(memory: T, from: number, count: number, to: T, at: number): void {
  if (count > FEW) to.set(memory.subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = memory[from + i] as number;
}
