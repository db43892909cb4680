// Compactor: merges adjacent sealed segments of a collection in the background, where it is worth what it writes, and all
// of them on request. Order of insertion is kept. One merge at a time.

import { ElanusError, require } from '../../model/errors.js';
import type { CompactOptions, CompactResult } from '../api.js';
import { throwIfAborted } from '../database/background.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { IndexWishes } from './indexer.js';
import { Merge } from './merge.js';
import { allMerging, worthMerging, type Run, type SegmentSize } from './merge-policy.js';
import type { SealSize } from './seal-size.js';
import type { Segment } from '../table/segment.js';
import { isDamage } from '../read/visit.js';

export interface CompactedCollection {
  readonly sealSize: SealSize;
  /** The indexes that a merged segment gets. */
  readonly wishes: () => IndexWishes;
  /** Seals what is in the log. */
  readonly seal: () => Promise<void>;
  /** After each merge, or attempt at one; `wishes` are what `segment` was built for. */
  readonly merged: (segment: Segment | undefined, wishes: IndexWishes) => void;
}

export class Compactor {
  readonly #state: CollectionState;
  readonly #collection: CompactedCollection;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #step: Promise<void> | undefined;
  /** Calls of `compact`, one after the other. */
  #asked: Promise<unknown> = Promise.resolve();
  #asking = 0;
  #done = 0;
  #rowsDropped = 0;
  #lastWarning = '';

  constructor(state: CollectionState, collection: CompactedCollection) {
    this.#state = state;
    this.#collection = collection;
  }

  /** Resolves when the merge under way, if there is one, is over. */
  get step(): Promise<void> | undefined {
    return this.#step;
  }

  /** Since the collection was opened. */
  get merges(): { readonly done: number; readonly rowsDropped: number } {
    return { done: this.#done, rowsDropped: this.#rowsDropped };
  }

  /** Begins if there is something to merge. */
  soon(): void {
    if (this.#running !== undefined || this.#asking > 0 || this.#next() === undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => this.#report(error))
      .finally(() => (this.#running = undefined));
  }

  /** Merges what can be merged now, and drops what is dead now. */
  async compact({ signal, onProgress }: CompactOptions = {}): Promise<CompactResult> {
    require(onProgress === undefined || typeof onProgress === 'function', () => 'onProgress: expected a function');
    this.#state.writer();
    this.#asking++;
    const done = this.#asked.then(async () => {
      await this.#running;
      return this.#compact(signal, onProgress);
    });
    this.#asked = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#asking--;
      if (!this.#state.isClosed) this.soon();
    }
  }

  /** Gives up the merge under way. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#asked;
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        await this.#merge(next, this.#abort.signal);
      } catch (error) {
        // A damaged segment is left out from now on, and the policy goes round it.
        if (this.#state.isClosed || next.every(({ damage }) => damage === undefined)) throw error;
      }
    }
  }

  async #compact(signal: AbortSignal | undefined, onProgress: CompactOptions['onProgress']): Promise<CompactResult> {
    if (this.#state.hasDoubtfulLog) await this.#collection.seal();
    const runs = allMerging(this.#sizes()).map((run) => this.#segmentsOf(run));
    const total = runs.flat().reduce((sum, { liveRows }) => sum + liveRows, 0);
    const segmentsBefore = this.#state.table().sealed.length;
    const droppedBefore = this.#rowsDropped;
    const abort = new AbortController();
    const end = (): void => abort.abort();
    for (const source of [signal, this.#abort.signal]) source?.addEventListener('abort', end);
    if (signal?.aborted === true || this.#abort.signal.aborted) end();
    let done = 0;
    try {
      for (const segments of runs) {
        const before = done;
        await this.#merge(segments, abort.signal, (rows) => {
          done = before + rows;
          onProgress?.({ done, total });
        });
      }
      throwIfAborted(abort.signal);
    } finally {
      for (const source of [signal, this.#abort.signal]) source?.removeEventListener('abort', end);
    }
    return { segmentsBefore, segmentsAfter: this.#state.table().sealed.length, rowsDropped: this.#rowsDropped - droppedBefore };
  }

  #merge(segments: readonly Segment[], signal: AbortSignal, onRows: (done: number) => void = () => {}): Promise<void> {
    const step = this.#mergeHeld(segments, signal, onRows);
    this.#step = step.catch(() => undefined).finally(() => (this.#step = undefined));
    return step;
  }

  async #mergeHeld(segments: readonly Segment[], signal: AbortSignal, onRows: (done: number) => void): Promise<void> {
    const { background, name, tasks } = this.#state;
    const wishes = this.#collection.wishes();
    this.#state.merging = new Set(segments);
    for (const segment of segments) segment.retain();
    let result: Segment | undefined;
    try {
      await background.run(signal, async () => {
        const rows = segments.reduce((sum, { liveRows }) => sum + liveRows, 0);
        const merged = await tasks.run(name, 'compact', rows, () => signal.aborted, async (task) => {
          const told = (done: number): void => (task.progress(done), onRows(done));
          return new Merge(this.#state, segments, { signal, wishes, onRows: told }).run();
        });
        result = merged.segment;
        this.#done++;
        this.#rowsDropped += merged.rowsDropped;
      });
    } catch (error) {
      const damaged = isDamage(error) && segments.find(({ stored }) => stored !== undefined && error.file?.endsWith(stored.entry.rowsFile.name));
      if (damaged && isDamage(error)) this.#state.quarantine(damaged, error);
      throw error;
    } finally {
      this.#state.merging = new Set();
      for (const segment of segments) segment.release();
      if (!this.#state.isClosed) this.#collection.merged(result, wishes);
    }
  }

  #next(): readonly Segment[] | undefined {
    if (this.#state.isClosed || !this.#state.writes || this.#state.hasDoubtfulLog) return undefined;
    const run = worthMerging(this.#sizes());
    return run && this.#segmentsOf(run);
  }

  // In order of the manifest, in which segments of which nothing is known have a place, too.
  #places(): readonly (Segment | undefined)[] {
    const byId = new Map(this.#state.table().sealed.map((segment) => [segment.stored?.entry.id, segment]));
    return this.#state.manifests.manifest.segments.map(({ id }) => byId.get(id));
  }

  #sizes(): readonly (SegmentSize | undefined)[] {
    return this.#places().map((segment) => (segment === undefined || segment.damage !== undefined ? undefined : this.#collection.sealSize.of(segment)));
  }

  #segmentsOf({ first, end }: Run): readonly Segment[] {
    return this.#places().slice(first, end) as readonly Segment[];
  }

  #report(error: unknown): void {
    if (this.#state.isClosed) return;
    // Where memory is limited there may be room another time.
    if (error instanceof ElanusError && error.code === 'OutOfMemory' && this.#state.residency.limitBytes !== undefined) return;
    const message = `${this.#state.name}: segments could not be merged, they are searched one by one: ${String(error)}`;
    if (message !== this.#lastWarning) this.#state.warn(message);
    this.#lastWarning = message;
  }
}
