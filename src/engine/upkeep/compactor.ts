// Compactor: merges adjacent sealed segments of a collection in the background, where it is worth what it writes, and all
// of them on request. Order of insertion is kept. One merge at a time.

import { ElanusError, require } from '../../model/errors.js';
import type { CompactOptions, CompactResult } from '../api.js';
import { throwIfAborted } from '../database/background.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { IndexWishes } from './indexer.js';
import { Merge, type MergeOptions } from './merge.js';
import { allMerging, backlogOf, worthMerging, type Run, type SegmentSize } from './merge-policy.js';
import { Pieces } from './pieces.js';
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
  /** Of the merge under way, as long as it encodes rows. */
  readonly pieces = new Pieces();
  #running: Promise<void> | undefined;
  #step: Promise<void> | undefined;
  /** What is being merged, or was last. */
  #segments: readonly Segment[] = [];
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

  /** How far merges are behind what is written: from 1 on they are. Nothing is to be waited for where none is under way. */
  get backlog(): number {
    return this.#step === undefined ? 0 : backlogOf(this.#sizes());
  }

  /** What would be merged next. */
  get planned(): readonly Segment[] {
    return this.#next() ?? [];
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
    while (this.#next() !== undefined) {
      try {
        await this.#merge(() => this.#next(), this.#abort.signal);
      } catch (error) {
        // A damaged segment is left out from now on, and the policy goes round it.
        if (this.#state.isClosed || this.#segments.every(({ damage }) => damage === undefined)) throw error;
      }
    }
  }

  async #compact(signal: AbortSignal | undefined, onProgress: CompactOptions['onProgress']): Promise<CompactResult> {
    if (this.#state.table().unstoredDeaths > 0) await this.#collection.seal();
    const runs = allMerging(this.#sizes()).map((run) => this.#segmentsOf(run));
    const total = this.#rowsOf(runs.flat());
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
        const told = (rows: number): void => {
          done = before + rows;
          onProgress?.({ done, total });
        };
        await this.#merge(() => segments, abort.signal, told);
      }
      throwIfAborted(abort.signal);
    } finally {
      for (const source of [signal, this.#abort.signal]) source?.removeEventListener('abort', end);
    }
    return { segmentsBefore, segmentsAfter: this.#state.table().sealed.length, rowsDropped: this.#rowsDropped - droppedBefore };
  }

  /** Merges what `choose` gives when its turn has come, which may be long after it was asked for first. */
  #merge(choose: () => readonly Segment[] | undefined, signal: AbortSignal, onRows: (done: number) => void = () => {}): Promise<void> {
    const merging = this.#mergeChosen(choose, signal, onRows);
    const step = merging.catch(() => undefined).then(() => {
      // The next may have begun.
      if (this.#step === step) this.#step = undefined;
    });
    this.#step = step;
    return merging;
  }

  async #mergeChosen(choose: () => readonly Segment[] | undefined, signal: AbortSignal, onRows: (done: number) => void): Promise<void> {
    this.#hold(choose() ?? []);
    const wishes = this.#collection.wishes();
    let result: { readonly segment: Segment | undefined; readonly wishes: IndexWishes } = { segment: undefined, wishes };
    try {
      await this.#state.background.run(signal, async () => {
        const segments = choose();
        if (segments === undefined) return;
        this.#hold(segments);
        // Who writes waits for this: an index can be built later.
        const wanted = this.#asking === 0 && backlogOf(this.#sizes()) >= 1 ? new Map() : wishes;
        result = { segment: await this.#mergeHeld(segments, { signal, wishes: wanted, onRows }), wishes: wanted };
      });
    } catch (error) {
      const damaged = isDamage(error) && this.#segments.find(({ stored }) => stored !== undefined && error.file?.endsWith(stored.entry.rowsFile.name));
      if (damaged && isDamage(error)) this.#state.quarantine(damaged, error);
      throw error;
    } finally {
      this.#letGo();
      if (!this.#state.isClosed) this.#collection.merged(result.segment, result.wishes);
    }
  }

  async #mergeHeld(segments: readonly Segment[], options: Omit<MergeOptions, 'pieces'>): Promise<Segment | undefined> {
    const { tasks } = this.#state;
    const { signal, onRows } = options;
    const rows = this.#rowsOf(segments);
    const merged = await tasks.run(this.#state, 'compact', rows, () => signal.aborted, async (task) => {
      const told = (done: number): void => (task.progress(done), onRows(done));
      return new Merge(this.#state, segments, { ...options, onRows: told, pieces: this.pieces }).run();
    });
    this.#done++;
    this.#rowsDropped += merged.rowsDropped;
    return merged.segment;
  }

  // Instead of what was held before; what is in both stays.
  #hold(segments: readonly Segment[]): void {
    for (const segment of segments) segment.retain();
    this.#letGo();
    this.#segments = segments;
    this.#state.merging = new Set(segments);
  }

  #letGo(): void {
    for (const segment of this.#state.merging) segment.release();
    this.#state.merging = new Set();
  }

  #next(): readonly Segment[] | undefined {
    if (this.#state.isClosed || !this.#state.writes) return undefined;
    const sizes = this.#sizes();
    const run = worthMerging(sizes, backlogOf(sizes) >= 1);
    return run && this.#segmentsOf(run);
  }

  // In order of the manifest, in which segments of which nothing is known have a place, too.
  #places(): readonly (Segment | undefined)[] {
    const byId = new Map(this.#state.table().sealed.map((segment) => [segment.stored?.entry.id, segment]));
    return this.#state.manifests.manifest.segments.map(({ id }) => byId.get(id));
  }

  #sizes(): readonly (SegmentSize | undefined)[] {
    const { storedEpoch } = this.#state.table();
    return this.#places().map((segment) => (segment === undefined || segment.damage !== undefined ? undefined : this.#collection.sealSize.of(segment, storedEpoch)));
  }

  /** Those that merging leaves. */
  #rowsOf(segments: readonly Segment[]): number {
    const { storedEpoch } = this.#state.table();
    return segments.reduce((sum, segment) => sum + segment.rows - segment.deadAsOf(storedEpoch), 0);
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
