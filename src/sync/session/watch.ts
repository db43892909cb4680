// Watch: waits for a server to tell that copies are behind: at most so many requests at once that others still get through,
// as browsers open six connections to a server.

import { ElanusError } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Transport } from '../../ports/transport.js';
import type { Waking } from '../../ports/waking.js';
import type { Origin } from '../origin.js';
import { nextVersion } from './changes.js';
import type { SyncedCopy } from './synced-copy.js';

export interface WatchContext {
  readonly transport: Transport;
  readonly waking: Waking;
  readonly ambient: Pick<Ambient, 'nowMs'>;
}

export interface WatchedServer {
  readonly origin: Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** An answer came. */
  readonly onAnswer: () => void;
}

/** A server that tells nothing, or has told what it then did not have, is asked so often. */
export const ASK_MS = 30_000;
/** An answer that comes sooner without anything new was not waited for. */
const AT_ONCE_MS = 1000;
const REQUESTS_MAX = 4;

export class Watch {
  readonly #context: WatchContext;
  #requests = 0;

  constructor(context: WatchContext) {
    this.#context = context;
  }

  /** Resolves when the copy is to be pulled, or at the abort. Errors: those of the network. */
  async untilBehind(copy: SyncedCopy, server: WatchedServer): Promise<void> {
    const { signal } = server;
    // It was told of what it then did not get: somewhere between, an older answer is kept.
    const { told } = copy;
    if (told?.version !== undefined && told.since === copy.version && told.version !== told.since) await this.#pause(ASK_MS, signal);
    while (!signal.aborted) {
      const fromMs = this.#context.ambient.nowMs();
      const since = copy.version;
      copy.told = { since, version: await this.#ask(copy, server) };
      if (copy.told.version !== copy.version) return;
      if (this.#context.ambient.nowMs() - fromMs < AT_ONCE_MS) await this.#pause(ASK_MS, signal);
    }
  }

  /** Undefined, after a while, where nobody tells. */
  async #ask({ collection, version }: SyncedCopy, { origin, headers, signal, onAnswer }: WatchedServer): Promise<number | undefined> {
    const { transport, waking } = this.#context;
    if (this.#requests < REQUESTS_MAX) {
      this.#requests++;
      try {
        const next = await nextVersion({ transport, waking, origin, collection, headers, signal }, version);
        onAnswer();
        return next;
      } catch (error) {
        // A server of files alone. If it is the collection that is not there its pull tells.
        if (!(error instanceof ElanusError) || error.status !== 404) throw error;
      } finally {
        this.#requests--;
      }
    }
    await this.#pause(ASK_MS, signal);
    return undefined;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        forget();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const forget = this.#context.waking.after(ms, end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}
