// SparsePart: the sparse vectors of one field of a segment, as searches look at them: postings while it grows and until it
// has an index, then the index. The vectors themselves are a column like others.

import type { Allocate } from '../../model/allocate.js';
import type { Bitset } from '../../model/bitset.js';
import type { Column, SparseColumn } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import type { SparseField } from '../../model/schema.js';
import type { Candidates, ScoreRange, SparseIndex } from '../../ports/core.js';
import type { TextIndex } from '../../text/text-index.js';
import { TextPostings } from '../../text/text-postings.js';
import { SparsePostings } from './postings.js';
import { SegmentPart, type PartOwner } from './segment-part.js';
import type { SparseQueries } from '../write/sparse-vector.js';
import { vectorsOf } from '../write/text-vectors.js';

export class SparsePart extends SegmentPart {
  readonly field: SparseField;
  /** Undefined while it is not in memory. */
  index: SparseIndex | undefined;
  /** Undefined once there is an index, or of texts. */
  postings: SparsePostings | undefined;
  /** Instead, of what BM25 makes of texts. */
  textPostings: TextPostings | undefined;

  constructor(field: SparseField, owner: PartOwner) {
    super(owner);
    this.field = field;
  }

  get hasIndex(): boolean {
    return this.index !== undefined;
  }

  get isLoaded(): boolean {
    return this.index !== undefined || this.postings !== undefined || this.textPostings !== undefined;
  }

  get count(): number {
    return this.owner.rows;
  }

  /** Of what grows; how much an index takes that is not in memory, its file tells. */
  get vectorBytes(): number {
    return this.postings?.bytes ?? this.textPostings?.memoryBytes ?? 0;
  }

  get memoryBytes(): number {
    return this.vectorBytes + this.indexBytes;
  }

  get indexBytes(): number {
    return this.index?.memoryBytes ?? 0;
  }

  bytesToAppend(column: Column): number {
    const { offsets, indices } = column as SparseColumn;
    return (this.postings?.bytesToAppend(indices) ?? 0) + (this.textPostings?.bytesToAppend(offsets.length - 1, indices) ?? 0);
  }

  reserve(): void {}

  append(column: Column): void {
    try {
      this.postings?.append(column as SparseColumn);
      this.textPostings?.append(vectorsOf(column as SparseColumn));
    } catch (error) {
      this.takeBack(this.owner.rows);
      throw error;
    }
  }

  takeBack(rows: number): void {
    this.postings?.cut(rows);
    this.textPostings?.cut(rows);
  }

  /** Takes an index over all rows. */
  useIndex(index: SparseIndex): void {
    this.drop();
    this.index = index;
  }

  drop(): void {
    this.index?.close();
    this.index = undefined;
    this.postings = undefined;
    this.textPostings = undefined;
  }

  /** Begins to grow. */
  grow(allocated: Allocate): void {
    if (this.field.metric === 'BM25') this.textPostings = new TextPostings(allocated);
    else this.postings = new SparsePostings(allocated);
  }

  /** Its texts for search. REQUIRES: isLoaded, made by BM25. */
  get texts(): TextIndex {
    return (this.index ?? this.textPostings) as TextIndex;
  }

  /** The `k` best of `rows`, or of all rows, for each query. REQUIRES: isLoaded. */
  search({ rows: queries, dropRatio, bm25 }: SparseQueries, k: number, rows: Bitset | undefined, range: ScoreRange | undefined): Candidates {
    const texts = this.index ?? this.textPostings;
    if (texts !== undefined) return texts.search(queries, k, { dropRatio, ...(bm25 === undefined ? {} : { bm25 }) }, rows, range);
    if (this.postings === undefined) throw new ElanusError('StorageFailed', 'sparse vectors were searched before they were loaded');
    return this.postings.search(queries, k, rows, range);
  }
}
