// Snapshot: the segments of a table at one moment, with the rows that were alive then. They stay readable until it is
// released, whatever is written, sealed or merged meanwhile.

import type { Bitset } from '../../model/bitset.js';
import type { Segment } from './segment.js';

export interface SnapshotPart {
  readonly segment: Segment;
  /** Undefined if every row is alive. */
  readonly alive: Bitset | undefined;
}

export class Snapshot {
  /** In order of insertion. */
  readonly parts: readonly SnapshotPart[];

  constructor(segments: readonly Segment[]) {
    this.parts = segments.map((segment) => ({ segment, alive: segment.alive()?.slice() }));
    for (const segment of segments) segment.retain();
  }

  release(): void {
    for (const { segment } of this.parts) segment.release();
  }
}
