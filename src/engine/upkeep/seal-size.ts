// Seal size: at what size a growing segment is sealed, the unit of sizes of sealed ones; and what sealing takes.

import type { Environment } from '../database/environment.js';
import { MERGED_SIZE_MAX, type SegmentSize } from './merge-policy.js';
import type { Residency } from '../table/residency.js';
import type { Segment, StoredSegment } from '../table/segment.js';

/** Rows, the most of a row group; or bytes of rows. */
export const SEAL_ROWS = 65_536;
const SEAL_BYTES = 64 * 1024 * 1024;
/** Of the memory, where that is limited: a segment being sealed or merged is in memory a few times over. */
const SEAL_SHARE = 1 / 16;
/** Of a segment, that are in memory while its file is written: its vectors as they were read, its texts as they are encoded, and the file. */
const COPIES = 2;
/** So many times what is sealed at once a log may take: batches, of few rows each, take more than their rows. */
const LOG_SEALS = 2;
/** A merged segment has at most this, or a share of the memory: while its index is built it takes two and a half times as much. */
const MERGED_BYTES_MAX = 512 * 1024 * 1024;
const MERGED_SHARE = 1 / 8;

export class SealSize {
  readonly #bytes: number;
  readonly #mergedBytes: number;

  constructor({ sealBytes = SEAL_BYTES }: Environment, { limitBytes = Number.POSITIVE_INFINITY }: Residency) {
    this.#bytes = Math.min(sealBytes, limitBytes * SEAL_SHARE);
    this.#mergedBytes = Math.min(MERGED_BYTES_MAX, limitBytes * MERGED_SHARE);
  }

  /** Whether the segment has so many `times` that size. */
  isReached({ rows, rowBytes }: Segment, times = 1): boolean {
    return rows >= SEAL_ROWS * times || rowBytes >= this.#bytes * times;
  }

  /** Whether a log of so many bytes, rows or deletions, is long enough to begin another: it is read whole at the next opening. */
  isLogLong(bytes: number): boolean {
    return bytes >= this.#bytes * LOG_SEALS;
  }

  /** Of a sealed segment as of the end of `epoch`, 1 being what is sealed by itself, or more if five of that are more than may be merged. */
  of(segment: Segment, epoch: number): SegmentSize {
    const { rowsFile } = (segment.stored as StoredSegment).entry;
    const bytes = rowsFile.sizeBytes / Math.max(1, segment.rows);
    const ofRow = Math.max(1 / SEAL_ROWS, bytes / this.#bytes, (bytes * MERGED_SIZE_MAX) / this.#mergedBytes);
    const dead = segment.deadAsOf(epoch);
    return { live: (segment.rows - dead) * ofRow, dead: dead * ofRow };
  }
}

/** What sealing rows of so many bytes takes in memory beside them. */
export function sealingBytes(rowBytes: number): number {
  return rowBytes * COPIES;
}
