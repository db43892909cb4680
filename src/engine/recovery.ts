// Recovery: from files to a Table: the manifest's segments, then the batches of the logs that it does not cover.
// A torn tail is cut at the last good record and reported; a gap in the LSNs is corruption, never passed over.

import { decodeBatch, type Batch } from '../format/batch.js';
import { decodeCalibration, type Calibration } from '../format/calibration.js';
import { lsnOf } from '../format/keys.js';
import { encodeLogHeader, readLog } from '../format/log.js';
import type { Manifest } from '../format/manifest.js';
import { ElanusError } from '../model/errors.js';
import type { AnnIndex } from '../ports/core.js';
import type { Log, ReadStorage, Storage } from '../ports/storage.js';
import type { CollectionFiles } from './collection-files.js';
import type { Environment } from './environment.js';
import { Table, type SealedSegment } from './table.js';

/** A table with the segments of `manifest`. Errors: `Corrupt` naming the file, `Unsupported`, `OutOfMemory`. */
export async function loadTable(environment: Environment, files: CollectionFiles, manifest: Manifest, warn: (message: string) => void): Promise<Table> {
  const table = new Table(manifest.schema, environment.core);
  try {
    for (const entry of manifest.segments) {
      const columns = await files.readRows(entry, manifest.schema);
      table.addSealed(entry, columns, await files.readDeletions(entry));
      const added = table.sealed.at(-1);
      if (added !== undefined) await openIndex(environment, files, added, warn);
    }
    return table;
  } catch (error) {
    table.close();
    throw error;
  }
}

// An index is derived: without it searches are exact, and who may write builds it again.
async function openIndex(environment: Environment, files: CollectionFiles, { segment, entry }: SealedSegment, warn: (message: string) => void): Promise<void> {
  if (entry.index === undefined) return;
  try {
    const ann = environment.core.openIndex(await files.readFile(entry.index), segment.index);
    segment.approximate = { ann, calibration: calibrationOf(ann, entry.index.name) };
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    warn(`${entry.index.name}: not used, searches are exact: ${error.message}`);
  }
}

function calibrationOf(ann: AnnIndex, name: string): Calibration {
  try {
    return decodeCalibration(ann.calibration ?? new Uint8Array(0), name);
  } catch (error) {
    ann.close();
    throw error;
  }
}

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

/** Writes the header of an empty log. */
export async function startLog(log: Log, collection: string, firstLsn: bigint): Promise<void> {
  await log.append(encodeLogHeader(collection, firstLsn));
  await log.sync();
}
