// WriteLog: the log that a collection writes to: records with their LSN and what was durable before them, and the end
// mark of a clean close. Appended and not yet synced batches are held, so that a failed sync is made good by writing
// them again: what the platform lost of them it would not write by itself.

import { concatBytes, lengthOf } from '../../format/bytes.js';
import { encodeEndMark, encodeLogHeader, encodeRecordHeader, END_MARK_BYTES, RECORD_HEADER_BYTES } from '../../format/log.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Log, Storage } from '../../ports/storage.js';
import type { Vault } from '../files/vault.js';

export interface WriteLogState {
  readonly key: string;
  readonly log: Log;
  readonly seed: number;
  /** All batches below it are in logs, durably. */
  readonly nextLsn: bigint;
  /** The log ends with an end mark. */
  readonly ended: boolean;
}

/** The collection that a log belongs to. */
export interface LogOwner {
  readonly id: string;
  readonly vault: Vault;
}

/** A batch in parts, as encodeBatchParts gives it. */
export type Payload = readonly Uint8Array[];

interface LoggedRecord {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
}

/** Parts that are shorter are copied. */
const JOINED_BYTES_MAX = 16 * 1024;

export class WriteLog {
  readonly key: string;
  readonly #log: Log;
  readonly #seed: number;
  #nextLsn: bigint;
  #durableLsn: bigint;
  /** Where the end mark is, while there is one. */
  #endAt: number | undefined;
  /** Appended since the last sync, in order; they are the end of the log. */
  #unsynced: LoggedRecord[] = [];
  #brokenBy: unknown;

  constructor({ key, log, seed, nextLsn, ended }: WriteLogState) {
    this.key = key;
    this.#log = log;
    this.#seed = seed;
    this.#nextLsn = nextLsn;
    this.#durableLsn = nextLsn;
    this.#endAt = ended ? log.sizeBytes - END_MARK_BYTES : undefined;
  }

  /**
   * Begins the log of that key, empty if a file of that name was left behind. Everything below `nextLsn` is durable.
   * Errors: those of the storage; then there is no such log.
   */
  static async start(storage: Storage, ambient: Ambient, key: string, { id, vault }: LogOwner, nextLsn: bigint): Promise<WriteLog> {
    const stored = await storage.openLog(key);
    try {
      if (stored.sizeBytes > 0) await stored.truncate(0);
      return await WriteLog.begin(vault.log(stored, key, undefined), ambient, key, id, nextLsn);
    } catch (error) {
      await stored.close();
      // Where it is shared it may be another's by now.
      if (storage.isShared !== true) await storage.remove(key);
      throw error;
    }
  }

  /** Writes the header of an empty log. */
  static async begin(log: Log, ambient: Ambient, key: string, collection: string, nextLsn: bigint): Promise<WriteLog> {
    const seed = new DataView(Uint8Array.from(ambient.randomBytes(4)).buffer).getUint32(0);
    await log.append(encodeLogHeader(collection, nextLsn, seed));
    await log.sync();
    return new WriteLog({ key, log, seed, nextLsn, ended: false });
  }

  /** LSN of the next batch. */
  get nextLsn(): bigint {
    return this.#nextLsn;
  }

  get sizeBytes(): number {
    return this.#log.sizeBytes;
  }

  /** Of batches that were appended and not synced. */
  get unsyncedBytes(): number {
    return this.#unsynced.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get unsyncedBatches(): number {
    return this.#unsynced.length;
  }

  /** Why the log could be neither written nor cut back: nothing may be appended any more. */
  get brokenBy(): unknown {
    return this.#brokenBy;
  }

  /** Appends batches, which do not change until they are synced; with `sync` they, and all before them, are durable. Errors: those of the log; then nothing of these is kept, unless `brokenBy` is set. */
  async write(payloads: readonly Payload[], sync: boolean): Promise<void> {
    await this.#cutEnd();
    const start = this.#log.sizeBytes;
    const records = payloads.map((payload, at) => this.#record(this.#nextLsn + BigInt(at), payload));
    if (sync && this.#unsynced.length === 0 && this.#log.appendDurably !== undefined) return this.#writeDurably(start, records);
    try {
      await this.#log.append(...partsOf(records));
    } catch (error) {
      await this.#cut(start);
      throw error;
    }
    this.#unsynced.push(...records);
    this.#nextLsn += BigInt(payloads.length);
    if (!sync) return;
    try {
      await this.#log.sync();
    } catch (error) {
      this.#forget(records.length);
      await this.#writeAgain(start);
      throw error;
    }
    this.#noteDurable();
  }

  async #writeDurably(start: number, records: readonly LoggedRecord[]): Promise<void> {
    try {
      await (this.#log as Required<Log>).appendDurably(...partsOf(records));
    } catch (error) {
      await this.#cut(start);
      throw error;
    }
    this.#nextLsn += BigInt(records.length);
    this.#noteDurable();
  }

  /** Takes the last batches off again, durably, unless `brokenBy` is set then. `payloads`: as `write` was given them. */
  async takeBack(payloads: readonly Payload[]): Promise<void> {
    const sizeBytes = payloads.reduce((sum, payload) => sum + RECORD_HEADER_BYTES + lengthOf(payload), 0);
    await this.#cut(this.#log.sizeBytes - sizeBytes);
    this.#forget(payloads.length);
  }

  /** Makes all that was appended durable, by writing it again if need be. Errors: those of the log; `brokenBy` is set then. */
  async sync(): Promise<void> {
    if (this.#unsynced.length === 0) return;
    try {
      await this.#log.sync();
    } catch {
      // The second attempt tells whether it lasts.
      await this.#writeAgain(this.#log.sizeBytes);
      if (this.#brokenBy !== undefined) throw this.#brokenBy;
    }
    this.#noteDurable();
  }

  /** Returns if the log is still this writer's. Errors: `Busy`, those of the log. */
  async confirm(): Promise<void> {
    await this.#log.truncate(this.#log.sizeBytes);
  }

  /** Syncs, appends the end mark, and closes, whatever fails. */
  async end(): Promise<void> {
    try {
      if (this.#brokenBy !== undefined) return;
      await this.sync();
      if (this.#endAt !== undefined) return;
      await this.#log.append(encodeEndMark(this.#seed, this.#nextLsn));
      await this.#log.sync();
    } finally {
      await this.#log.close();
    }
  }

  /** Closes without an end mark. REQUIRES: all is synced. */
  async close(): Promise<void> {
    await this.#log.close();
  }

  #record(lsn: bigint, payload: Payload): LoggedRecord {
    const parts = [encodeRecordHeader(this.#seed, lsn, this.#durableLsn, ...payload), ...payload];
    return { parts, sizeBytes: lengthOf(parts) };
  }

  #noteDurable(): void {
    this.#unsynced = [];
    this.#durableLsn = this.#nextLsn;
  }

  // An end mark in front of other records would pass for the end of a log that was cut there.
  async #cutEnd(): Promise<void> {
    if (this.#endAt === undefined) return;
    await this.#log.truncate(this.#endAt);
    this.#endAt = undefined;
  }

  // What a failed sync was to write may be lost even if a later one succeeds. `end`: where the un-synced batches end.
  async #writeAgain(end: number): Promise<void> {
    await this.#cut(end - this.unsyncedBytes);
    if (this.#brokenBy !== undefined) return;
    try {
      if (this.#unsynced.length > 0) await this.#log.append(...partsOf(this.#unsynced));
      await this.#log.sync();
      this.#noteDurable();
    } catch (error) {
      this.#brokenBy = error;
    }
  }

  async #cut(sizeBytes: number): Promise<void> {
    try {
      await this.#log.truncate(sizeBytes);
    } catch (error) {
      this.#brokenBy = error;
    }
  }

  /** The last batches are not in the log any more. */
  #forget(count: number): void {
    this.#nextLsn -= BigInt(count);
    this.#unsynced.length = Math.max(0, this.#unsynced.length - count);
    if (this.#durableLsn > this.#nextLsn) this.#durableLsn = this.#nextLsn;
  }
}

/** Small parts are joined, which costs less than handing each over. */
function partsOf(records: readonly LoggedRecord[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) parts.push(concatBytes(small));
    small = [];
  };
  for (const part of records.flatMap((record) => record.parts)) {
    if (part.length < JOINED_BYTES_MAX) {
      small.push(part);
      continue;
    }
    join();
    parts.push(part);
  }
  join();
  return parts;
}
