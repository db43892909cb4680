// Index entries: which index file the manifest names for a segment. An index is derived, so that a manifest with another
// names the same rows. Called while the writer does nothing else.

import { indexName } from '../format/keys.js';
import type { CollectionState } from './collection-state.js';
import type { BuiltIndex } from './indexer.js';

/** Stores an index of the segment with that id, and a manifest that names it. */
export async function keepIndex(state: CollectionState, id: number, { kind, bytes }: BuiltIndex): Promise<void> {
  const index = await state.files.putFile(bytes, indexName(kind));
  await state.manifests.change((before) => ({ ...before, segments: before.segments.map((entry) => (entry.id === id ? { ...entry, index } : entry)) }));
  state.takeEntries();
  await state.sweep();
}

/** Stores a manifest that names no index of these segments. */
export async function unnameIndexes(state: CollectionState, ids: ReadonlySet<number>): Promise<void> {
  await state.manifests.change((before) => ({ ...before, segments: before.segments.map(({ index, ...entry }) => (index === undefined || ids.has(entry.id) ? entry : { ...entry, index })) }));
  state.takeEntries();
}
