// Hit: one row of an answer to a search, nearest first; equal scores are in order of insertion.

import type { FieldValue, PrimaryKey, Row } from './row.js';

export interface Hit {
  readonly id: PrimaryKey;
  /** L2: squared distance, smaller is nearer. IP, COSINE: similarity, larger is nearer. */
  readonly score: number;
  /** Of a grouped search: the value of its field, by which the hit is in its group. */
  readonly group?: FieldValue;
  /** Of a search with `remote`: whether the row is the copy's or its origin's. */
  readonly source?: 'local' | 'remote';
  /** If it was asked for: of each text field in which something was found, fragments with what was found between tags. */
  readonly highlight?: Readonly<Record<string, readonly string[]>>;
  /** The fields named in `outputFields`, and only those. */
  readonly fields: Row;
}
