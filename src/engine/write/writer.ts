// Writer: the one place where a collection's batches get their LSN. Commits are logged in order, and applied before
// they are acknowledged; those that are to be durable are synced before they are applied, and all before them with
// them. What waits while the log is written goes into the next group.

import { lengthOf } from '../../format/bytes.js';
import type { Ack } from '../../model/ack.js';
import { ElanusError } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Payload, WriteLog } from '../log/write-log.js';

interface Commit {
  readonly kind: 'commit';
  readonly payload: Payload;
  readonly ack: Ack;
  /** Makes the batch visible. Runs once it is logged; may throw only if nothing was applied. Where it takes turns nothing else runs until then. */
  readonly apply: (lsn: bigint) => Promise<void> | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Exclusive {
  readonly kind: 'exclusive';
  readonly work: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface WriterContext {
  readonly ambient: Pick<Ambient, 'nowMs' | 'pause'>;
  /** Told what no call is refused for. */
  readonly warn: (message: string) => void;
  /** Told when batches were applied. */
  readonly committed?: () => void;
}

/** Bytes of one group at most, so that one write never holds back the next for long. */
const GROUP_BYTES_MAX = 32 * 1024 * 1024;
/** Beyond these, batches that need not be durable are synced with the next group even if more are waiting. */
const UNSYNCED_BYTES_MAX = 32 * 1024 * 1024;
const UNSYNCED_MS_MAX = 1000;

export class Writer {
  readonly #ambient: WriterContext['ambient'];
  readonly #warn: (message: string) => void;
  readonly #committed: (() => void) | undefined;
  #log: WriteLog;
  #queue: (Commit | Exclusive)[] = [];
  #running: Promise<void> | undefined;
  #refusal: ElanusError | undefined;
  /** Since when there are batches that are not synced. */
  #unsyncedSinceMs: number | undefined;
  #isWaitingForIdle = false;
  #appliedLsn: bigint;

  /** `log` ends with the last batch. */
  constructor(log: WriteLog, { ambient, warn, committed }: WriterContext) {
    this.#log = log;
    this.#appliedLsn = log.nextLsn;
    this.#ambient = ambient;
    this.#warn = warn;
    this.#committed = committed;
  }

  get nextLsn(): bigint {
    return this.#log.nextLsn;
  }

  /** LSN behind the last batch that was applied: what is logged from here on may be taken out of the log again. */
  get appliedLsn(): bigint {
    return this.#appliedLsn;
  }

  get logBytes(): number {
    return this.#log.sizeBytes;
  }

  /** Logs `payload`, which must not change any more, then applies it, which is told its LSN; gives what `apply` gave, which may take turns. Errors: those of the log; then nothing of it is kept. */
  async commit<T>(payload: Payload, ack: Ack, apply: (lsn: bigint) => T | Promise<T>): Promise<T> {
    let result: T | undefined;
    const toResult = (lsn: bigint): Promise<void> | undefined => {
      const applied = apply(lsn);
      if (applied instanceof Promise) return applied.then((later) => void (result = later));
      result = applied;
      return undefined;
    };
    await this.#enqueue((resolve, reject) => ({ kind: 'commit', payload, ack, apply: toResult, resolve, reject }));
    return result as T;
  }

  /** Runs `work` while no commit is being logged or applied; later ones wait. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    let result: T | undefined;
    await this.#enqueue((resolve, reject) => ({ kind: 'exclusive', work: async () => void (result = await work()), resolve, reject }));
    return result as T;
  }

  /**
   * Makes every batch below `nextLsn` durable: what files are to hold must be in the log first. Called within `exclusive`.
   * Errors: those of the log; no more writes are taken then.
   */
  async sync(): Promise<void> {
    // What could not be cut off a broken log was refused, and must not become durable with the rest.
    if (this.#log.brokenBy !== undefined) throw this.#refuseWrites(this.#log.brokenBy);
    try {
      await this.#log.sync();
    } catch (error) {
      throw this.#refuseWrites(error);
    }
    this.#unsyncedSinceMs = undefined;
  }

  /**
   * Returns if no other writer has taken over: what was listed before may be removed then, and a manifest stored. Called
   * within `exclusive`, where the storage is shared. Errors: `Busy`; no more writes are taken then.
   */
  async confirm(): Promise<void> {
    try {
      await this.#log.confirm();
    } catch (error) {
      if (error instanceof ElanusError && error.code === 'Busy') this.#refuseWrites(error);
      throw error;
    }
  }

  /** Goes on in a new, empty log. Called within `exclusive`, after `sync`; that the log before does not close stops nothing. */
  async changeLog(log: WriteLog): Promise<void> {
    const before = this.#log;
    if (before.unsyncedBatches > 0) throw new Error(`${before.key}: left with ${before.unsyncedBatches} batches that are not synced`);
    this.#log = log;
    try {
      await before.close();
    } catch (error) {
      this.#warn(`${before.key}: could not be closed: ${String(error)}`);
    }
  }

  /** Waits for what was begun, refuses the rest, and ends the log. Errors: those of the log, if acknowledged batches could not be synced. */
  async close(): Promise<void> {
    this.#refusal ??= new ElanusError('Closed', 'the collection is closed');
    await this.#running;
    const unsynced = this.#log.unsyncedBatches;
    const lost = unsynced > 0 && this.#log.brokenBy !== undefined ? this.#refusal : undefined;
    try {
      await this.#log.end();
      if (lost !== undefined) throw lost;
    } catch (error) {
      if (unsynced > 0 && this.#log.unsyncedBatches > 0) throw error;
      this.#warn(`${this.#log.key}: could not be ended, the next opening will take it for one that a crash ended: ${String(error)}`);
    }
  }

  #enqueue(make: (resolve: () => void, reject: (error: unknown) => void) => Commit | Exclusive): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#refusal !== undefined) return reject(this.#refusal);
      this.#queue.push(make(resolve, reject));
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // Started before #running is assigned; the first await lets that happen.
    await undefined;
    while (this.#queue.length > 0) {
      const first = this.#queue[0] as Commit | Exclusive;
      if (first.kind === 'exclusive') {
        this.#queue.shift();
        await first.work().then(first.resolve, first.reject);
      } else {
        await this.#writeGroup(this.#takeGroup());
      }
    }
    this.#running = undefined;
    if (this.#unsyncedSinceMs !== undefined) void this.#syncWhenIdle();
  }

  #takeGroup(): readonly Commit[] {
    const group: Commit[] = [];
    let bytes = 0;
    while (this.#queue[0]?.kind === 'commit' && (group.length === 0 || bytes + lengthOf(this.#queue[0].payload) <= GROUP_BYTES_MAX)) {
      const commit = this.#queue.shift() as Commit;
      group.push(commit);
      bytes += lengthOf(commit.payload);
    }
    return group;
  }

  async #writeGroup(group: readonly Commit[]): Promise<void> {
    if (this.#refusal !== undefined) return rejectAll(group, this.#refusal);
    const sync = group.some(({ ack }) => ack === 'flushed') || this.#isSyncDue();
    const first = this.#log.nextLsn;
    try {
      await this.#log.write(group.map(({ payload }) => payload), sync);
    } catch (error) {
      if (this.#log.brokenBy !== undefined) this.#refuseWrites(this.#log.brokenBy);
      return rejectAll(group, error);
    }
    this.#unsyncedSinceMs = sync ? undefined : (this.#unsyncedSinceMs ?? this.#ambient.nowMs());
    await this.#applyGroup(group, first);
  }

  // What is logged is applied. The first that cannot be (no memory) is taken out of the log again with all after it.
  async #applyGroup(group: readonly Commit[], first: bigint): Promise<void> {
    for (const [at, commit] of group.entries()) {
      try {
        const applying = commit.apply(first + BigInt(at));
        if (applying !== undefined) await applying;
      } catch (error) {
        await this.#takeBack(group.slice(at));
        return rejectAll(group.slice(at), error);
      }
      this.#appliedLsn++;
      commit.resolve();
    }
    this.#committed?.();
  }

  // What was refused must not come back at the next open.
  async #takeBack(group: readonly Commit[]): Promise<void> {
    await this.#log.takeBack(group.map(({ payload }) => payload));
    if (this.#log.brokenBy !== undefined) this.#refuseWrites(this.#log.brokenBy);
  }

  #isSyncDue(): boolean {
    if (this.#unsyncedSinceMs === undefined) return false;
    return this.#log.unsyncedBytes >= UNSYNCED_BYTES_MAX || this.#ambient.nowMs() - this.#unsyncedSinceMs >= UNSYNCED_MS_MAX;
  }

  // Other work of the thread goes first: who writes one batch after the other is not idle.
  async #syncWhenIdle(): Promise<void> {
    if (this.#isWaitingForIdle) return;
    this.#isWaitingForIdle = true;
    await this.#ambient.pause();
    this.#isWaitingForIdle = false;
    const isIdle = this.#running === undefined && this.#refusal === undefined;
    // A failure is reported where it is found.
    if (isIdle && this.#unsyncedSinceMs !== undefined) await this.exclusive(() => this.sync()).catch(() => undefined);
  }

  #refuseWrites(cause: unknown): ElanusError {
    const unsynced = this.#log.unsyncedBatches;
    const kept = unsynced === 0 ? '' : `${unsynced} batches that were acknowledged in memory are not durable; `;
    const message = `the log could be neither written nor cut back: ${kept}the collection is read-only until it is opened again`;
    if (unsynced > 0) this.#warn(`${this.#log.key}: ${message}: ${String(cause)}`);
    this.#refusal = new ElanusError('ReadOnly', message, { cause });
    return this.#refusal;
  }
}

function rejectAll(group: readonly Commit[], error: unknown): void {
  for (const commit of group) commit.reject(error);
}
