// Table: the rows of a collection in memory: sealed segments, then the growing one, and the key index over all.
// Changes are applied in the order of their LSN, each at once, so that every search sees whole batches.

import type { Columns } from '../model/columns.js';
import type { PrimaryKey } from '../model/row.js';
import { primaryField, type Schema } from '../model/schema.js';
import type { Core } from '../ports/core.js';
import type { SegmentEntry } from '../format/manifest.js';
import { KeyIndex } from './key-index.js';
import { Segment } from './segment.js';

/** A segment whose rows are in files. */
export interface SealedSegment {
  readonly segment: Segment;
  /** As the manifest has it; the dead rows of `segment` may be ahead of its deletions. */
  entry: SegmentEntry;
}

export class Table {
  readonly schema: Schema;
  readonly keys = new KeyIndex();
  readonly #core: Core;
  readonly #sealed: SealedSegment[] = [];
  readonly #byOrdinal = new Map<number, Segment>();
  #growing: Segment | undefined;
  #nextOrdinal = 0;
  #changes = 0;

  constructor(schema: Schema, core: Core) {
    this.schema = schema;
    this.#core = core;
  }

  /** Differs whenever an answer may differ: who awaited in the middle of a search compares it. */
  get changes(): number {
    return this.#changes;
  }

  get sealed(): readonly SealedSegment[] {
    return this.#sealed;
  }

  /** Undefined while nothing has been written since the last seal. */
  get growing(): Segment | undefined {
    return this.#growing;
  }

  get liveRows(): number {
    return this.keys.size;
  }

  segment(ordinal: number): Segment {
    return this.#byOrdinal.get(ordinal) as Segment;
  }

  /** Every segment in order of insertion, as of now; the array never changes. */
  segments(): readonly Segment[] {
    const sealed = this.#sealed.map(({ segment }) => segment);
    return this.#growing === undefined ? sealed : [...sealed, this.#growing];
  }

  /** Adds rows to the growing segment; a row replaces the one that has its key, the last of a batch wins. Errors: `OutOfMemory`, then nothing changed. */
  write(columns: Columns): void {
    const segment = (this.#growing ??= this.#newSegment());
    try {
      this.#index(segment, segment.append(columns));
    } catch (error) {
      if (segment.rows === 0) this.#discardGrowing();
      throw error;
    }
    this.#changes++;
  }

  /** Removes the rows of these keys; gives how many there were. */
  delete(keys: Iterable<PrimaryKey>): number {
    let count = 0;
    for (const key of keys) {
      const place = this.keys.delete(key);
      if (place === undefined) continue;
      this.segment(place.ordinal).kill(place.row);
      count++;
    }
    this.#changes++;
    return count;
  }

  /** Adds a segment read from files, before anything was written. `dead` rows are ascending. */
  addSealed(entry: SegmentEntry, columns: Columns, dead: Uint32Array): void {
    const segment = this.#newSegment();
    segment.append(columns);
    for (const row of dead) segment.kill(row);
    this.#sealed.push({ segment, entry });
    this.#index(segment, 0);
  }

  /** Takes the growing segment, whose rows `entry` now holds in a file, as sealed; the next write starts a new one. */
  sealGrowing(entry: SegmentEntry): void {
    if (this.#growing !== undefined) this.#sealed.push({ segment: this.#growing, entry });
    this.#growing = undefined;
    this.#changes++;
  }

  /** Replaces the growing segment by one with only these, its live rows; by none if there are none. Errors: `OutOfMemory`, then it stays. */
  compactGrowing(columns: Columns): void {
    const before = this.#growing;
    this.#growing = undefined;
    try {
      if (columns.rows > 0) this.write(columns);
    } catch (error) {
      this.#discardGrowing();
      this.#growing = before;
      throw error;
    }
    if (before !== undefined) {
      this.#byOrdinal.delete(before.ordinal);
      before.close();
    }
    this.#changes++;
  }

  close(): void {
    for (const segment of this.#byOrdinal.values()) segment.close();
    this.#byOrdinal.clear();
    this.#changes++;
  }

  #discardGrowing(): void {
    if (this.#growing === undefined) return;
    this.#byOrdinal.delete(this.#growing.ordinal);
    this.#growing.close();
    this.#growing = undefined;
  }

  #index(segment: Segment, first: number): void {
    const { name, type } = primaryField(this.schema);
    for (let row = first; row < segment.rows; row++) {
      if (!segment.isAlive(row)) continue;
      const value = segment.columns.value(name, row);
      const before = this.keys.set(type === 'Int64' ? (value as bigint) : (value as string), segment.ordinal, row);
      if (before !== undefined) this.segment(before.ordinal).kill(before.row);
    }
  }

  #newSegment(): Segment {
    const segment = new Segment(this.#nextOrdinal++, this.schema, this.#core);
    this.#byOrdinal.set(segment.ordinal, segment);
    return segment;
  }
}
