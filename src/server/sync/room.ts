// SyncRoom: where copies and a server meet: what is the newest and who says so, when there is something newer, and what
// copies push. What was pushed is sealed soon, as copies see sealed segments alone.

import type { Ambient } from '../../ports/ambient.js';
import { webSignatures } from '../../platform/signatures.js';
import { Heads, type ServedHead } from '../../sync/heads.js';
import type { Push } from '../../format/push.js';
import type { PushAnswer } from '../../engine/api/push.js';
import type { ServedDatabase } from '../call.js';
import { RefusedRequest, STATUS } from '../status.js';

/** For how long who asks for changes waits, and how many may. */
export const WAIT_MS = 25_000;
const WAITING_MAX = 10_000;
/** A push is sealed with what comes within this time after it. */
const SEAL_MS = 1000;

interface Waiting {
  readonly wake: () => void;
}

export class SyncRoom {
  readonly #log: Ambient['log'];
  readonly #heads: Promise<Heads>;
  /** By full name. */
  readonly #sealing = new Map<string, NodeJS.Timeout>();
  readonly #waiting = new Set<Waiting>();
  readonly #subscribed = new WeakSet<ServedDatabase>();
  #closed = false;

  /** `seed`: of the private key that heads are signed with, 32 bytes. */
  constructor(seed: Uint8Array, ambient: Pick<Ambient, 'sha256' | 'nowMs'>, log: Ambient['log']) {
    this.#log = log;
    this.#heads = webSignatures.signer(seed).then((signer) => new Heads(signer, ambient));
    // Who asks for a head is told.
    this.#heads.catch(() => undefined);
  }

  /** Errors: `NotFound`. */
  async head(database: ServedDatabase, collection: string): Promise<ServedHead> {
    return (await this.#heads).head(await database.headOf(collection));
  }

  /** The version of the newest manifest, as soon as it is above `since`, or what it is after `WAIT_MS`. Errors: `NotFound`; `RefusedRequest` if too many wait. */
  async changed(database: ServedDatabase, collection: string, since: number, signal: AbortSignal): Promise<number> {
    this.#listen(database);
    const untilMs = Date.now() + WAIT_MS;
    for (;;) {
      const { version } = (await database.opened(collection)).manifest.manifest;
      const leftMs = untilMs - Date.now();
      if (version > since || leftMs <= 0 || signal.aborted || this.#closed) return version;
      if (this.#waiting.size >= WAITING_MAX) throw new RefusedRequest(STATUS.rateLimited, 'too many wait for changes; ask again later', 503);
      await this.#woken(leftMs, signal);
    }
  }

  /** `user`: whom the client is bound to. Errors: those of `SyncDatabase.receive`. */
  async push(database: ServedDatabase, collection: string, push: Push, user: string): Promise<PushAnswer> {
    const answer = await database.receive(collection, push, user);
    if (answer.kind === 'taken') this.#sealSoon(database, collection);
    return answer;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#sealing.values()) clearTimeout(timer);
    this.#sealing.clear();
    for (const { wake } of this.#waiting) wake();
  }

  #listen(database: ServedDatabase): void {
    if (this.#subscribed.has(database)) return;
    this.#subscribed.add(database);
    database.subscribe(({ state }) => {
      if (state === 'finished') for (const { wake } of this.#waiting) wake();
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
