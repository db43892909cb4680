// Pending: the calls of a page that have no answer yet, whoever they were sent to.

import type { EncryptionOptions } from './encryption.js';
import { ElanusError } from '../model/errors.js';
import type { AnyVerb, Call, Repeat, Reply, Request, Verbs } from './wire.js';
import { errorFromWire } from './wire-error.js';

/** The arguments of a call once more, with the buffers behind them that the other end may keep. */
export interface MovedArguments {
  readonly args: readonly unknown[];
  readonly buffers: readonly ArrayBuffer[];
}

export interface CallOptions {
  /** For a line that can move memory: its arguments in memory of their own. They are kept for the next owner as they are. */
  readonly move?: (() => MovedArguments) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: never) => void) | undefined;
}

/** Where a call goes. */
export interface Line {
  /** The owner at its other end; '' if there is but one. */
  readonly to: string;
  readonly post: (request: Request, moved?: readonly ArrayBuffer[]) => void;
  /** Whether it leaves what is moved to the other end, uncopied. */
  readonly moves: boolean;
}

/** Makes the calls of one page, in whatever tab the database is. */
export interface Caller {
  call<V extends keyof Verbs>(verb: V, args: Parameters<Verbs[V]>, options?: CallOptions): Promise<Awaited<ReturnType<Verbs[V]>>>;
  /** What only the page knows of its place. */
  readonly role: 'owner' | 'follower';
  readonly storage: string;
  /** The database is encrypted by another key from now on. */
  useKey(encryption: EncryptionOptions): Promise<void>;
  close(): Promise<void>;
}

export class PendingCall {
  readonly id: number;
  readonly verb: AnyVerb;
  readonly repeat: Repeat;
  readonly result: Promise<unknown>;
  /** The owner that has it; undefined while none has. */
  sentTo: string | undefined;
  /** An owner that ended without an answer had it. */
  doubtful = false;
  /** Its page has slept since it was sent, and may have missed owners. */
  slept = false;
  readonly #args: readonly unknown[];
  readonly #onProgress: ((progress: never) => void) | undefined;
  readonly #move: (() => MovedArguments) | undefined;
  #line: Line | undefined;
  #aborted: ElanusError | undefined;
  #resolve: (value: unknown) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(id: number, verb: AnyVerb, args: readonly unknown[], repeat: Repeat, { onProgress, move }: CallOptions) {
    this.id = id;
    this.verb = verb;
    this.repeat = repeat;
    this.#args = args;
    this.#onProgress = onProgress;
    this.#move = move;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Gives it to an owner, unless it was aborted. */
  send(line: Line): void {
    if (this.#aborted !== undefined) return this.fail(this.#aborted);
    this.sentTo = line.to;
    this.slept = false;
    this.#line = line;
    const { args, buffers } = (line.moves ? this.#move?.() : undefined) ?? { args: this.#args, buffers: [] };
    const call: Call = { kind: 'call', to: line.to, id: this.id, verb: this.verb, args, again: this.doubtful, progress: this.#onProgress !== undefined };
    try {
      line.post(call, buffers);
    } catch (error) {
      this.fail(new ElanusError('InvalidArgument', `${this.verb}: its arguments are not plain data: ${String(error)}`, { cause: error }));
    }
  }

  take(reply: Reply): void {
    if (reply.kind === 'answer') this.#resolve(reply.value);
    else if (reply.kind === 'failure') this.#reject(errorFromWire(reply.error));
    else if (reply.kind === 'progress') this.#onProgress?.(reply.progress as never);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  /** Aborts it where it is; where it is nowhere, it ends at once. */
  abort(reason: unknown): void {
    this.#aborted = new ElanusError('Closed', `${this.verb}: aborted`, { cause: reason });
    if (this.#line === undefined || this.sentTo === undefined) this.fail(this.#aborted);
    else this.#line.post({ kind: 'abort', id: this.id });
  }
}

/** The calls without an answer, in the order in which they were made. */
export class Pending {
  readonly #calls = new Map<number, PendingCall>();
  readonly #step: 1 | -1;
  #last = 0;

  /** Numbers its calls 1, 2, 3 or -1, -2, -3: two on one line are told apart by that. */
  constructor(step: 1 | -1) {
    this.#step = step;
  }

  make(verb: AnyVerb, args: readonly unknown[], repeat: Repeat, options: CallOptions = {}): PendingCall {
    const { signal } = options;
    const call = new PendingCall((this.#last += this.#step), verb, args, repeat, options);
    this.#calls.set(call.id, call);
    const abort = (): void => call.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    const over = (): void => {
      this.#calls.delete(call.id);
      signal?.removeEventListener('abort', abort);
    };
    call.result.then(over, over);
    if (signal?.aborted === true) call.abort(signal.reason);
    return call;
  }

  get size(): number {
    return this.#calls.size;
  }

  get all(): readonly PendingCall[] {
    return [...this.#calls.values()];
  }

  take(reply: Reply): PendingCall | undefined {
    const call = this.#calls.get(reply.id);
    call?.take(reply);
    return call;
  }
}
