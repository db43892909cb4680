// Log replay: the batches of the logs that the manifest does not cover, applied to a Table, and the log in which writing
// goes on. A torn tail is cut; what was durable and is damaged is told, and its log stays as it is until its batches are
// sealed; a missing log is corruption, never passed over.

import { decodeBatch, type Batch, type WriteBatch } from '../../format/batch.js';
import { lsnOf } from '../../format/keys.js';
import { firstLsnIn, readLog, type LogContent } from '../../format/log.js';
import type { Schemas } from '../../format/schema-json.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { ReadStorage, Storage } from '../../ports/storage.js';
import { completedColumns } from '../table/absent-column.js';
import type { CollectionFiles } from '../files/collection-files.js';
import { writable, type Environment } from '../database/environment.js';
import type { LostBatches, Recovery } from './recovery-report.js';
import type { Table } from '../table/table.js';
import type { LogEnd, Vault } from '../files/vault.js';
import { WriteLog } from './write-log.js';

export interface ReplayedLog {
  readonly key: string;
  /** As it is stored. */
  readonly storedBytes: number;
  /** Of what it holds: the same, if it is not encrypted. */
  readonly sizeBytes: number;
  readonly content: LogContent;
  readonly end: LogEnd;
}

export interface Replayed {
  readonly nextLsn: bigint;
  /** Logs with batches that are not sealed: they stay until these are. */
  readonly applied: readonly ReplayedLog[];
  /** The log that ends with the last batch. */
  readonly last: ReplayedLog | undefined;
  /** Of every log that was read, by key. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Versions of the schemas that replayed batches are of. */
  readonly schemas: ReadonlySet<number>;
  readonly report: Recovery;
}

/** Where batches are read from, and what becomes of them. */
export interface Replay {
  readonly apply: (batch: Batch, lsn: bigint) => void;
  /** Of the first batch that is not in segments. */
  readonly nextLsn: bigint;
  readonly schemas: Schemas;
}

/** Applies every logged batch from `nextLsn` on. Errors: `Corrupt`, naming the file. */
export async function replayLogs(storage: ReadStorage, files: CollectionFiles, { apply, schemas: known, ...from }: Replay): Promise<Replayed> {
  let { nextLsn } = from;
  let batchesReplayed = 0;
  const applied: ReplayedLog[] = [];
  const sizes = new Map<string, number>();
  const lost: LostBatches[] = [];
  const schemas = new Set<number>();
  let last: ReplayedLog | undefined;
  const keys = await files.logKeys();
  for (const [at, key] of keys.entries()) {
    const stored = await storage.read(key);
    sizes.set(key, stored.length);
    const { bytes, end: goesOn } = await files.vault.openLog(stored, key);
    const content = readLog(bytes, key, await beganAt(storage, files.vault, keys.slice(at + 1)));
    // A log that was never begun would start at the LSN in its name. What a failed seal left behind ends too early.
    const wasBegun = content.goodBytes > 0;
    requireIntact(!wasBegun || (content.id === files.id && content.firstLsn === lsnOf(key)), key, 'belongs to another collection or LSN');
    const [start, end] = wasBegun ? [content.firstLsn, content.nextLsn] : [lsnOf(key) ?? nextLsn, lsnOf(key) ?? nextLsn];
    if (end < nextLsn) continue;
    if (start > nextLsn) throw new ElanusError('Corrupt', `${key}: starts at batch ${start}, expected ${nextLsn}: batches are missing`, { file: key });
    for (const { lsn, payload } of content.records) {
      if (lsn < nextLsn) continue;
      const batch = decodeBatch(payload, known, `${key}, batch ${lsn}`);
      if (batch.kind === 'write') schemas.add(batch.schema ?? 0);
      apply(batch, lsn);
      batchesReplayed++;
    }
    lost.push(...lostFrom(content, key, nextLsn));
    last = { key, storedBytes: stored.length, sizeBytes: bytes.length, content, end: goesOn };
    if (end > nextLsn) applied.push(last);
    nextLsn = end;
  }
  return { nextLsn, applied, last, sizes, schemas, report: reportOf(batchesReplayed, lost, applied, last) };
}

/** The LSN at which the first of these logs that was begun does: all below it was durable then, in the logs before. */
async function beganAt(storage: ReadStorage, vault: Vault, keys: readonly string[]): Promise<bigint> {
  for (const key of keys) {
    if (((await storage.size(key)) ?? 0) < vault.logStartBytes) continue;
    const start = await vault.openLog(await storage.read(key, { offset: 0, length: vault.logStartBytes }), key);
    const first = firstLsnIn(start.bytes);
    if (first !== undefined) return first;
  }
  return 0n;
}

function lostFrom({ lost }: LogContent, file: string, nextLsn: bigint): readonly LostBatches[] {
  return lost.flatMap(({ first, count }) => {
    const from = first < nextLsn ? nextLsn : first;
    return first + count > from ? [{ file, firstLsn: from, count: first + count - from }] : [];
  });
}

function reportOf(batchesReplayed: number, lost: readonly LostBatches[], applied: readonly ReplayedLog[], last: ReplayedLog | undefined): Recovery {
  const torn = [...new Set([...applied, ...(last === undefined ? [] : [last])])].flatMap(({ key, sizeBytes, content }) => {
    const { damage, goodBytes, tornBatches } = content;
    // An empty one was not begun: nothing of it is torn.
    return damage === undefined || sizeBytes === 0 ? [] : [{ file: key, bytes: sizeBytes - goodBytes, batches: tornBatches, damage }];
  });
  return {
    batchesReplayed,
    torn,
    tornBytes: torn.reduce((sum, { bytes }) => sum + bytes, 0),
    tornBatches: torn.reduce((sum, { batches }) => sum + batches, 0),
    lost,
    cleanlyClosed: last === undefined || last.content.ended,
    ...(last === undefined ? {} : { log: last.key }),
  };
}

/** Gives how many rows were written, or deleted. Errors: `OutOfMemory`, then nothing changed. */
export function applyBatch(table: Table, batch: Batch): number {
  const count = batch.kind === 'delete' ? table.delete(batch.keys) : batch.columns.rows;
  // One of an older schema lacks fields that were added since.
  if (batch.kind === 'write' && count > 0) table.write(completedColumns(batch.columns, table.schema));
  table.pushes?.note(batch);
  return count;
}

/** The same of rows, a few at a time: they are seen all at once. REQUIRES: nothing else is applied until then. Errors: `OutOfMemory`, then nothing is seen of it. */
export async function applyInTurns(table: Table, batch: WriteBatch, pause: () => Promise<void>): Promise<number> {
  await table.writeInTurns(completedColumns(batch.columns, table.schema), pause, () => table.pushes?.note(batch));
  return batch.columns.rows;
}

/** What the table takes more in memory when the batch is applied, at most. */
export function bytesToApply(table: Table, batch: Batch): number {
  const noted = table.pushes?.bytesToNote(batch) ?? 0;
  return batch.kind === 'delete' || batch.columns.rows === 0 ? noted : noted + table.bytesToWrite(completedColumns(batch.columns, table.schema));
}

/**
 * Opens the log in which writing goes on: the last one, cut to its good part, or a new one if that is damaged. Then all
 * that was replayed is durable. Errors: `Busy` if a log is not as it was replayed, for what another writer added
 * meanwhile must not be cut; where the storage is shared, also if there is another log, or a newer manifest than this.
 */
export async function openLog(environment: Environment, files: CollectionFiles, replayed: Replayed, newestManifest: number): Promise<WriteLog> {
  const { nextLsn, applied, last } = replayed;
  const goesOn = last !== undefined && last.content.lost.length === 0 ? last : undefined;
  if (last !== undefined && !last.content.ended) for (const log of applied) if (log !== goesOn) await settle(environment, files.vault, log);
  const { ambient } = environment;
  const storage = writable(environment.storage);
  const key = goesOn?.key ?? files.logKey(nextLsn);
  const stored = await storage.openLog(key);
  try {
    requireSize(key, stored.sizeBytes, goesOn?.storedBytes ?? 0);
    if (storage.isShared === true) await takeOver(storage, files, key, replayed.sizes, newestManifest);
    // An empty one is begun anew: its header may be one that a failed sync has lost, and that only the system's cache still has.
    if (goesOn === undefined || (goesOn.content.records.length === 0 && !goesOn.content.ended)) {
      if (stored.sizeBytes > 0) await stored.truncate(0);
      return await WriteLog.begin(files.vault.log(stored, key, undefined), ambient, key, files.id, nextLsn);
    }
    const log = files.vault.log(stored, key, goesOn.end);
    const { ended, goodBytes, seed } = goesOn.content;
    if (log.sizeBytes > goodBytes) await log.truncate(goodBytes);
    else if (!ended) await log.sync();
    return new WriteLog({ key, log, seed, nextLsn, ended });
  } catch (error) {
    await stored.close();
    throw error;
  }
}

// Takes every other log too, as its owner may not have gone on to the next one yet; then nothing may have changed since it was read.
async function takeOver(storage: Storage, files: CollectionFiles, own: string, sizes: ReadonlyMap<string, number>, newestManifest: number): Promise<void> {
  for (const [key, sizeBytes] of sizes) {
    if (key === own) continue;
    const log = await storage.openLog(key);
    await log.close();
    requireSize(key, log.sizeBytes, sizeBytes);
  }
  const added = (await files.logKeys()).find((key) => key !== own && !sizes.has(key));
  if (added !== undefined) throw new ElanusError('Busy', `${added}: another writer is at work`, { file: added });
  if ((await files.nextVersion()) !== newestManifest + 1) throw new ElanusError('Busy', `another writer stored a manifest after version ${newestManifest}`);
}

/** Cuts the torn tail of a log that is not gone on with, and makes durable what it holds. */
async function settle(environment: Environment, vault: Vault, { key, storedBytes, sizeBytes, content, end }: ReplayedLog): Promise<void> {
  const stored = await writable(environment.storage).openLog(key);
  const log = vault.log(stored, key, end);
  try {
    requireSize(key, stored.sizeBytes, storedBytes);
    if (content.lost.length === 0 && content.goodBytes < sizeBytes) await log.truncate(content.goodBytes);
    else await log.sync();
  } finally {
    await log.close();
  }
}

// Who wrote to it since it was read is still at work.
function requireSize(key: string, found: number, expected: number): void {
  if (found !== expected) throw new ElanusError('Busy', `${key}: another writer is at work`, { file: key });
}
