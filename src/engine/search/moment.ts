// Moment: a snapshot that is searched more than once while rows are written. It shows the rows that were alive when it was
// taken, whatever grows, is deleted, sealed or merged meanwhile, until it is closed.

import { bitsetBytes, bitsetOf, clearBit, type Bitset } from '../../model/bitset.js';
import type { Segment } from '../table/segment.js';
import { Snapshot, type SnapshotPart } from '../table/snapshot.js';

export class Moment {
  readonly #snapshot: Snapshot;
  readonly #rows: ReadonlyMap<Segment, number>;
  /** The place of each segment in order of insertion. */
  readonly #places: ReadonlyMap<Segment, number>;
  #closed = false;

  /** Of all `segments` as they are now, in order of insertion. */
  constructor(segments: readonly Segment[]) {
    this.#snapshot = new Snapshot(segments);
    this.#rows = new Map(segments.map((segment) => [segment, segment.rows]));
    this.#places = new Map(segments.map((segment, at) => [segment, at]));
  }

  /** In order of insertion. */
  get segments(): readonly Segment[] {
    return this.#snapshot.parts.map(({ segment }) => segment);
  }

  /**
   * Its segments with the rows that take part: all of then but those in `without`, and damaged
   * segments. For one search, as segments grow.
   */
  parts(without?: ReadonlyMap<Segment, Iterable<number>>): readonly SnapshotPart[] {
    const intact = this.#snapshot.parts.filter(({ segment }) => segment.damage === undefined);
    return intact.map(({ segment, alive }) => {
      const rows = this.#rows.get(segment) as number;
      const left = without?.get(segment);
      if (left === undefined && segment.rows === rows) return { segment, alive };
      const bits = widened(alive ?? bitsetOf(rows, true), segment.rows);
      for (const row of left ?? []) clearBit(bits, row);
      return { segment, alive: bits };
    });
  }

  /** Negative, zero or positive as `a` was inserted before, is, or was inserted after `b`. */
  compare(a: { readonly segment: Segment; readonly row: number }, b: { readonly segment: Segment; readonly row: number }): number {
    return (this.#places.get(a.segment) as number) - (this.#places.get(b.segment) as number) || a.row - b.row;
  }

  /** Runs `work`, for which it stays readable though it be closed meanwhile. REQUIRES: it is not closed. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    for (const segment of this.segments) segment.retain();
    try {
      return await work();
    } finally {
      for (const segment of this.segments) segment.release();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#snapshot.release();
  }
}

function widened(bits: Bitset, rows: number): Bitset {
  const wide = new Uint8Array(Math.max(bits.length, bitsetBytes(rows)));
  wide.set(bits);
  return wide;
}
