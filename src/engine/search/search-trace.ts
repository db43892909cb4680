// SearchTrace: what one search did in each segment, noted on its way where somebody wants to know; without one, nothing is.

import { countBits, type Bitset } from '../../model/bitset.js';
import type { SegmentCost, SegmentExplain, SegmentWay } from '../api/explain.js';
import type { UsedIndex } from '../read/matching.js';
import type { SearchPlan } from './search-plan.js';
import { planSegment } from './segment-plan.js';
import type { Segment } from '../table/segment.js';
import type { SparsePart } from '../table/sparse-part.js';

/** What times and bytes are read from. */
export interface Meters {
  readonly nowMs: () => number;
  /** Of files of the collection, so far. */
  readonly bytesRead: () => number;
}

type Note = { -readonly [K in keyof Omit<SegmentExplain, 'segment' | 'rows' | 'liveRows' | 'selectivity' | 'cost' | 'filterIndexes'>]: SegmentExplain[K] } & { cost: SegmentCost; readonly used: Set<string> };

const NOTHING: SegmentCost = { vectors: 0, codes: 0, bits: 0, hops: 0, lists: 0 };

export class SearchTrace {
  readonly #meters: Meters;
  readonly #notes = new Map<Segment, Note>();

  constructor(meters: Meters) {
    this.#meters = meters;
  }

  /** Statistics say that no row of it matches. */
  skip(segment: Segment): void {
    Object.assign(this.#note(segment), { way: 'skipped', why: 'statistics of its columns say that no row matches' });
  }

  /** `work` says which rows take part, and tells of the scalar indexes that helped. */
  filter(segment: Segment, work: (used: (index: UsedIndex) => void) => Bitset | undefined): Bitset | undefined {
    const note = this.#note(segment);
    const began = this.#meters.nowMs();
    const rows = work(({ field, path, form }) => void note.used.add(`${field}${path.map((step) => `[${JSON.stringify(step)}]`).join('')} (${form})`));
    note.filterMs += this.#meters.nowMs() - began;
    note.matching = rows === undefined ? segment.rows : countBits(rows);
    return rows;
  }

  /** `work` searches the segment, or estimates; it finds nothing where every row is then scored. */
  search<T extends { readonly recall: number } | undefined>(segment: Segment, plan: SearchPlan, rows: Bitset | undefined, work: () => T): T {
    const note = this.#note(segment);
    const before = costOf(segment, plan);
    const began = this.#meters.nowMs();
    const found = work();
    note.searchMs += this.#meters.nowMs() - began;
    const after = costOf(segment, plan);
    const flat = this.#conclude(segment, plan, note, rows, after.map((value, at) => value - (before[at] as number)));
    if (flat) note.cost = { ...note.cost, vectors: note.cost.vectors + note.matching * plan.queryCount };
    note.looks++;
    note.recall = Math.min(note.recall, found?.recall ?? 1);
    return found;
  }

  /** `work` reads what of the segment is not in memory. */
  async read(segment: Segment, work: () => Promise<void>): Promise<void> {
    const note = this.#note(segment);
    const [began, bytes, spent] = [this.#meters.nowMs(), this.#meters.bytesRead(), note.filterMs + note.searchMs];
    try {
      await work();
    } finally {
      note.bytesRead += this.#meters.bytesRead() - bytes;
      note.readMs += this.#meters.nowMs() - began - (note.filterMs + note.searchMs - spent);
    }
  }

  /** Of these segments, in their order. */
  segments(segments: readonly Segment[]): readonly SegmentExplain[] {
    return segments.map((segment) => {
      const { liveRows, rows, stored } = segment;
      const note = this.#note(segment);
      const selectivity = note.way === 'skipped' ? 0 : liveRows === 0 ? 1 : Math.min(1, note.matching / liveRows);
      const { used, ...rest } = note;
      return { segment: stored === undefined ? 'growing' : String(stored.entry.id), rows, liveRows, selectivity, filterIndexes: [...used], ...rest };
    });
  }

  #concludeSparse(part: SparsePart, note: Note, [added, lookedUp]: readonly (number | undefined)[]): boolean {
    note.stored = false;
    note.why = part.index === undefined ? 'rows that have no index yet are found by their terms' : 'an index of terms';
    note.way = note.matching === 0 ? 'none' : 'sparse';
    note.cost = { ...note.cost, vectors: note.cost.vectors + (lookedUp ?? 0), codes: note.cost.codes + (added ?? 0) };
    return false;
  }

  // What cost nothing of an index or codes was a look at every row.
  #conclude(segment: Segment, plan: SearchPlan, note: Note, rows: Bitset | undefined, [hops, scored, scanned, lists, reranked, codeBits, codeVectors]: readonly (number | undefined)[]): boolean {
    const sparse = segment.sparse.get(plan.field.name);
    if (sparse !== undefined) return this.#concludeSparse(sparse, note, [hops, scored]);
    const part = segment.part(plan.field.name);
    note.stored = part.vectors === undefined;
    note.why = planSegment(part, plan, plan.offset + plan.limit, rows !== undefined).why;
    const sum = (...values: readonly (number | undefined)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
    note.cost = { vectors: note.cost.vectors + sum(reranked, codeVectors), codes: note.cost.codes + sum(scored), bits: note.cost.bits + sum(scanned, codeBits), hops: note.cost.hops + sum(hops), lists: note.cost.lists + sum(lists) };
    const byIndex = sum(hops, scored, scanned, lists) > 0;
    note.way = note.matching === 0 ? 'none' : wayOf({ byIndex, hops, lists, codeBits });
    return note.way === 'flat';
  }

  #note(segment: Segment): Note {
    let note = this.#notes.get(segment);
    if (note === undefined) {
      note = { matching: 0, way: 'none', why: 'it was not reached', stored: false, looks: 0, cost: NOTHING, bytesRead: 0, recall: 1, readMs: 0, filterMs: 0, searchMs: 0, used: new Set() };
      this.#notes.set(segment, note);
    }
    return note;
  }
}

/** `work` reads what of a segment is not in memory; that is noted, if somebody wants to know. */
export function reading(trace: SearchTrace | undefined, segment: Segment, work: () => Promise<void>): Promise<void> {
  return trace === undefined ? work() : trace.read(segment, work);
}

function wayOf({ byIndex, hops = 0, lists = 0, codeBits = 0 }: { readonly byIndex: boolean; readonly hops: number | undefined; readonly lists: number | undefined; readonly codeBits: number | undefined }): SegmentWay {
  if (hops > 0) return 'graph';
  if (lists > 0) return 'ivf';
  if (byIndex) return 'few';
  return codeBits > 0 ? 'codes' : 'flat';
}

function costOf(segment: Segment, { field }: SearchPlan): readonly number[] {
  const sparse = segment.sparse.get(field.name);
  if (sparse !== undefined) return [sparse.index?.cost().added ?? 0, sparse.index?.cost().lookedUp ?? 0];
  const { approximate, codes } = segment.part(field.name);
  const ann = approximate?.ann.cost();
  const coded = codes?.cost();
  return [ann?.hops ?? 0, ann?.scored ?? 0, ann?.scanned ?? 0, ann?.lists ?? 0, ann?.reranked ?? 0, coded?.scanned ?? 0, coded?.reranked ?? 0];
}
