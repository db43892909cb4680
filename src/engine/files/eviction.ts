// Eviction: what of a collection can be removed to make room. Of a copy that is all but its manifest, as the next pull
// brings it back; of what was written here only what is derived or superseded.

import { collectionPrefix, fileKey, isFileName, isIndexKey, versionOf } from '../../format/keys.js';
import { ElanusError } from '../../model/errors.js';
import type { Storage } from '../../ports/storage.js';
import { allFilesOf } from './collection-files.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { Spare } from './room.js';
import type { Segment } from '../table/segment.js';
import type { SegmentPart } from '../table/segment-part.js';

/** Told of vectors whose index file goes. */
export type Evicted = (segment: Segment, part: SegmentPart) => void;

/** Of a collection that is open. `evicted` is told of each index file that goes. */
export async function openSpares(state: CollectionState, storage: Storage, evicted: Evicted): Promise<readonly Spare[]> {
  const { files, manifests, isCopy } = state;
  const spares: Spare[] = [];
  const unneeded = new Set(await manifests.superseded(state.namesInUse()));
  if (isCopy) for (const key of await strayFiles(state, storage)) unneeded.add(key);
  for (const key of unneeded) spares.push(await removal(storage, key, 0));
  for (const segment of state.table().sealed) {
    const { stored, lastUse } = segment;
    if (stored === undefined || segment.damage !== undefined) continue;
    const { rowsFile } = stored.entry;
    for (const part of segment.parts()) {
      const { indexFile, indexDamaged } = part;
      if (indexFile !== undefined && !indexDamaged) spares.push({ rank: 1, lastUse: part.lastUse, sizeBytes: indexFile.sizeBytes, remove: () => removeIndex(state, storage, segment, part, evicted) });
    }
    if (isCopy) spares.push({ rank: 2, lastUse, sizeBytes: rowsFile.sizeBytes, remove: () => removeRows(state, storage, segment, fileKey(files.id, rowsFile.name)) });
  }
  return spares;
}

// What a pull that did not complete left, which the next would go on from.
async function strayFiles(state: CollectionState, storage: Storage): Promise<readonly string[]> {
  const prefix = collectionPrefix(state.files.id);
  const needed = new Set([...allFilesOf(state.manifests.manifest).map(({ name }) => name), ...state.namesInUse()]);
  return (await storage.list(prefix)).filter((key) => isFileName(key.slice(prefix.length)) && !needed.has(key.slice(prefix.length)));
}

/** Of a collection that is not open. */
export async function closedSpares(id: string, isCopy: boolean, storage: Storage): Promise<readonly Spare[]> {
  const prefix = collectionPrefix(id);
  const spares: Spare[] = [];
  for (const key of await storage.list(prefix)) {
    const isIndex = isIndexKey(key);
    if (isIndex || (isCopy && isFileName(key.slice(prefix.length)))) spares.push(await removal(storage, key, isIndex ? 1 : 2));
  }
  return spares;
}

async function removal(storage: Storage, key: string, rank: Spare['rank']): Promise<Spare> {
  return { rank, lastUse: versionOf(key) === undefined ? 0 : -1, sizeBytes: (await storage.size(key)) ?? 0, remove: () => storage.remove(key) };
}

// Searches go on with the index while it is in memory.
async function removeIndex(state: CollectionState, storage: Storage, segment: Segment, part: SegmentPart, evicted: Evicted): Promise<void> {
  const { indexFile, indexDamaged } = part;
  if (indexFile === undefined || indexDamaged) return;
  part.indexDamaged = true;
  state.warn(`${state.name}: ${indexFile.name} was removed to make room`);
  await storage.remove(fileKey(state.files.id, indexFile.name));
  evicted(segment, part);
}

async function removeRows(state: CollectionState, storage: Storage, segment: Segment, key: string): Promise<void> {
  state.quarantine(segment, new ElanusError('NotFound', `${key}: removed to make room, the next pull fetches it`, { file: key }));
  await storage.remove(key);
  if (segment.isHeld || segment.isUsed) return;
  segment.dropVectors();
  segment.dropColumns();
}
