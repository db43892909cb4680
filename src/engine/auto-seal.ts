// AutoSeal: seals a growing segment that is full, off the path of every call.

import type { CollectionState } from './collection-state.js';

/** A growing segment is sealed by itself at this many rows, the largest row group of a file, or bytes of vectors. */
const SEAL_ROWS = 65_536;
const SEAL_BYTES = 64 * 1024 * 1024;
/** A seal that failed is tried again after so many rows. */
const RETRY_ROWS = SEAL_ROWS / 8;
/** Of the memory, where that is limited. */
const SEAL_SHARE = 1 / 16;
/** So many times what is sealed at once may grow while a seal is under way. */
const GROWING_SEALS = 1.5;

export class AutoSeal {
  readonly #state: CollectionState;
  readonly #seal: () => Promise<void>;
  #running: Promise<void> | undefined;
  /** Rows of the growing segment from which it may be sealed. */
  #fromRows = 0;

  constructor(state: CollectionState, seal: () => Promise<void>) {
    this.#state = state;
    this.#seal = seal;
  }

  /** Resolves when the seal under way, if there is one, is over. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Whether more was written during a seal than should be. */
  get isBehind(): boolean {
    return this.#running !== undefined && (this.#state.table().growing?.vectorBytes ?? 0) >= GROWING_SEALS * this.#sealBytes();
  }

  /** Begins if the growing segment is full. */
  whenFull(): void {
    const { growing } = this.#state.table();
    if (growing === undefined || this.#running !== undefined || growing.rows < this.#fromRows) return;
    if (growing.rows < SEAL_ROWS && growing.vectorBytes < this.#sealBytes()) return;
    this.#fromRows = 0;
    this.#running = this.#seal()
      .catch((error: unknown) => {
        if (this.#state.isClosed) return;
        // What failed now fails with the next row, too.
        this.#fromRows = (this.#state.table().growing?.rows ?? 0) + RETRY_ROWS;
        this.#state.warn(`${this.#state.name}: sealing failed, the log keeps the rows: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  // A segment being sealed is in memory a few times over.
  #sealBytes(): number {
    const { environment, residency } = this.#state;
    return Math.min(environment.sealBytes ?? SEAL_BYTES, (residency.limitBytes ?? Number.POSITIVE_INFINITY) * SEAL_SHARE);
  }
}
