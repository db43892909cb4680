// Part index: an index over the vectors of one field of a segment, of whatever type, built from what is in memory for it.

import { bytesOfHex } from '../../format/bytes.js';
import type { SparseColumn } from '../../model/columns.js';
import type { IndexFileKind } from '../../model/index-kind.js';
import type { Environment } from '../database/environment.js';
import { buildIndex, BUILD_SHARE, type DenseWish, type IndexWish } from '../upkeep/indexer.js';
import type { Need } from './residency.js';
import type { Segment, StoredSegment } from './segment.js';
import type { SegmentPart } from './segment-part.js';
import { buildSparseIndex } from '../upkeep/sparse-indexer.js';
import { SparsePart } from './sparse-part.js';
import type { NumberFlat, VectorPart } from './vector-part.js';

export interface BuiltPart {
  readonly kind: IndexFileKind;
  readonly bytes: Uint8Array;
  /** Gives it to the part. */
  readonly use: () => void;
  /** Instead, where it is not wanted any more. */
  readonly close: () => void;
}

/** What has to be in memory. */
export function buildNeed({ field }: SegmentPart): Need {
  return field.type === 'SparseFloatVector' ? { columns: [field.name] } : { columns: [], field: field.name, part: 'vectors' };
}

/** What building takes beside that, about. */
export function buildBytes(segment: Segment, part: SegmentPart): number {
  return part instanceof SparsePart ? 2 * segment.columns.columnBytes(part.field.name) : part.vectorBytes * BUILD_SHARE;
}

/** REQUIRES: buildNeed. Undefined if it was aborted, or is not worth it. Errors: `OutOfMemory`. */
export async function buildPart(segment: Segment, part: SegmentPart, wish: IndexWish, { core, ambient }: Environment, signal: AbortSignal): Promise<BuiltPart | undefined> {
  const rowsSha256 = bytesOfHex((segment.stored as StoredSegment).entry.rowsFile.sha256);
  if (part instanceof SparsePart) {
    const column = segment.columns.snapshot().byName.get(part.field.name) as SparseColumn;
    const built = await buildSparseIndex(part.field, column, rowsSha256, core, () => ambient.pause(), signal);
    return built && { kind: built.kind, bytes: built.bytes, use: () => part.useIndex(built.index), close: () => built.index.close() };
  }
  const dense = part as VectorPart;
  const built = await buildIndex(dense.loaded as NumberFlat, rowsSha256, wish as DenseWish, core, ambient, signal);
  return built && { kind: built.kind, bytes: built.bytes, use: () => dense.useIndex({ ann: built.ann, calibration: built.calibration }), close: () => built.ann.close() };
}
