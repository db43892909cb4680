// IndexKeeper: sees to it that every sealed segment has the index that its collection wants, one segment after the
// other, off the path of every call.

import { bytesOfHex } from '../format/bytes.js';
import type { CollectionState } from './collection-state.js';
import { keepIndex, unnameIndexes } from './index-entries.js';
import { BUILD_SHARE, buildIndex, INDEX_ROWS_MIN, type IndexWish } from './indexer.js';
import { lacksRoom } from './room.js';
import type { Segment, StoredSegment } from './segment.js';
import { isDamage } from './visit.js';

/** What the keeper asks of its collection. */
export interface IndexedCollection {
  /** Undefined if no index is wanted. */
  readonly wish: () => IndexWish | undefined;
  /** Whether the storage has room for an index of about so many bytes. */
  readonly hasRoomFor: (bytes: number) => Promise<boolean>;
  readonly warn: (message: string) => void;
}

/** What its index takes in the storage, of the bytes of the rows. */
const INDEX_SHARE = 0.5;

export class IndexKeeper {
  readonly #state: CollectionState;
  readonly #collection: IndexedCollection;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #building: Segment | undefined;
  #step: Promise<void> | undefined;
  /** For which wish an index of a segment was built, or was not worth it. */
  readonly #tried = new WeakMap<Segment, string>();
  /** There was no room for an index, and nothing has happened since that may have made some. */
  #waitsForRoom = false;
  /** Ids of segments whose index file was removed to make room, and is still named. */
  #evicted: ReadonlySet<number> = new Set();

  constructor(state: CollectionState, collection: IndexedCollection) {
    this.#state = state;
    this.#collection = collection;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined || !this.#state.writes || (this.#evicted.size === 0 && (this.#waitsForRoom || this.#next() === undefined))) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#state.isClosed) this.#collection.warn(`an index could not be built, searches do without: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Begins, also if there was no room before. */
  roomCame(): void {
    this.#waitsForRoom = false;
    this.soon();
  }

  /** The index file of the segment was removed to make room: it is built again when there is room. */
  evicted(segment: Segment): void {
    this.#tried.delete(segment);
    if (!this.#state.writes || segment.stored === undefined) return;
    this.#evicted = new Set([...this.#evicted, segment.stored.entry.id]);
    this.soon();
  }

  /** Resolves when the segment under way, if there is one, has its index or will have none. */
  get step(): Promise<void> | undefined {
    return this.#step;
  }

  /** Gives up the index on its way. Resolves when nothing runs any more. The collection is closed to it by now. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Segments that will get an index they do not have yet. */
  waiting(): readonly Segment[] {
    const wish = this.#collection.wish();
    const { merging } = this.#state;
    if (wish === undefined) return [];
    return this.#state.table().sealed.filter((segment) => {
      if (!lacks(segment, wish)) return false;
      // What is being merged is indexed as a part of what comes of it.
      if (merging.has(segment) || segment === this.#building) return true;
      return this.#running !== undefined && this.#tried.get(segment) !== keyOf(wish);
    });
  }

  /** An index for this wish was built for the segment, or was not worth it. */
  noteTried(segment: Segment, wish: IndexWish): void {
    this.#tried.set(segment, keyOf(wish));
  }

  // There is no hurry: it must not run within the write that lacks room.
  async #unnameEvicted(): Promise<void> {
    await this.#state.environment.ambient.pause();
    const ids = this.#evicted;
    if (ids.size === 0 || this.#state.isClosed) return;
    await this.#state.writer().exclusive(() => unnameIndexes(this.#state, ids));
    this.#evicted = new Set([...this.#evicted].filter((id) => !ids.has(id)));
  }

  async #run(): Promise<void> {
    if (this.#evicted.size > 0) await this.#unnameEvicted();
    while (this.#next() !== undefined && !this.#waitsForRoom) {
      const step = this.#state.background.run(this.#abort.signal, async () => {
        // It may be another one now.
        const now = this.#next();
        if (now !== undefined) await this.#buildIfRoom(now.segment, now.wish);
      });
      this.#step = step.catch(() => undefined).finally(() => (this.#step = undefined));
      await step;
    }
  }

  async #buildIfRoom(segment: Segment, wish: IndexWish): Promise<void> {
    if (!(await this.#collection.hasRoomFor(segment.vectorBytes * INDEX_SHARE))) {
      this.#waitsForRoom = true;
      return;
    }
    await this.#buildFor(segment, wish);
  }

  async #buildFor(segment: Segment, wish: IndexWish): Promise<void> {
    const { name, residency, tasks } = this.#state;
    const { signal } = this.#abort;
    this.#tried.set(segment, keyOf(wish));
    this.#building = segment;
    try {
      await tasks.run(name, 'index', segment.rows, () => signal.aborted, () => residency.use(segment, { columns: [], part: 'vectors' }, () => this.#build(segment, wish)));
    } catch (error) {
      if (lacksRoom(error)) {
        this.#tried.delete(segment);
        this.#waitsForRoom = true;
      }
      if (!isDamage(error)) throw error;
      this.#state.quarantine(segment, error);
    } finally {
      this.#building = undefined;
    }
  }

  async #build(segment: Segment, wish: IndexWish): Promise<void> {
    const { environment, residency } = this.#state;
    const { core, ambient } = environment;
    const { entry } = segment.stored as StoredSegment;
    const rows = segment.vectors;
    // It may have got one, or been merged, while its rows were read.
    if (rows === undefined || !lacks(segment, wish)) return;
    residency.hold(this, segment.vectorBytes * BUILD_SHARE);
    try {
      const built = await buildIndex(rows, bytesOfHex(entry.rowsFile.sha256), wish, core, ambient, this.#abort.signal);
      if (built === undefined) return;
      try {
        if (!this.#state.table().sealed.includes(segment)) return built.ann.close();
        await this.#state.writer().exclusive(() => keepIndex(this.#state, entry.id, built));
      } catch (error) {
        built.ann.close();
        throw error;
      }
      segment.useIndex({ ann: built.ann, calibration: built.calibration });
    } finally {
      residency.hold(this, 0);
    }
  }

  // A segment that was pulled or reopened has what it was sealed with; only another kind is a reason to build anew.
  #next(): { readonly segment: Segment; readonly wish: IndexWish } | undefined {
    const wish = this.#collection.wish();
    if (wish === undefined || this.#state.isClosed) return undefined;
    const { merging } = this.#state;
    const segment = this.#state.table().sealed.find((sealed) => lacks(sealed, wish) && !merging.has(sealed) && this.#tried.get(sealed) !== keyOf(wish));
    return segment && { segment, wish };
  }
}

function lacks(segment: Segment, wish: IndexWish): boolean {
  return segment.rows >= INDEX_ROWS_MIN && segment.damage === undefined && !isServed(segment, wish);
}

// What is in a file is known by its name; the number of its lists only once it is in memory.
function isServed({ approximate, stored, isIndexed }: Segment, { kind, lists }: IndexWish): boolean {
  if (!isIndexed) return false;
  if (kind === 'auto') return true;
  if (approximate === undefined) return stored?.entry.index?.name.startsWith(`idx-${kind}-`) === true;
  return approximate.ann.kind === kind && (lists === undefined || approximate.ann.lists === lists);
}

function keyOf({ kind, lists }: IndexWish): string {
  return `${kind} ${lists ?? ''}`;
}
