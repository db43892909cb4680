// WriteRoom: writes wait for room in memory. Who writes faster than it can be sealed waits; so does who has to wait for
// memory that work in the background takes.

import type { Batch } from '../../format/batch.js';
import type { AutoSeal } from './auto-seal.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { Compactor } from '../upkeep/compactor.js';
import type { IndexKeeper } from '../upkeep/index-keeper.js';
import { applyBatch } from '../log/log-replay.js';

/** What takes memory for a while. */
export interface BackgroundWork {
  readonly seal: AutoSeal;
  readonly merges: Compactor;
  readonly indexes: IndexKeeper;
}

export class WriteRoom {
  readonly #state: CollectionState;
  readonly #work: BackgroundWork;

  constructor(state: CollectionState, work: BackgroundWork) {
    this.#state = state;
    this.#work = work;
  }

  /** Undefined if there is room for a batch of so many bytes now. */
  for(bytes: number): Promise<void> | undefined {
    return this.#work.seal.isBehind || !this.#state.hasRoom(bytes) ? this.#wait(bytes) : undefined;
  }

  /** Applies a batch of so many bytes. Room for it is made first, so that what is refused changed nothing. Errors: `OutOfMemory`. */
  apply(batch: Batch, bytes: number): void {
    this.#state.account(bytes);
    try {
      applyBatch(this.#state.ownTable, batch);
    } finally {
      this.#state.account();
    }
  }

  async #wait(bytes: number): Promise<void> {
    const { seal, merges, indexes } = this.#work;
    while (seal.isBehind) await seal.running;
    const next = (): Promise<void> | undefined => seal.running ?? merges.step ?? indexes.step;
    for (let work = next(); work !== undefined && !this.#state.hasRoom(bytes); work = next()) await work;
  }
}
