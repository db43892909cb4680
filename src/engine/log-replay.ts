// Log replay: the batches of the logs that the manifest does not cover, applied to a Table, and the log in which writing
// goes on. A torn tail is cut at the last good record and reported; a gap in the LSNs is corruption, never passed over.

import { decodeBatch, type Batch } from '../format/batch.js';
import { lsnOf } from '../format/keys.js';
import { encodeLogHeader, readLog } from '../format/log.js';
import { ElanusError } from '../model/errors.js';
import type { Log, ReadStorage, Storage } from '../ports/storage.js';
import type { CollectionFiles } from './collection-files.js';
import type { Table } from './table.js';
import type { LogEnd } from './vault.js';

export interface Replayed {
  readonly nextLsn: bigint;
  /** The log that ends with the last batch, in which writing can go on, its stored size, and how much of what it holds is good. */
  readonly log: { readonly key: string; readonly sizeBytes: number; readonly end: LogEnd; readonly goodBytes: number } | undefined;
  /** Logs with batches that were applied: they stay until these are sealed. */
  readonly applied: readonly string[];
  readonly warnings: readonly string[];
}

/** Applies every logged batch from `firstLsn` on. */
export async function replayLogs(storage: ReadStorage, files: CollectionFiles, table: Table, firstLsn: bigint): Promise<Replayed> {
  const warnings: string[] = [];
  let nextLsn = firstLsn;
  const applied: string[] = [];
  let log: Replayed['log'];
  for (const key of await files.logKeys()) {
    const stored = await storage.read(key);
    const { bytes, storedBytes, end: goesOn, damage } = await files.vault.openLog(stored, key);
    const read = readLog(bytes, key);
    const before = nextLsn;
    for (const { lsn, payload } of read.records) {
      if (lsn < nextLsn) continue;
      if (lsn > nextLsn) throw new ElanusError('Corrupt', `${key}: expected batch ${nextLsn}, found ${lsn}: batches are missing`, { file: key });
      applyBatch(table, decodeBatch(payload, table.schema, `${key}, batch ${lsn}`));
      nextLsn++;
    }
    const lost = damage ?? read.damage;
    if (lost !== undefined) warnings.push(`${key}: ${lost}; cut ${stored.length - storedBytes + bytes.length - read.goodBytes} bytes after ${read.records.length} good batches`);
    if (nextLsn > before) applied.push(key);
    // A log that was never begun would start at the LSN in its name. What a failed seal left behind ends too early.
    const start = read.goodBytes === 0 ? (lsnOf(key) ?? nextLsn) : read.firstLsn;
    const end = start + BigInt(read.records.length);
    if (end > nextLsn) throw new ElanusError('Corrupt', `${key}: starts at batch ${start}, expected ${nextLsn}: batches are missing`, { file: key });
    if (end === nextLsn) log = { key, sizeBytes: stored.length, end: goesOn, goodBytes: read.goodBytes };
  }
  return { nextLsn, log, applied, warnings };
}

export function applyBatch(table: Table, batch: Batch): number {
  if (batch.kind === 'delete') return table.delete(batch.keys);
  table.write(batch.columns);
  return batch.columns.rows;
}

/**
 * Opens the log in which writing goes on: the replayed one, cut to its good part, or a new one. Errors: `Busy` if it is
 * not as it was replayed, for what another writer added meanwhile must not be cut.
 */
export async function openLog(storage: Storage, files: CollectionFiles, replayed: Replayed): Promise<{ readonly log: Log; readonly key: string }> {
  const key = replayed.log?.key ?? files.logKey(replayed.nextLsn);
  const inner = await storage.openLog(key);
  try {
    // Who wrote to it since it was read is still at work.
    if (inner.sizeBytes !== (replayed.log?.sizeBytes ?? 0)) throw new ElanusError('Busy', `${key}: another writer is at work`, { file: key });
    const log = await files.vault.log(inner, key, replayed.log?.end);
    const good = replayed.log?.goodBytes ?? 0;
    if (log.sizeBytes > good) await log.truncate(good);
    if (good === 0) await startLog(log, files.id, replayed.nextLsn);
    return { log, key };
  } catch (error) {
    await inner.close();
    throw error;
  }
}

/** A new log under `key`, in place of one that a failed sealing left. Errors: those of the storage; then there is none. */
export async function beginLog(storage: Storage, files: CollectionFiles, key: string, firstLsn: bigint): Promise<Log> {
  const inner = await storage.openLog(key);
  try {
    if (inner.sizeBytes > 0) await inner.truncate(0);
    const log = await files.vault.log(inner, key, undefined);
    await startLog(log, files.id, firstLsn);
    return log;
  } catch (error) {
    await inner.close();
    await storage.remove(key);
    throw error;
  }
}

/** Writes the header of an empty log. */
async function startLog(log: Log, collection: string, firstLsn: bigint): Promise<void> {
  await log.append(encodeLogHeader(collection, firstLsn));
  await log.sync();
}
