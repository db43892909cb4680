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
  /** Whether answers have errors. */
  readonly hasErrors?: boolean;
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
  /** 0 if there are none. */
  readonly errors: number;
}

/** Calls `search`, which gives a status, for every portion, and gathers the answers. */
export function searchInPortions(core: Instance, { queries, dim, count, k, alive, range, hasErrors = false }: Search, search: (at: Portion) => number): Candidates {
  const result = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
  const errors = hasErrors ? new Float32Array(count * k) : undefined;
  const bytesPerQuery = dim * queries.BYTES_PER_ELEMENT + 4 + (hasErrors ? 12 : 8) * k;
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
    const errorsAt = scoresAt + rows * k * 4;
    const queriesAt = errorsAt + (hasErrors ? rows * k * 4 : 0);
    core.put(part, queriesAt);
    const at = { count: rows, queries: queriesAt, alive: alive === undefined ? 0 : aliveAt, range: range === undefined ? 0 : rangeAt, counts: countsAt, rows: rowsAt, scores: scoresAt, errors: hasErrors ? errorsAt : 0 };
    checkStatus(search(at), 'search');
    const { f32, u32 } = core;
    take(u32, countsAt / 4, rows, result.counts, done);
    take(u32, rowsAt / 4, rows * k, result.rows, done * k);
    take(f32, scoresAt / 4, rows * k, result.scores, done * k);
    if (errors !== undefined) take(f32, errorsAt / 4, rows * k, errors, done * k);
  }
  return errors === undefined ? result : { ...result, errors };
}

/** So few values are copied sooner than a view of them is made. */
const FEW = 64;

/** Copies `count` values of a view of the memory. */
function take<T extends Uint32Array | Float32Array>(memory: T, from: number, count: number, to: T, at: number): void {
  if (count > FEW) to.set(memory.subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = memory[from + i] as number;
}
