// IndexKeeper: sees to it that every sealed segment has the index that its collection wants, one segment after the
// other, off the path of every call.

import type { CollectionState } from '../collection/collection-state.js';
import { freeBytes } from '../files/free-bytes.js';
import { keepIndex, unnameIndexes, type IndexPlace } from '../files/index-entries.js';
import { INDEX_ROWS_MIN, type IndexWish, type IndexWishes } from './indexer.js';
import { buildBytes, buildNeed, buildPart } from '../table/part-index.js';
import { lacksRoom } from '../files/room.js';
import type { Segment, StoredSegment } from '../table/segment.js';
import type { SegmentPart } from '../table/segment-part.js';
import { VectorPart } from '../table/vector-part.js';
import { isDamage } from '../read/visit.js';

/** What the keeper asks of its collection. */
export interface IndexedCollection {
  readonly wishes: () => IndexWishes;
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
  #building: { readonly segment: Segment; readonly part: SegmentPart; readonly abort: AbortController } | undefined;
  #step: Promise<void> | undefined;
  /** For which wish an index was built, or was not worth it. */
  readonly #tried = new WeakMap<SegmentPart, string>();
  /** There was no room for an index, and nothing has happened since that may have made some. */
  #waitsForRoom = false;
  /** Index files that were removed to make room, and are still named. */
  #evicted: readonly IndexPlace[] = [];

  constructor(state: CollectionState, collection: IndexedCollection) {
    this.#state = state;
    this.#collection = collection;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined || !this.#state.writes || (this.#evicted.length === 0 && (this.#waitsForRoom || this.#next() === undefined))) return;
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

  /** An index file was removed to make room: it is built again when there is room. */
  evicted(segment: Segment, part: SegmentPart): void {
    this.#tried.delete(part);
    if (!this.#state.writes || segment.stored === undefined) return;
    this.#evicted = [...this.#evicted, { id: segment.stored.entry.id, field: part.field.name }];
    this.soon();
  }

  /** Resolves when the segment under way, if there is one, has its index or will have none. */
  get step(): Promise<void> | undefined {
    return this.#step;
  }

  /** Gives up the index under way, if it is of one of these: it is built again as long as the segment is there. */
  giveUp(segments: readonly Segment[]): void {
    const building = this.#building;
    if (building !== undefined && segments.includes(building.segment)) building.abort.abort();
  }

  /** Gives up the index on its way. Resolves when nothing runs any more. The collection is closed to it by now. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#building?.abort.abort();
    await this.#running;
  }

  /** Segments that will get an index over the vectors of that field which they do not have yet. */
  waiting(field: string): readonly Segment[] {
    const wish = this.#collection.wishes().get(field);
    const { merging } = this.#state;
    if (wish === undefined) return [];
    return this.#state.table().sealed.filter((segment) => {
      const part = segment.partOf(field);
      if (!lacks(segment, part, wish)) return false;
      // What is being merged is indexed as a part of what comes of it.
      if (merging.has(segment) || part === this.#building?.part) return true;
      return this.#running !== undefined && this.#tried.get(part) !== keyOf(wish);
    });
  }

  /** Indexes for these wishes were built for the segment, or were not worth it. */
  noteTried(segment: Segment, wishes: IndexWishes): void {
    for (const [field, wish] of wishes) this.#tried.set(segment.partOf(field), keyOf(wish));
  }

  // There is no hurry: it must not run within the write that lacks room.
  async #unnameEvicted(): Promise<void> {
    await this.#state.environment.ambient.pause();
    const places = this.#evicted;
    if (places.length === 0 || this.#state.isClosed) return;
    await this.#state.writer().exclusive(() => unnameIndexes(this.#state, places));
    this.#evicted = this.#evicted.filter((place) => !places.includes(place));
  }

  async #run(): Promise<void> {
    if (this.#evicted.length > 0) await this.#unnameEvicted();
    while (this.#next() !== undefined && !this.#waitsForRoom) {
      const step = this.#state.background.run(this.#abort.signal, async () => {
        // It may be another one now.
        const now = this.#next();
        if (now !== undefined) await this.#buildIfRoom(now);
      });
      this.#step = step.catch(() => undefined).finally(() => (this.#step = undefined));
      await step;
    }
  }

  async #buildIfRoom(lacking: Lacking): Promise<void> {
    if (!(await this.#collection.hasRoomFor(lacking.part.vectorBytes * INDEX_SHARE))) {
      this.#waitsForRoom = true;
      return;
    }
    await this.#buildFor(lacking);
  }

  async #buildFor(lacking: Lacking): Promise<void> {
    const { segment, part, wish } = lacking;
    const { residency, tasks } = this.#state;
    const abort = new AbortController();
    const { signal } = abort;
    this.#tried.set(part, keyOf(wish));
    this.#building = { segment, part, abort };
    try {
      await tasks.run(this.#state, 'index', segment.rows, () => signal.aborted, () => residency.use(segment, buildNeed(part), () => this.#build(lacking, signal)));
    } catch (error) {
      if (lacksRoom(error)) {
        this.#tried.delete(part);
        this.#waitsForRoom = true;
      }
      if (!isDamage(error)) throw error;
      this.#state.quarantine(segment, error);
    } finally {
      this.#building = undefined;
      if (signal.aborted) this.#tried.delete(part);
    }
  }

  async #build({ segment, part, wish }: Lacking, signal: AbortSignal): Promise<void> {
    const { environment, residency } = this.#state;
    const { entry } = segment.stored as StoredSegment;
    // It may have got one, or been merged, while its rows were read.
    if (!residency.has(segment, buildNeed(part)) || !lacks(segment, part, wish)) return;
    residency.hold(this, buildBytes(segment, part));
    try {
      const built = await buildPart(segment, part, wish, environment, signal);
      if (built === undefined) return;
      try {
        // A truncation, or another metric, may come first while this waits.
        const isKept = await this.#state.writer().exclusive(async () => {
          if (!this.#state.table().sealed.includes(segment)) return false;
          await keepIndex(this.#state, { id: entry.id, field: part.field.name }, built);
          return true;
        });
        if (!isKept) return built.close();
      } catch (error) {
        built.close();
        throw error;
      }
      built.use();
      freeBytes(built.bytes, environment.ambient);
    } finally {
      residency.hold(this, 0);
    }
  }

  // A segment that was pulled or reopened has what it was sealed with; only another kind is a reason to build anew.
  #next(): Lacking | undefined {
    const wishes = this.#collection.wishes();
    if (wishes.size === 0 || this.#state.isClosed) return undefined;
    const { merging } = this.#state;
    for (const segment of this.#state.table().sealed) {
      if (merging.has(segment)) continue;
      for (const [field, wish] of wishes) {
        const part = segment.partOf(field);
        if (lacks(segment, part, wish) && this.#tried.get(part) !== keyOf(wish)) return { segment, part, wish };
      }
    }
    return undefined;
  }
}

/** Vectors of a segment that want an index. */
interface Lacking {
  readonly segment: Segment;
  readonly part: SegmentPart;
  readonly wish: IndexWish;
}

function lacks(segment: Segment, part: SegmentPart, wish: IndexWish): boolean {
  return part.count >= INDEX_ROWS_MIN && segment.damage === undefined && !isServed(part, wish);
}

// What is in a file is known by its name; the number of its lists only once it is in memory.
function isServed(part: SegmentPart, { kind, lists }: IndexWish): boolean {
  if (!part.isIndexed) return false;
  // Of sparse vectors an index may be in memory alone.
  if (kind === 'sparse') return part.indexFileBytes > 0;
  if (kind === 'auto' || !(part instanceof VectorPart)) return true;
  const { approximate, indexFile } = part;
  if (approximate === undefined) return indexFile?.name.startsWith(`idx-${kind}-`) === true;
  return approximate.ann.kind === kind && (lists === undefined || approximate.ann.lists === lists);
}

function keyOf({ kind, lists, metric }: IndexWish): string {
  return `${kind} ${lists ?? ''} ${metric ?? ''}`;
}
