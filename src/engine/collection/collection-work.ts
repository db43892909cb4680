// CollectionWork: what a collection does off the path of its calls, and who of it waits for whom: sealing, merging,
// indexes, codes of new rows, reading into memory.

import type { Predicates } from '../../ports/core.js';
import type { Storage } from '../../ports/storage.js';
import { AutoSeal } from '../write/auto-seal.js';
import type { CollectionContext } from './collection-context.js';
import type { CollectionIndexes } from './collection-indexes.js';
import type { CollectionState } from './collection-state.js';
import { Compactor } from '../upkeep/compactor.js';
import { openSpares } from '../files/eviction.js';
import { dropExpired } from './expiry.js';
import { IndexKeeper } from '../upkeep/index-keeper.js';
import type { IndexWishes } from '../upkeep/indexer.js';
import type { Spare } from '../files/room.js';
import { RowCoder } from '../upkeep/row-coder.js';
import { ScalarKeeper } from '../upkeep/scalar-keeper.js';
import { SealSize } from '../upkeep/seal-size.js';
import type { SearchPlan } from '../search/search-plan.js';
import { Sealer } from '../upkeep/sealer.js';
import type { Segment } from '../table/segment.js';
import { Warmer } from '../table/warmer.js';
import { WriteRoom } from '../write/write-room.js';

export class CollectionWork {
  readonly sealer: Sealer;
  readonly autoSeal: AutoSeal;
  readonly writeRoom: WriteRoom;
  readonly compactor: Compactor;
  readonly indexes: IndexKeeper;
  readonly coder: RowCoder;
  readonly scalars: ScalarKeeper;
  readonly warmer: Warmer;
  readonly #state: CollectionState;
  readonly #predicates: Predicates;
  #expiring: Promise<void> | undefined;

  constructor(context: CollectionContext, state: CollectionState, definitions: CollectionIndexes) {
    const { environment, residency, room, warn } = context;
    const reason = (message: string): void => warn(`${state.name}: ${message}`);
    const hasRoomFor = async (bytes: number): Promise<boolean> => room === undefined || room.hasRoomFor(bytes);
    const wishes = (): IndexWishes => definitions.wishes();
    const sealSize = new SealSize(environment, residency);
    this.#state = state;
    this.#predicates = environment.core.predicates;
    this.indexes = new IndexKeeper(state, { wishes, hasRoomFor, warn: reason });
    this.coder = new RowCoder(environment.core, environment.ambient, () => (state.isClosed ? undefined : state.table()), reason);
    this.scalars = new ScalarKeeper(state, (field) => definitions.asked.find(({ fieldName }) => fieldName === field));
    this.warmer = new Warmer(state);
    this.compactor = new Compactor(state, { sealSize, wishes, seal: () => this.sealer.seal(), merged: (segment, wished) => this.#noteMerged(segment, wished) });
    this.sealer = new Sealer(state, () => this.tidy());
    this.autoSeal = new AutoSeal(state, sealSize, () => this.sealer.seal());
    this.writeRoom = new WriteRoom(state, { seal: this.autoSeal, merges: this.compactor, indexes: this.indexes });
  }

  /** Merges and indexes what there is. What is merged is indexed as a part of what comes of it, so that is begun first. */
  tidy(): void {
    // After a seal that a close has waited for there is nothing more to do.
    if (this.#state.isClosed) return;
    this.scalars.attach();
    this.#expiring ??= this.dropExpired()
      .catch((error: unknown) => {
        if (!this.#state.isClosed) this.#state.warn(`${this.#state.name}: rows that have expired could not be dropped, reads do not see them: ${String(error)}`);
      })
      .finally(() => (this.#expiring = undefined));
    this.compactor.soon();
    this.indexes.roomCame();
  }

  /** Marks rows that have expired as deleted. Errors: those of the storage. */
  async dropExpired(): Promise<void> {
    if ((await dropExpired(this.#state, this.#predicates)) > 0) this.compactor.soon();
  }

  /** There is another table. */
  loaded(): void {
    this.scalars.attach();
    this.warmer.soon();
  }

  /** Other indexes are asked for than before. */
  indexesChanged(): void {
    this.scalars.changed();
    this.indexes.soon();
  }

  /** Such a search was answered. */
  searched({ recall, field }: Pick<SearchPlan, 'recall' | 'field'>): void {
    if (recall < 1) this.coder.soon();
    if (this.#state.table().sealed.some((segment) => segment.partOf(field.name).indexDamaged)) this.indexes.soon();
  }

  /** What can be removed to make room in `storage`. */
  async spares(storage: Storage): Promise<readonly Spare[]> {
    return this.#state.isClosed ? [] : openSpares(this.#state, storage, (segment, part) => this.indexes.evicted(segment, part));
  }

  /** There may be room for the indexes that segments lack. */
  roomCame(): void {
    if (!this.#state.isClosed && this.#state.writes) this.indexes.roomCame();
  }

  /** Ends it all, after the calls. Errors: those of the writer. */
  async close(): Promise<void> {
    await this.#expiring;
    const merging = this.compactor.close();
    try {
      // What is being sealed is sealed to its end.
      await this.autoSeal.running;
      await this.sealer.settled();
      // An index on its way sees that we are closed and ends; it may be waiting for the writer.
      await this.#state.closeWriter();
    } finally {
      await merging;
      await this.indexes.close();
      await this.coder.settled();
      await this.scalars.settled();
      await this.warmer.settled();
    }
  }

  #noteMerged(segment: Segment | undefined, wishes: IndexWishes): void {
    if (segment !== undefined) this.indexes.noteTried(segment, wishes);
    this.scalars.attach();
    this.indexes.soon();
    this.warmer.soon();
  }
}
