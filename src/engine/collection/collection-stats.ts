// Collection stats: what a collection has and what it takes, from what its state knows already, but for the rows of its partitions.

import { filesOf } from '../files/collection-files.js';
import type { CollectionStats, MissingRows, WrittenBytes } from '../api.js';
import type { CollectionState } from './collection-state.js';
import type { Segment } from '../table/segment.js';
import type { SegmentPart } from '../table/segment-part.js';
import { segmentStats } from './segment-stats.js';

export async function statsOf(state: CollectionState, { merges, backlog, writes }: Pick<CollectionStats, 'merges' | 'backlog' | 'writes'>, missing: readonly MissingRows[], written: WrittenBytes, partitions: ReadonlyMap<string, number>): Promise<CollectionStats> {
  const { name, manifests } = state;
  const { sealed, frozen, growing, keys, liveRows } = state.table();
  const inMemory = [...frozen, ...(growing === undefined ? [] : [growing])];
  const segments = [...sealed, ...inMemory];
  const sum = (of: (segment: Segment) => number): number => segments.reduce((total, segment) => total + of(segment), 0);
  const sumParts = (of: (part: SegmentPart) => number): number => sum((segment) => segment.parts().reduce((total, part) => total + of(part), 0));
  const fileBytes = (kind: string): number => filesOf(manifests.manifest).reduce((total, file) => total + (file.name.startsWith(kind) ? file.sizeBytes : 0), 0);
  return {
    name,
    segments: { sealed: sealed.length, indexed: sealed.filter(({ isIndexed }) => isIndexed).length, sealing: frozen.length, growing: growing === undefined ? 0 : 1 },
    segmentList: [
      ...sealed.map((segment) => segmentStats(segment, 'Sealed')),
      ...frozen.map((segment) => segmentStats(segment, 'Sealing')),
      ...(growing === undefined ? [] : [segmentStats(growing, 'Growing')]),
    ],
    rows: { live: liveRows, deleted: sum(({ deadRows }) => deadRows), growing: inMemory.reduce((total, segment) => total + segment.liveRows, 0) },
    partitions: Object.fromEntries(partitions),
    files: { rows: fileBytes('rows-'), index: fileBytes('idx-'), deletions: fileBytes('del-'), logs: await logBytes(state) },
    memory: {
      vectors: sumParts(({ memoryBytes, indexBytes }) => memoryBytes - indexBytes),
      indexes: sumParts(({ indexBytes }) => indexBytes),
      columns: sum(({ columns }) => columns.bytes),
      keys: keys.bytes,
    },
    missing,
    written,
    merges,
    backlog,
    writes,
  };
}

// Those that wait for a seal, and the one that is written to, whose size the writer knows.
async function logBytes(state: CollectionState): Promise<number> {
  const { storage } = state.environment;
  const sizes = await Promise.all(state.manifests.logs.slice(0, -1).map((key) => storage.size(key)));
  return sizes.reduce<number>((total, size) => total + (size ?? 0), state.writes ? state.writer().logBytes : 0);
}
