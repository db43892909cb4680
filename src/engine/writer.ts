// Writer: the one place where a collection's batches get their LSN. Commits are logged in order, durable before they
// are applied, and applied before they are acknowledged; what waits while the log is written goes into the next group.

import { ElanusError } from '../model/errors.js';
import { encodeLogRecord } from '../format/log.js';
import type { Log } from '../ports/storage.js';

interface Commit {
  readonly kind: 'commit';
  readonly payload: Uint8Array;
  /** Makes the batch visible. Runs once it is durable; may throw only if nothing was applied. */
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Exclusive {
  readonly kind: 'exclusive';
  readonly work: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bytes of one group at most, so that one write never holds back the next for long. */
const GROUP_BYTES_MAX = 32 * 1024 * 1024;

export class Writer {
  #log: Log;
  #nextLsn: bigint;
  #queue: (Commit | Exclusive)[] = [];
  #running: Promise<void> | undefined;
  #refusal: ElanusError | undefined;
  /** Where the log is to be cut, as what was refused could not be cut off. */
  #uncut: number | undefined;

  /** `log` ends with the record before `nextLsn`. */
  constructor(log: Log, nextLsn: bigint) {
    this.#log = log;
    this.#nextLsn = nextLsn;
  }

  get nextLsn(): bigint {
    return this.#nextLsn;
  }

  get logBytes(): number {
    return this.#log.sizeBytes;
  }

  /** Logs `payload`, then applies it; gives what `apply` gave. Errors: those of the log; then nothing of it is kept. */
  async commit<T>(payload: Uint8Array, apply: () => T): Promise<T> {
    let result: T | undefined;
    await this.#enqueue((resolve, reject) => ({ kind: 'commit', payload, apply: () => (result = apply()), resolve, reject }));
    return result as T;
  }

  /** Runs `work` while no commit is being logged or applied; later ones wait. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    let result: T | undefined;
    await this.#enqueue((resolve, reject) => ({ kind: 'exclusive', work: async () => void (result = await work()), resolve, reject }));
    return result as T;
  }

  /** Goes on in a new, empty log. Called within `exclusive`. */
  async changeLog(log: Log): Promise<void> {
    const before = this.#log;
    this.#log = log;
    await before.close();
  }

  /** Waits for what was begun, refuses the rest. */
  async close(): Promise<void> {
    this.#refusal ??= new ElanusError('Closed', 'the collection is closed');
    await this.#running;
    await this.#log.close();
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
        const uncut = await this.#cut();
        if (uncut !== undefined) first.reject(uncut);
        else await first.work().then(first.resolve, first.reject);
      } else {
        await this.#writeGroup(this.#takeGroup());
      }
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly Commit[] {
    const group: Commit[] = [];
    let bytes = 0;
    while (this.#queue[0]?.kind === 'commit' && (group.length === 0 || bytes + this.#queue[0].payload.length <= GROUP_BYTES_MAX)) {
      const commit = this.#queue.shift() as Commit;
      group.push(commit);
      bytes += commit.payload.length;
    }
    return group;
  }

  async #writeGroup(group: readonly Commit[]): Promise<void> {
    if (this.#refusal !== undefined) return rejectAll(group, this.#refusal);
    const uncut = await this.#cut();
    if (uncut !== undefined) return rejectAll(group, uncut);
    const start = this.#log.sizeBytes;
    const records = group.map((commit, at) => encodeLogRecord(this.#nextLsn + BigInt(at), commit.payload));
    try {
      await this.#log.append(concat(records));
      await this.#log.sync();
    } catch (error) {
      await this.#takeBack(start);
      return rejectAll(group, error);
    }
    await this.#applyGroup(group, records, start);
  }

  // What is durable is applied. The first that cannot be (no memory) is taken out of the log again with all after it.
  async #applyGroup(group: readonly Commit[], records: readonly Uint8Array[], start: number): Promise<void> {
    let end = start;
    for (const [at, commit] of group.entries()) {
      try {
        commit.apply();
      } catch (error) {
        await this.#takeBack(end);
        return rejectAll(group.slice(at), error);
      }
      end += (records[at] as Uint8Array).length;
      this.#nextLsn++;
      commit.resolve();
    }
  }

  async #cut(): Promise<ElanusError | undefined> {
    return this.#uncut === undefined ? undefined : this.#takeBack(this.#uncut);
  }

  // What was refused must not come back at the next open. Until it is cut off nothing more is written.
  async #takeBack(sizeBytes: number): Promise<ElanusError | undefined> {
    try {
      await this.#log.truncate(sizeBytes);
      this.#uncut = undefined;
      return undefined;
    } catch (cause) {
      this.#uncut = sizeBytes;
      return new ElanusError('ReadOnly', 'the log could be neither written nor cut back: nothing is written until it can be', { cause });
    }
  }
}

function rejectAll(group: readonly Commit[], error: unknown): void {
  for (const commit of group) commit.reject(error);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
