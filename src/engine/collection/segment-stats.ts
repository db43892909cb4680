// Segment stats: what one segment has and what it takes, from what is known of it already.

import { INDEX_FILE_KINDS } from '../../model/index-kind.js';
import type { SegmentStats, VectorStats } from '../api.js';
import type { Segment } from '../table/segment.js';
import type { SegmentPart } from '../table/segment-part.js';

export function segmentStats(segment: Segment, state: SegmentStats['state']): SegmentStats {
  const { stored, damage } = segment;
  return {
    segment: stored === undefined ? 'growing' : String(stored.entry.id),
    state,
    rows: segment.rows,
    liveRows: segment.liveRows,
    fileBytes: fileBytesOf(segment),
    memoryBytes: segment.memoryBytes,
    vectors: segment.parts().map(vectorStats),
    ...(damage === undefined ? {} : { damage: damage.message }),
  };
}

function fileBytesOf({ stored }: Segment): number {
  if (stored === undefined) return 0;
  const { rowsFile, deletions, indexes } = stored.entry;
  return [...indexes.values()].reduce((total, { sizeBytes }) => total + sizeBytes, rowsFile.sizeBytes + (deletions?.sizeBytes ?? 0));
}

// An index that was built but is in no file yet is told once it is.
function vectorStats({ field, indexFile, indexFileBytes }: SegmentPart): VectorStats {
  const kind = indexFileBytes === 0 ? undefined : INDEX_FILE_KINDS.find((name) => indexFile?.name.startsWith(`idx-${name}-`) === true);
  return { field: field.name, index: kind ?? 'none', indexBytes: indexFileBytes };
}
