// Hit: one row of an answer to a search, nearest first; equal scores are in order of insertion.

import type { PrimaryKey, Row } from './row.js';

export interface Hit {
  readonly id: PrimaryKey;
  /** L2: squared distance, smaller is nearer. IP, COSINE: similarity, larger is nearer. */
  readonly score: number;
  /** The fields named in `outputFields`, and only those. */
  readonly fields: Row;
}
