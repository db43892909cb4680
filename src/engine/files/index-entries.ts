// Index entries: which index file the manifest names for a segment. An index is derived, so that a manifest with another
// names the same rows. Called while the writer does nothing else.

import { indexName } from '../../format/keys.js';
import type { IndexFileKind } from '../../model/index-kind.js';
import type { CollectionState } from '../collection/collection-state.js';

/** The index of the vectors of a field, in the segment of that id. */
export interface IndexPlace {
  readonly id: number;
  readonly field: string;
}

/** Stores an index, and a manifest that names it. */
export async function keepIndex(state: CollectionState, { id, field }: IndexPlace, { kind, bytes }: { readonly kind: IndexFileKind; readonly bytes: Uint8Array }): Promise<void> {
  const file = await state.files.putFile(bytes, indexName(kind));
  await state.manifests.change((before) => ({ ...before, segments: before.segments.map((entry) => (entry.id === id ? { ...entry, indexes: new Map(entry.indexes).set(field, file) } : entry)) }));
  state.takeEntries();
  await state.sweep();
}

/** Stores a manifest that names none of these. */
export async function unnameIndexes(state: CollectionState, places: readonly IndexPlace[]): Promise<void> {
  const isUnnamed = (id: number, field: string): boolean => places.some((place) => place.id === id && place.field === field);
  await state.manifests.change((before) => ({ ...before, segments: before.segments.map((entry) => ({ ...entry, indexes: new Map([...entry.indexes].filter(([field]) => !isUnnamed(entry.id, field))) })) }));
  state.takeEntries();
}
