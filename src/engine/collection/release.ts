// Release: which rows of a collection reads are refused, until they are loaded again: all, or those of some partitions. The
// catalog keeps it. Writes, deletions among them, know nothing of it.

import type { Released } from '../../format/catalog.js';
import type { Manifest } from '../../format/manifest.js';
import { ElanusError, require } from '../../model/errors.js';
import { MILVUS } from '../../model/milvus-code.js';
import { mayMatchRows } from '../read/matching.js';
import type { CollectionState } from './collection-state.js';
import { hasPartitionKey, partitionNamed, partitionsOf } from './partitions.js';
import { loadedScope } from './scope.js';

/** Also if each of its partitions was released. */
export function isReleased(state: CollectionState): boolean {
  return state.isReleased || numbersOf(state.manifests.manifest).every((number) => state.released.has(number));
}

/** As the catalog keeps it; undefined if everything is loaded. */
export function releasedOf(state: CollectionState): Released | undefined {
  if (isReleased(state)) return 'all';
  return state.released.size === 0 ? undefined : [...state.released].sort((a, b) => a - b);
}

/** As the catalog kept it. */
export function restoreReleased(state: CollectionState, released: Released | undefined): void {
  state.isReleased = released === 'all';
  state.released = new Set(released === 'all' ? [] : released);
}

/** Errors: `InvalidArgument` by which clients of Milvus know that it is not loaded. */
export function requireLoaded(state: CollectionState): void {
  if (isReleased(state)) throw new ElanusError('InvalidArgument', `collection not loaded[collection=${state.name}]`, { milvusCode: MILVUS.collectionNotLoaded });
}

/** Reads are answered again; what they need is read as they come. */
export function loadAll(state: CollectionState): void {
  state.table();
  state.isReleased = false;
  state.released = new Set();
  for (const segment of state.table().sealed) segment.whenUnused = undefined;
}

/** Frees what is in memory and can be read again. */
export function releaseAll(state: CollectionState): void {
  state.table();
  state.isReleased = true;
  free(state);
}

/** Of a collection that is released these alone are loaded. Errors: `NotFound`, `InvalidArgument`. */
export function loadPartitions(state: CollectionState, names: readonly string[]): void {
  state.table();
  const { manifest } = state.manifests;
  const asked = new Set(numbersNamed(manifest, names, 'load'));
  const before = isReleased(state) ? numbersOf(manifest) : [...state.released];
  state.released = new Set(before.filter((number) => !asked.has(number)));
  state.isReleased = false;
}

/** Frees segments that have rows of these alone, as far as their statistics tell. Errors: `NotFound`, `InvalidArgument`. */
export function releasePartitions(state: CollectionState, names: readonly string[]): void {
  state.table();
  const asked = numbersNamed(state.manifests.manifest, names, 'release');
  state.released = new Set([...state.released, ...asked]);
  if (isReleased(state)) releaseAll(state);
  else free(state);
}

function numbersOf(manifest: Manifest): readonly number[] {
  return partitionsOf(manifest).list.map(({ number }) => number);
}

function numbersNamed(manifest: Manifest, names: readonly string[], verb: 'load' | 'release'): readonly number[] {
  require(Array.isArray(names) && names.length > 0, () => `${verb}Partitions: expected an array of at least one name`);
  require(!hasPartitionKey(manifest.schema), () => `disable ${verb} partitions if partition key mode is used`);
  return names.map((name) => partitionNamed(manifest, name).number);
}

// What a call uses, or reads on, goes when that has ended, if it was not loaded again meanwhile.
function free(state: CollectionState): void {
  for (const segment of state.table().sealed) {
    const drop = (): void => {
      if (state.isClosed || segment.stored === undefined || (!state.isReleased && mayMatchRows(segment, loadedScope(state)[0]))) return;
      segment.dropVectors();
      segment.dropColumns();
    };
    segment.whenUnused = drop;
    if (!segment.isUsed) drop();
  }
}
