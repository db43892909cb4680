// SyncRoom: where copies and a server meet: what is the newest and who says so, when there is something newer, and what
// copies push. What was pushed is sealed soon, as copies see sealed segments alone.

import type { Ambient } from '../../ports/ambient.js';
import { webSignatures } from '../../platform/signatures.js';
import { Heads, type ServedHead } from '../../sync/heads.js';
import type { Push } from '../../format/push.js';
import type { ConflictRules, PushAnswer } from '../../engine/api/push.js';
import type { AdoptedSegment } from '../../engine/api/upload.js';
import type { SentName } from '../../sync/uploads.js';
import type { AskedRule } from '../../engine/scoped/scoped-views.js';
import type { WritableRows } from '../../model/row-scope.js';
import type { ServedDatabase } from '../call.js';
import { RefusedRequest, STATUS } from '../status.js';

/** For how long who asks for changes waits, and how many may. */
export const WAIT_MS = 25_000;
const WAITING_MAX = 10_000;
/** A push is sealed with what comes within this time after it. */
const SEAL_MS = 1000;

export interface Pusher {
  readonly user: string;
  readonly rows: WritableRows;
}

interface Waiting {
  readonly wake: () => void;
}

export class SyncRoom {
  readonly #log: Ambient['log'];
  readonly #makeHeads: () => Promise<Heads>;
  #heads: Promise<Heads> | undefined;
  /** By full name. */
  readonly #sealing = new Map<string, NodeJS.Timeout>();
  readonly #waiting = new Set<Waiting>();
  readonly #subscribed = new WeakSet<ServedDatabase>();
  #closed = false;

  /** `seed`: of the private key that heads are signed with, 32 bytes; `restoredMs`: when the data were last put back from a backup. */
  constructor(seed: Uint8Array, ambient: Pick<Ambient, 'sha256' | 'nowMs'>, log: Ambient['log'], restoredMs?: number) {
    this.#log = log;
    this.#makeHeads = async () => new Heads(await webSignatures.signer(seed), ambient, undefined, restoredMs);
  }

  /** Errors: `NotFound`. */
  async head(database: ServedDatabase, collection: string, rows?: AskedRule): Promise<ServedHead> {
    this.#heads ??= this.#makeHeads();
    return (await this.#heads).head(await database.headOf(collection, rows));
  }

  /** The version of the newest manifest, as soon as it is another than `since`, or what it is after `WAIT_MS`. Errors: `NotFound`; `RefusedRequest` if too many wait. */
  async changed(database: ServedDatabase, collection: string, since: number, signal: AbortSignal): Promise<number> {
    this.#listen(database);
    const untilMs = Date.now() + WAIT_MS;
    for (;;) {
      const { version } = (await database.opened(collection)).manifest.manifest;
      const leftMs = untilMs - Date.now();
      if (version !== since || leftMs <= 0 || signal.aborted || this.#closed) return version;
      if (this.#waiting.size >= WAITING_MAX) throw new RefusedRequest(STATUS.rateLimited, 'too many wait for changes; ask again later', 503);
      await this.#woken(leftMs, signal);
    }
  }

  /** `from`: whom the client is bound to, and which rows he may write; `rules`: what becomes of conflicts. Errors: those of `SyncDatabase.receive`. */
  async push(database: ServedDatabase, collection: string, push: Push, from: Pusher, rules: ConflictRules): Promise<PushAnswer> {
    const answer = await database.receive(collection, push, from.user, rules, from.rows);
    if (answer.kind === 'taken') this.#sealSoon(database, collection);
    return answer;
  }

  /** Takes a file that has come whole, for `user`; who waits for changes is told. Errors: those of `SyncDatabase.takeSegment`. */
  async segment(database: ServedDatabase, collection: string, file: SentName, user: string, rules: ConflictRules): Promise<AdoptedSegment> {
    const adopted = await database.takeSegment(collection, file, user, rules);
    this.#wakeAll();
    return adopted;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#sealing.values()) clearTimeout(timer);
    this.#sealing.clear();
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const { wake } of this.#waiting) wake();
  }

  #listen(database: ServedDatabase): void {
    if (this.#subscribed.has(database)) return;
    this.#subscribed.add(database);
    database.subscribe(({ state }) => {
      if (state === 'finished') this.#wakeAll();
    });
  }

  async #woken(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => waiting.wake(), ms);
      const waiting: Waiting = {
        wake: () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', waiting.wake);
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', waiting.wake);
    });
  }

  #sealSoon(database: ServedDatabase, collection: string): void {
    const name = `${database.database}.${collection}`;
    if (this.#sealing.has(name) || this.#closed) return;
    const seal = async (): Promise<void> => {
      this.#sealing.delete(name);
      try {
        await (await database.opened(collection)).flush();
      } catch (error) {
        this.#log('warn', `${name}: what was pushed is not sealed yet`, { error });
      }
    };
    this.#sealing.set(name, setTimeout(() => void seal(), SEAL_MS));
  }
}
