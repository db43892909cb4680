// CollectionOpening: from the files of a collection to its state: the manifest's segments, then what the logs hold.

import { schemaVersion } from '../../model/schema.js';
import type { CollectionContext } from './collection-context.js';
import { FIRST_LSN } from './collection-context.js';
import type { CollectionFiles, CurrentManifest } from '../files/collection-files.js';
import { CollectionState } from './collection-state.js';
import { writable } from '../database/environment.js';
import { loadTable } from './loading.js';
import { loadPushes } from './pushes-file.js';
import { openLog, replayLogs, type Replayed } from '../log/log-replay.js';
import { ManifestKeeper } from '../files/manifest-keeper.js';
import { recoveryNotice, recoveryWarnings } from '../log/recovery-report.js';
import { Writer } from '../write/writer.js';

export interface OpenedState {
  readonly state: CollectionState;
  readonly replayed: Replayed;
}

/** The state that `files` hold, with what was logged. Errors: `Corrupt`, `Unsupported`. */
export async function openState(context: CollectionContext, files: CollectionFiles, current: CurrentManifest, { name, isCopy }: Pick<CollectionState, 'name' | 'isCopy'>): Promise<OpenedState> {
  const { environment, residency, background, tasks, warn } = context;
  const { manifest } = current;
  for (const key of current.damaged) warn(`${key}: damaged; ${!isCopy ? 'the manifest before it and the log hold everything' : 'the manifest before it counts'}`);
  const { table, unknown } = await loadTable(environment, files, manifest, residency, warn);
  const manifests = new ManifestKeeper(files, environment.ambient, current, (message) => warn(`${name}: ${message}`));
  manifests.name = name;
  const state = new CollectionState({ name, environment, files, manifests, residency, background, tasks, warn, isCopy }, table);
  state.unknown = unknown;
  try {
    if (!isCopy) table.pushes = await loadPushes(environment, files, manifest, warn);
    const replayed = await replayLogs(environment.storage, files, table, manifest);
    const { report, schemas } = replayed;
    state.openedWith = { version: schemaVersion(manifest.schema), logged: schemas };
    recoveryWarnings(report).forEach(warn);
    const notice = recoveryNotice(report);
    if (notice !== undefined) environment.ambient.log('info', notice);
    state.account();
    return { state, replayed };
  } catch (error) {
    state.closeTable();
    throw error;
  }
}

/** From now on it is written to, and what no manifest names is removed. */
export async function openWriter({ environment, warn }: CollectionContext, { state, replayed }: OpenedState): Promise<void> {
  const { files, manifests } = state;
  const { manifest } = manifests;
  if (replayed.last === undefined && manifest.nextLsn > FIRST_LSN) warn(`${files.logKey(manifest.nextLsn)}: missing, and what was written after the last seal with it`);
  const log = await openLog(environment, files, replayed, manifests.newestVersion);
  state.hasDoubtfulLog = replayed.report.batchesReplayed > 0 && replayed.last?.content.ended !== true;
  state.useWriter(new Writer(log, { ambient: environment.ambient, warn }));
  if (writable(environment.storage).isShared === true) manifests.useFence(() => state.writer().confirm());
  manifests.useLogs([...replayed.applied.map(({ key }) => key).filter((key) => key !== log.key), log.key]);
  await state.sweep();
}
