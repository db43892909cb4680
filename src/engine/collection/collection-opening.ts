// CollectionOpening: from the files of a collection to its state: the manifest's segments, then what the logs hold.

import type { Manifest } from '../../format/manifest.js';
import { schemaVersion } from '../../model/schema.js';
import type { CollectionContext } from './collection-context.js';
import { FIRST_LSN } from './collection-context.js';
import type { CollectionFiles, CurrentManifest } from '../files/collection-files.js';
import { CollectionState } from './collection-state.js';
import { writable } from '../database/environment.js';
import { loadTable } from './loading.js';
import { TAKES_PUSHES } from './properties.js';
import { hasStamps, loadPushes } from './pushes-file.js';
import { applyBatch, openLog, replayLogs, type Replayed } from '../log/log-replay.js';
import { ManifestKeeper } from '../files/manifest-keeper.js';
import { recoveryNotice, recoveryWarnings } from '../log/recovery-report.js';
import type { Table } from '../table/table.js';
import { Outbox } from '../write/outbox.js';
import { Writer } from '../write/writer.js';

/** Of a copy: its logs are those of its outbox. */
const NOTHING_LOGGED: Replayed = { nextLsn: FIRST_LSN, applied: [], last: undefined, sizes: new Map(), schemas: new Set(), report: { batchesReplayed: 0, torn: [], tornBytes: 0, tornBatches: 0, lost: [], cleanlyClosed: true } };

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
    if (isCopy) await openOutbox(context, state, table, manifest, async () => undefined);
    else table.pushes = await loadPushes(environment, files, manifest, warn);
    const replayed = isCopy ? NOTHING_LOGGED : await replayLogs(environment.storage, files, { apply: (batch) => void applyBatch(table, batch), nextLsn: manifest.nextLsn, schemas: manifest });
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

/**
 * A copy's own writes, over the segments of `table`, if the server takes them or there are some already; `take` is called while
 * nothing is written. Errors: `Corrupt`, those of the storage.
 */
export async function openOutbox({ environment, warn, wroteOwn }: CollectionContext, state: CollectionState, table: Table, manifest: Manifest, take: () => Promise<void>): Promise<void> {
  const { files, manifests, outbox: open } = state;
  // Until all has come nothing is written, and no log is taken over.
  if (files.arriving !== undefined) {
    await Outbox.show(environment, files, table, manifest);
    return take();
  }
  if (open !== undefined) {
    await open.writer.exclusive(async () => {
      await open.overlay(table, manifest);
      manifests.useLogs(open.logs);
      await take();
    });
    return;
  }
  const isTaken = hasStamps(manifest.schema) && manifest.properties?.[TAKES_PUSHES] === 'true';
  if ('create' in environment.storage && (isTaken || (await files.logKeys()).length > 0)) {
    state.outbox = await Outbox.open({ ...environment, warn, committed: wroteOwn }, files, table, manifest);
    manifests.useLogs(state.outbox.logs);
  }
  await take();
}

/** From now on it is written to, and what no manifest names is removed. */
export async function openWriter({ environment, warn }: CollectionContext, { state, replayed }: OpenedState): Promise<void> {
  const { files, manifests } = state;
  const { manifest } = manifests;
  if (replayed.last === undefined && manifest.nextLsn > FIRST_LSN) warn(`${files.logKey(manifest.nextLsn)}: missing, and what was written after the last seal with it`);
  const log = await openLog(environment, files, replayed, manifests.newestVersion);
  state.useWriter(new Writer(log, { ambient: environment.ambient, warn }));
  if (writable(environment.storage).isShared === true) manifests.useFence(() => state.writer().confirm());
  manifests.useLogs([...replayed.applied.map(({ key }) => key).filter((key) => key !== log.key), log.key]);
  await state.sweep();
}
