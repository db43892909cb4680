// AutoSeal: seals a growing segment that is full, as many deletions, or what a long log has, off the path of every call.

import type { CollectionState } from '../collection/collection-state.js';
import { SEAL_ROWS, type SealSize } from '../upkeep/seal-size.js';

/** A seal that failed is tried again after so many rows. */
const RETRY_ROWS = 8192;
/** So many times what is sealed at once may grow while a seal is under way. */
const GROWING_SEALS = 1.5;

export class AutoSeal {
  readonly #state: CollectionState;
  readonly #size: SealSize;
  readonly #seal: () => Promise<void>;
  #running: Promise<void> | undefined;
  /** Rows, written or deleted, from which it may be sealed. */
  #fromRows = 0;

  constructor(state: CollectionState, size: SealSize, seal: () => Promise<void>) {
    this.#state = state;
    this.#size = size;
    this.#seal = seal;
  }

  /** Resolves when the seal under way, if there is one, is over. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Whether more was written during a seal than should be. */
  get isBehind(): boolean {
    const { growing } = this.#state.table();
    return this.#running !== undefined && growing !== undefined && this.#size.isReached(growing, GROWING_SEALS);
  }

  /** Begins for the room that rows take while they grow; undefined if there are none, or none can be sealed now. */
  forRoom(): Promise<void> | undefined {
    const { growing, unstoredDeaths } = this.#state.table();
    if (!this.#state.writes || growing === undefined || growing.rows + unstoredDeaths < this.#fromRows) return undefined;
    return this.#running ?? this.#begin();
  }

  /** Begins if the growing segment is full, merges could drop that many rows of others, or the log is long. */
  whenFull(): void {
    // Who wrote while it was being closed is answered all the same.
    if (this.#state.isClosed || !this.#state.writes || this.#running !== undefined) return;
    const { growing, unstoredDeaths } = this.#state.table();
    if ((growing?.rows ?? 0) + unstoredDeaths < this.#fromRows) return;
    const isFull = (growing !== undefined && this.#size.isReached(growing)) || unstoredDeaths >= SEAL_ROWS;
    if (!isFull && !this.#size.isLogLong(this.#state.writer().logBytes)) return;
    void this.#begin();
  }

  #begin(): Promise<void> {
    this.#fromRows = 0;
    this.#running = this.#seal()
      .catch((error: unknown) => {
        if (this.#state.isClosed) return;
        // What failed now fails with the next row, too.
        const { growing: grown, unstoredDeaths: died } = this.#state.table();
        this.#fromRows = (grown?.rows ?? 0) + died + RETRY_ROWS;
        this.#state.warn(`${this.#state.name}: sealing failed, the log keeps the rows: ${String(error)}`);
      })
      .finally(() => {
        this.#running = undefined;
        // More may have been written meanwhile than makes the next one full.
        this.whenFull();
      });
    return this.#running;
  }
}
