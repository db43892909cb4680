// SegmentColumns: the columns of a segment, dense vectors apart: growing, or as far as they were loaded.

import type { Columns } from '../../model/columns.js';
import type { StoredScalar } from '../../model/scalar-value.js';

/** A sparse vector by its terms, ascending. */
export interface StoredSparse {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** A value as it is stored: JSON as its text, Bool as 0 or 1, null where there is none. */
export type StoredValue = StoredScalar | readonly StoredScalar[] | StoredSparse | null;

export interface SegmentColumns {
  readonly rows: number;
  /** About what they take in memory. */
  readonly bytes: number;
  has(name: string): boolean;
  /** About what one column takes. */
  columnBytes(name: string): number;
  /** REQUIRES: has(name). */
  value(name: string, row: number): StoredValue;
  /** All rows so far, of the columns that are there. */
  snapshot(): Columns;
}
