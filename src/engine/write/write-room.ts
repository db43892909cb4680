// WriteRoom: writes wait for room. Who writes faster than it can be sealed or merged waits; so does who has to wait for memory
// that work in the background takes. Nobody waits where nothing is under way that would end the waiting.

import type { Batch, WriteBatch } from '../../format/batch.js';
import { vectorFields } from '../../model/schema.js';
import type { AutoSeal } from './auto-seal.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { Compactor } from '../upkeep/compactor.js';
import type { IndexKeeper } from '../upkeep/index-keeper.js';
import { rowsInTurn } from '../read/rows-in-turn.js';
import { applyBatch, applyInTurns, bytesToApply } from '../log/log-replay.js';

/** What takes memory for a while. */
export interface BackgroundWork {
  readonly seal: AutoSeal;
  readonly merges: Compactor;
  readonly indexes: IndexKeeper;
}

/** Of the backlog of merges: from here on a write waits for pieces of a merge, from there on for whole ones. */
const SLOWED = 1;
const STOPPED = 2;
/** Pieces of a merge that a write waits for shortly before it is stopped. */
const PIECES_MAX = 8;

export class WriteRoom {
  readonly #state: CollectionState;
  readonly #work: BackgroundWork;
  #waiting = 0;
  #waited = 0;

  constructor(state: CollectionState, work: BackgroundWork) {
    this.#state = state;
    this.#work = work;
  }

  /** Writes that wait now, and that have waited since the collection was opened. */
  get waits(): { readonly waiting: number; readonly waited: number } {
    return { waiting: this.#waiting, waited: this.#waited };
  }

  /** Undefined if there is room for a batch now. */
  for(batch: Batch): Promise<void> | undefined {
    const { seal, merges } = this.#work;
    return seal.isBehind || merges.backlog >= SLOWED || !this.#hasRoom(batch) ? this.#wait(batch) : undefined;
  }

  /** Applies a batch; gives how many rows it is of. Room for what it takes is made first, so that what is refused changed nothing. Errors: `OutOfMemory`. */
  apply(batch: Batch): number {
    this.#admit(batch);
    try {
      return applyBatch(this.#state.ownTable, batch);
    } finally {
      this.#state.account();
    }
  }

  /** The same of rows with others served in between, who see all of them or none; at once if they are few. REQUIRES: nothing else is applied until then. */
  applyInTurns(batch: WriteBatch): number | Promise<number> {
    return batch.columns.rows <= rowsInTurn(vectorFields(this.#state.ownTable.schema)) ? this.apply(batch) : this.#applyInTurns(batch);
  }

  async #applyInTurns(batch: WriteBatch): Promise<number> {
    const { ownTable, environment } = this.#state;
    this.#state.expect(this.#admit(batch));
    try {
      return await applyInTurns(ownTable, batch, () => environment.ambient.pause());
    } finally {
      this.#state.expect(0);
      this.#state.account();
    }
  }

  /** Gives how many bytes were made room for. */
  #admit(batch: Batch): number {
    if (!this.#isLimited) return 0;
    const bytes = bytesToApply(this.#state.ownTable, batch);
    this.#state.admit(bytes, batch.kind === 'write' ? bytes : 0);
    return bytes;
  }

  async #wait(batch: Batch): Promise<void> {
    this.#waiting++;
    this.#waited++;
    try {
      await this.#waitForSeal();
      await this.#waitForMerges();
      await this.#waitForMemory(batch);
    } finally {
      this.#waiting--;
    }
  }

  async #waitForSeal(): Promise<void> {
    const { seal } = this.#work;
    while (seal.isBehind) await seal.running;
  }

  // A merge that fails is not tried again before the next seal.
  async #waitForMerges(): Promise<void> {
    const { merges, indexes } = this.#work;
    while (merges.backlog >= STOPPED) {
      indexes.giveUp(merges.planned);
      await merges.step;
    }
    if (merges.backlog < SLOWED) return;
    const pieces = 1 + Math.floor(((merges.backlog - SLOWED) / (STOPPED - SLOWED)) * PIECES_MAX);
    for (let done = 0; done < pieces; done++) await merges.pieces.next;
  }

  async #waitForMemory(batch: Batch): Promise<void> {
    const { seal, merges, indexes } = this.#work;
    const next = (): Promise<void> | undefined => seal.running ?? merges.step ?? indexes.step;
    for (let work = next(); work !== undefined && !this.#hasRoom(batch); work = next()) await work;
    // Rows that are sealed can be released.
    for (let work = this.#sealFor(batch); work !== undefined; work = this.#sealFor(batch)) await work;
  }

  #sealFor(batch: Batch): Promise<void> | undefined {
    if (this.#hasRoom(batch) || !this.#state.hasRoomOnceSealed(bytesToApply(this.#state.ownTable, batch))) return undefined;
    return this.#work.seal.forRoom();
  }

  #hasRoom(batch: Batch): boolean {
    return !this.#isLimited || this.#state.hasRoom(bytesToApply(this.#state.ownTable, batch));
  }

  get #isLimited(): boolean {
    return this.#state.residency.limitBytes !== undefined;
  }
}
