// Compactions: those that clients have begun, by number, as Milvus tells of them: each is one plan, executing, then completed
// or failed. As many as `REMEMBERED_MAX` are remembered; one that runs is never forgotten.

import type { Collection } from '../../engine/api.js';
import type { Ambient } from '../../ports/ambient.js';
import { mayKnow, type Asker } from '../access/gate.js';
import { RefusedRequest, STATUS } from '../status.js';

export const REMEMBERED_MAX = 1024;
const RUNNING_MAX = 64;

/** By Milvus' names (`CompactionState`). */
export type CompactionState = 'Executing' | 'Completed';

export interface CompactionDescription {
  readonly id: number;
  readonly database: string;
  readonly collection: string;
  readonly state: CompactionState;
  /** Plans. */
  readonly executing: number;
  readonly completed: number;
  readonly failed: number;
}

type Run = Omit<CompactionDescription, 'id'>;

export class Compactions {
  readonly #log: Ambient['log'];
  readonly #runs = new Map<number, Run>();
  readonly #stop = new AbortController();
  #pending = new Set<Promise<void>>();
  #next: number;

  /** `nowMs`: numbers go up from it, so that none is given again after a restart. */
  constructor(log: Ambient['log'], nowMs: number) {
    this.#log = log;
    this.#next = nowMs * 1000;
  }

  /** Begins one, and gives its number. Errors: 2 if too many run. */
  start(database: string, collection: Pick<Collection, 'name' | 'compact'>): number {
    if (this.#pending.size >= RUNNING_MAX) throw new RefusedRequest(STATUS.unavailable, `at most ${RUNNING_MAX} compactions at once`);
    const id = this.#next++;
    const of = { database, collection: collection.name };
    this.#note(id, { ...of, state: 'Executing', executing: 1, completed: 0, failed: 0 });
    const running: Promise<void> = this.#run(id, of, collection).finally(() => void this.#pending.delete(running));
    this.#pending.add(running);
    return id;
  }

  /** Errors: 1100 for a number that none has of which he who asks may know. */
  describe(id: number | undefined, caller: Asker['caller']): CompactionDescription {
    const run = id === undefined ? undefined : this.#runs.get(id);
    if (id === undefined || run === undefined || !mayKnow({ caller, databaseName: undefined }, run)) throw new RefusedRequest(STATUS.invalidParameter, `no compaction has the number ${id ?? 'that is missing'}`);
    return { id, ...run };
  }

  /** Aborts those that run, and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#pending);
  }

  async #run(id: number, of: Pick<Run, 'database' | 'collection'>, target: Pick<Collection, 'compact'>): Promise<void> {
    try {
      await target.compact({ signal: this.#stop.signal });
      this.#note(id, { ...of, state: 'Completed', executing: 0, completed: 1, failed: 0 });
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#log('error', `compaction ${id} of "${of.collection}" failed`, { error });
      this.#note(id, { ...of, state: 'Completed', executing: 0, completed: 0, failed: 1 });
    }
  }

  #note(id: number, run: Run): void {
    this.#runs.set(id, run);
    if (this.#runs.size <= REMEMBERED_MAX) return;
    for (const [old, { executing }] of this.#runs) {
      if (executing > 0) continue;
      this.#runs.delete(old);
      return;
    }
  }
}
