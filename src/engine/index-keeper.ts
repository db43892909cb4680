// IndexKeeper: sees to it that every sealed segment has the index that its collection wants, one segment after the
// other, off the path of every call.

import { bytesOfHex } from '../format/bytes.js';
import type { Environment } from './environment.js';
import { buildIndex, INDEX_ROWS_MIN, type BuiltIndex, type IndexWish } from './indexer.js';
import type { Segment } from './segment.js';
import type { SealedSegment, Table } from './table.js';

/** What the keeper asks of its collection. */
export interface IndexedCollection {
  /** As it is now; undefined once closed. */
  readonly table: () => Table | undefined;
  /** Undefined if no index is wanted. */
  readonly wish: () => IndexWish | undefined;
  /** Stores an index of the segment with that id, and the manifest that names it. */
  readonly keep: (id: number, built: BuiltIndex) => Promise<void>;
  readonly warn: (message: string) => void;
}

export class IndexKeeper {
  readonly #environment: Environment;
  readonly #collection: IndexedCollection;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #building: Segment | undefined;
  /** For which wish an index of a segment was built, or was not worth it. */
  readonly #tried = new Map<Segment, string>();

  constructor(environment: Environment, collection: IndexedCollection) {
    this.#environment = environment;
    this.#collection = collection;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (this.#collection.table() !== undefined) this.#collection.warn(`an index could not be built, searches do without: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Gives up the index on its way. Resolves when nothing runs any more. The collection is closed to it by now. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Segments that will get an index they do not have yet. */
  waiting(): readonly Segment[] {
    const wish = this.#collection.wish();
    if (wish === undefined || this.#running === undefined) return [];
    return (this.#collection.table()?.sealed ?? [])
      .map(({ segment }) => segment)
      .filter((segment) => segment.rows >= INDEX_ROWS_MIN && !isServed(segment, wish) && (segment === this.#building || this.#tried.get(segment) !== keyOf(wish)));
  }

  async #run(): Promise<void> {
    const { core, ambient } = this.#environment;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { sealed: { segment, entry }, wish } = next;
      this.#tried.set(segment, keyOf(wish));
      this.#building = segment;
      const built = await buildIndex(segment, bytesOfHex(entry.rowsFile.sha256), wish, core, ambient, this.#abort.signal);
      if (built === undefined) continue;
      try {
        await this.#collection.keep(entry.id, built);
      } catch (error) {
        built.ann.close();
        throw error;
      }
      segment.useIndex({ ann: built.ann, calibration: built.calibration });
    }
  }

  // A segment that was pulled or reopened has what it was sealed with; only another kind is a reason to build anew.
  #next(): { readonly sealed: SealedSegment; readonly wish: IndexWish } | undefined {
    const wish = this.#collection.wish();
    if (wish === undefined) return undefined;
    const sealed = this.#collection.table()?.sealed.find(({ segment }) => segment.rows >= INDEX_ROWS_MIN && !isServed(segment, wish) && this.#tried.get(segment) !== keyOf(wish));
    return sealed && { sealed, wish };
  }
}

function isServed({ approximate }: Segment, { kind, lists }: IndexWish): boolean {
  if (approximate === undefined) return false;
  if (kind === 'auto') return true;
  return approximate.ann.kind === kind && (lists === undefined || approximate.ann.lists === lists);
}

function keyOf({ kind, lists }: IndexWish): string {
  return `${kind} ${lists ?? ''}`;
}
