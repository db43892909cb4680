// SegmentPart: what a segment has of one vector field, whatever its type: an index file, memory that may be released, and
// vectors that are appended while the segment grows.

import type { FileEntry } from '../../format/manifest.js';
import type { Allocate } from '../../model/allocate.js';
import type { Column } from '../../model/columns.js';
import type { Field } from '../../model/field.js';
import type { StoredSegment } from './segment.js';

/** What a part needs to know of its segment. */
export interface PartOwner {
  readonly rows: number;
  readonly stored: StoredSegment | undefined;
}

export abstract class SegmentPart {
  abstract readonly field: Field;
  /** True if its index file cannot be used. */
  indexDamaged = false;
  /** When it was last used, in uses of any segment. */
  lastUse = 0;
  protected readonly owner: PartOwner;

  constructor(owner: PartOwner) {
    this.owner = owner;
  }

  /** As the manifest has it. */
  get indexFile(): FileEntry | undefined {
    return this.owner.stored?.entry.indexes.get(this.field.name);
  }

  /** Of an index file that can be used. */
  get indexFileBytes(): number {
    return this.indexDamaged ? 0 : (this.indexFile?.sizeBytes ?? 0);
  }

  /** Whether an index is known for it, in memory or in a file. */
  get isIndexed(): boolean {
    return this.hasIndex || this.indexFileBytes > 0;
  }

  /** Whether an index is in memory. */
  abstract get hasIndex(): boolean;
  /** Whether exact search is possible in memory. */
  abstract get isLoaded(): boolean;
  /** How many vectors there are: rows that are not null. */
  abstract get count(): number;
  /** Bytes that its vectors take in memory, be they there or not. */
  abstract get vectorBytes(): number;
  /** About what it holds in memory. */
  abstract get memoryBytes(): number;
  /** Of that, what is built over the vectors. */
  abstract get indexBytes(): number;
  /** What appending them takes more in memory, at most. */
  abstract bytesToAppend(column: Column, rows: number): number;
  /** Makes room for what is kept of so many rows beside their vectors. Errors: `OutOfMemory`, then nothing changed. */
  abstract reserve(column: Column, rows: number, allocated: Allocate): void;
  /** Appends the vectors of so many rows behind the segment's. Only while it grows. Errors: `OutOfMemory`, then nothing was appended. */
  abstract append(column: Column, rows: number): void;
  /** Back to so many rows, as another field had no room for more. */
  abstract takeBack(rows: number): void;
  /** Releases what it holds; files have it. */
  abstract drop(): void;
}
