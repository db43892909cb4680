// PushesFile: what a collection that takes pushes keeps of those who push, between its table and the file that its manifest names.

import { pushesName } from '../../format/keys.js';
import type { PushMark } from '../../format/batch.js';
import type { Manifest } from '../../format/manifest.js';
import { decodePushState, encodePushState } from '../../format/push-state.js';
import { STAMP_FIELD } from '../../model/hidden-field.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Environment } from '../database/environment.js';
import type { CollectionFiles } from '../files/collection-files.js';
import { isDamage } from '../read/visit.js';
import { Pushes } from '../table/pushes.js';
import type { CollectionState } from './collection-state.js';

export function hasStamps({ hidden = [] }: Schema): boolean {
  return hidden.some(({ name }) => name === STAMP_FIELD.name);
}

/** Begins to keep it, if the schema has stamps now. */
export function usePushes(state: CollectionState): void {
  const { environment, ownTable, schema } = state;
  if (hasStamps(schema)) ownTable.pushes ??= new Pushes(primaryField(schema), () => environment.ambient.nowMs());
}

/** What the file of `manifest` says; undefined if no pushes are taken. A file that is damaged is told: who pushed before takes a new number then. */
export async function loadPushes(environment: Environment, files: CollectionFiles, manifest: Manifest, warn: (message: string) => void): Promise<Pushes | undefined> {
  const { schema, pushes: { file, time = 0n } = {}, name } = manifest;
  if (!hasStamps(schema)) return undefined;
  const pushes = new Pushes(primaryField(schema), () => environment.ambient.nowMs());
  if (file === undefined) return pushes;
  // The clock has gone on while the rest did not change, and counts also if the file is damaged.
  pushes.clock.shown(time);
  try {
    pushes.load(decodePushState(await files.readFile(file), primaryField(schema), file.name));
    pushes.storedAs(file.name, pushes.changes);
  } catch (error) {
    if (!isDamage(error)) throw error;
    warn(`${name}: ${error.message}; who pushes sends again what was not confirmed, and rows that were deleted before may come back`);
  }
  return pushes;
}

/**
 * The manifest's member, of what there is now: its batches must be durable. The file of before stays if only the clock has gone on. `floor`: when all rows are removed with this;
 * `mark`: of whom something is taken with this.
 */
export async function pushesStored({ files, manifests, ownTable, schema }: CollectionState, { floor, mark }: { readonly floor?: bigint | undefined; readonly mark?: PushMark } = {}): Promise<Pick<Manifest, 'pushes'>> {
  const { pushes } = ownTable;
  if (pushes === undefined) return {};
  const isAsItIs = floor === undefined && mark === undefined;
  const { pushes: before } = manifests.manifest;
  if (before !== undefined && isAsItIs && before.file !== undefined && pushes.isStoredAs(before.file.name)) return { pushes: { ...before, time: pushes.clock.last } };
  const { changes } = pushes;
  const state = pushes.state(floor, mark);
  const file = await files.putFile(encodePushState(state, primaryField(schema)), pushesName);
  if (isAsItIs) pushes.storedAs(file.name, changes);
  return { pushes: { file, time: state.time } };
}
