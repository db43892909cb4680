// Log replay: the batches of the logs that the manifest does not cover, applied to a Table, and the log in which writing
// goes on. A torn tail is cut at the last good record and reported; a gap in the LSNs is corruption, never passed over.

import { decodeBatch, type Batch } from '../format/batch.js';
import { lsnOf } from '../format/keys.js';
import { encodeLogHeader, readLog } from '../format/log.js';
import { ElanusError } from '../model/errors.js';
import type { Log, ReadStorage, Storage } from '../ports/storage.js';
import type { CollectionFiles } from './collection-files.js';
import type { Table } from './table.js';

export interface Replayed {
  readonly nextLsn: bigint;
  /** The log that ends with the last batch, in which writing can go on, its size, and how much of it is good. */
  readonly log: { readonly key: string; readonly sizeBytes: number; readonly goodBytes: number } | undefined;
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
    const bytes = await storage.read(key);
    const read = readLog(bytes, key);
    const before = nextLsn;
    for (const { lsn, payload } of read.records) {
      if (lsn < nextLsn) continue;
      if (lsn > nextLsn) throw new ElanusError('Corrupt', `${key}: expected batch ${nextLsn}, found ${lsn}: batches are missing`, { file: key });
      applyBatch(table, decodeBatch(payload, table.schema, `${key}, batch ${lsn}`));
      nextLsn++;
    }
    if (read.damage !== undefined) warnings.push(`${key}: ${read.damage}; cut ${bytes.length - read.goodBytes} bytes after ${read.records.length} good batches`);
    if (nextLsn > before) applied.push(key);
    // A log that was never begun would start at the LSN in its name. What a failed seal left behind ends too early.
    const start = read.goodBytes === 0 ? (lsnOf(key) ?? nextLsn) : read.firstLsn;
    const end = start + BigInt(read.records.length);
    if (end > nextLsn) throw new ElanusError('Corrupt', `${key}: starts at batch ${start}, expected ${nextLsn}: batches are missing`, { file: key });
    if (end === nextLsn) log = { key, sizeBytes: bytes.length, goodBytes: read.goodBytes };
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
  const log = await storage.openLog(key);
  try {
    // Who wrote to it since it was read is still at work.
    if (log.sizeBytes !== (replayed.log?.sizeBytes ?? 0)) throw new ElanusError('Busy', `${key}: another writer is at work`, { file: key });
    const good = replayed.log?.goodBytes ?? 0;
    if (log.sizeBytes > good) await log.truncate(good);
    if (good === 0) await startLog(log, files.id, replayed.nextLsn);
    return { log, key };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Stores an empty log that begins with this batch. */
export async function createLog(storage: Storage, files: CollectionFiles, firstLsn: bigint): Promise<void> {
  const log = await storage.openLog(files.logKey(firstLsn));
  try {
    await startLog(log, files.id, firstLsn);
  } finally {
    await log.close();
  }
}

/** Writes the header of an empty log. */
export async function startLog(log: Log, collection: string, firstLsn: bigint): Promise<void> {
  await log.append(encodeLogHeader(collection, firstLsn));
  await log.sync();
}
