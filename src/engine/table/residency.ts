// Residency: which parts of sealed segments are in memory. What a call needs is read from files and stays while it is
// used; where memory is limited, vectors that were used longest ago are released first, then whole segments.

import { ElanusError } from '../../model/errors.js';
import type { Core } from '../../ports/core.js';
import { CallGaps } from '../database/call-gaps.js';
import { PartLoader } from './part-loader.js';
import { nextRelease } from './release-order.js';
import type { Segment, StoredSegment } from './segment.js';
import type { SegmentPart } from './segment-part.js';
import { SparsePart } from './sparse-part.js';
import { VectorPart } from './vector-part.js';

/** What of a segment a call needs. */
export interface Need {
  readonly columns: Iterable<string>;
  /** The vectors of a field. */
  readonly field?: string;
  /** Of these, 'index': if they have one; 'vectors': themselves, and the index over them. */
  readonly part?: 'index' | 'vectors';
}

/** The memory of a WebAssembly module does not shrink, and what was freed has gaps. */
const WASM_SHARE = 0.75;
/** Columns that no call read are released after so many uses of each segment. */
const COLUMN_USES = 1024;
/** What filters may keep of columns beside these, of the limit. */
const KEPT_SHARE = 1 / 16;

export class Residency {
  readonly #core: Core;
  readonly #limitBytes: number;
  readonly #loader: PartLoader;
  readonly #segments = new Set<Segment>();
  readonly #loading = new Map<Segment, Promise<void>>();
  readonly #gaps = new CallGaps();
  /** Vectors that are read in the gaps between calls. */
  readonly #warming = new Map<VectorPart, Promise<void>>();
  /** Those of them that a call waits for. */
  readonly #hurried = new Set<VectorPart>();
  /** Bytes that cannot be released, by who holds them. */
  readonly #held = new Map<object, number>();
  /** Bytes that are given back as soon as somebody needs them, by who has them. */
  readonly #lent = new Map<object, { readonly bytes: number; readonly giveBack: () => void }>();
  #uses = 0;
  /** When unused columns were looked for. */
  #lookedAt = 0;

  constructor(core: Core, limitBytes: number | undefined, warn: (message: string) => void) {
    this.#core = core;
    this.#limitBytes = limitBytes === undefined ? Number.POSITIVE_INFINITY : core.kind === 'wasm' ? limitBytes * WASM_SHARE : limitBytes;
    this.#loader = new PartLoader(core, this, warn);
    if (Number.isFinite(this.#limitBytes)) core.predicates.keepAtMost(this.#limitBytes * KEPT_SHARE);
  }

  get limitBytes(): number | undefined {
    return Number.isFinite(this.#limitBytes) ? this.#limitBytes : undefined;
  }

  /** What segments and holders take, and what filters keep. */
  get usedBytes(): number {
    let bytes = this.#core.predicates.keptBytes;
    for (const segment of this.#segments) bytes += segment.memoryBytes;
    for (const held of this.#held.values()) bytes += held;
    for (const lent of this.#lent.values()) bytes += lent.bytes;
    return bytes;
  }

  /** Counts a sealed segment, until `forget`. */
  watch(segment: Segment): void {
    this.#dropUnusedColumns();
    this.#segments.add(segment);
  }

  forget(segment: Segment): void {
    this.#segments.delete(segment);
  }

  /** `holder` holds so many bytes that cannot be released: growing rows, keys; 0 to end that. Errors: `OutOfMemory`, then as before. */
  hold(holder: object, bytes: number): void {
    this.admit(bytes - (this.#held.get(holder) ?? 0));
    this.recount(holder, bytes);
  }

  /** As `hold`, of what `holder` has already: what can be released makes room for it, and nothing is refused. */
  recount(holder: object, bytes: number): void {
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    if (Number.isFinite(this.#limitBytes)) this.#makeRoom(0);
  }

  /** Lets `holder` have so many bytes, if there is room, until `endLoan`, or until `giveBack` is called as others need them. */
  lend(holder: object, bytes: number, giveBack: () => void): boolean {
    if (!this.hasRoom(bytes)) return false;
    this.#lent.set(holder, { bytes, giveBack });
    return true;
  }

  /** What `holder` has grows to so many bytes, if there is room. False also where it was given back. */
  extendLoan(holder: object, bytes: number): boolean {
    const loan = this.#lent.get(holder);
    if (loan === undefined || !this.hasRoom(bytes - loan.bytes)) return false;
    this.#lent.set(holder, { ...loan, bytes: Math.max(bytes, loan.bytes) });
    return true;
  }

  endLoan(holder: object): void {
    this.#lent.delete(holder);
  }

  /** Makes room for so many bytes more. Errors: `OutOfMemory` if what is in use leaves none. */
  admit(bytes: number): void {
    if (!Number.isFinite(this.#limitBytes) || bytes <= 0) return;
    if (!this.#makeRoom(bytes)) {
      const mebibytes = (count: number): string => `${Math.ceil(count / 2 ** 20)} MiB`;
      throw new ElanusError('OutOfMemory', `${mebibytes(bytes)} more do not fit into maxMemoryMB: ${mebibytes(this.#limitBytes)}, of which ${mebibytes(this.usedBytes)} are in use`);
    }
  }

  /** Whether so many bytes more fit without releasing anything. */
  hasRoom(bytes: number): boolean {
    return !Number.isFinite(this.#limitBytes) || this.usedBytes + bytes <= this.#limitBytes;
  }

  /** Whether everything is in memory. */
  has(segment: Segment, { columns, field, part }: Need): boolean {
    const vectors = partOf(segment, field);
    if (part !== undefined && vectors instanceof VectorPart && vectors.lacksPlaces) return false;
    if (part === 'vectors' && vectors?.isLoaded !== true) return false;
    if (part === 'index' && vectors?.hasIndex !== true && vectors?.isLoaded !== true) return false;
    return segment.hasColumns(columns);
  }

  /** It is used as it is in memory, with the vectors of `field` if that is given, and these columns. */
  touch(segment: Segment, field: string | undefined, columns: Iterable<string>): void {
    segment.lastUse = ++this.#uses;
    segment.noteColumns(columns);
    const part = partOf(segment, field);
    if (part !== undefined) part.lastUse = segment.lastUse;
  }

  /** Whether a call runs. */
  get isCalled(): boolean {
    return this.#gaps.isCalled;
  }

  /** Runs a call of several uses: what is warmed waits until it has ended. */
  call<T>(work: () => Promise<T>): Promise<T> {
    return this.#gaps.during(work);
  }

  /** Reads the vectors of a field into memory, a piece in each gap between calls; `pause` lets those come that wait to be begun. Errors: as `use`. */
  async warm(segment: Segment, part: SegmentPart, pause: () => Promise<void>): Promise<void> {
    if (!(part instanceof VectorPart)) return this.use(segment, { columns: [], field: part.field.name, part: 'vectors' }, () => undefined);
    segment.retain();
    segment.beginUse();
    const warming = this.#warmPart(segment, part, pause);
    this.#warming.set(part, warming);
    try {
      await warming;
    } finally {
      this.#warming.delete(part);
      this.#hurried.delete(part);
      segment.endUse();
      segment.release();
    }
  }

  async #warmPart(segment: Segment, part: VectorPart, pause: () => Promise<void>): Promise<void> {
    const isHurried = (): boolean => this.#hurried.has(part);
    const gap = async (): Promise<void> => {
      if (!isHurried()) await pause();
      await this.#gaps.next(isHurried);
    };
    const stored = segment.stored as StoredSegment;
    await gap();
    if (part.vectors !== undefined) return;
    if (part.lacksPlaces) await this.#loader.places(part, stored);
    await this.#loader.vectors(part, stored, gap);
  }

  /** Runs `work` with these parts in memory. Errors: `Corrupt`, `OutOfMemory`, those of the storage. */
  use<T>(segment: Segment, need: Need, work: () => T | Promise<T>): Promise<T> {
    return this.call(() => this.#use(segment, need, work));
  }

  async #use<T>(segment: Segment, need: Need, work: () => T | Promise<T>): Promise<T> {
    segment.retain();
    segment.beginUse();
    this.touch(segment, need.field, need.columns);
    try {
      await this.#load(segment, need);
      return await work();
    } finally {
      segment.endUse();
      segment.release();
      this.#dropUnusedColumns();
    }
  }

  // One after the other, so that nothing is read twice.
  async #load(segment: Segment, need: Need): Promise<void> {
    while (!this.#isServed(segment, need)) {
      const before = this.#loading.get(segment);
      if (before !== undefined) {
        await before.catch(() => undefined);
        continue;
      }
      const loading = this.#loadParts(segment, need).finally(() => this.#loading.delete(segment));
      this.#loading.set(segment, loading);
      await loading;
    }
  }

  #isServed(segment: Segment, need: Need): boolean {
    return this.has(segment, need) || (need.part === 'index' && isWithoutIndex(partOf(segment, need.field)) && segment.hasColumns(need.columns));
  }

  async #loadParts(segment: Segment, { columns, field, part }: Need): Promise<void> {
    const stored = segment.stored as StoredSegment;
    const vectors = partOf(segment, field);
    if (vectors instanceof SparsePart && part !== undefined && !vectors.isLoaded) await this.#loader.sparse(vectors, stored);
    if (vectors instanceof VectorPart && part !== undefined && vectors.vectors === undefined) {
      if (vectors.lacksPlaces) await this.#loader.places(vectors, stored);
      if (part === 'vectors') await this.#warmed(vectors);
      if (part === 'vectors' && vectors.vectors === undefined) await this.#loader.vectors(vectors, stored);
      else if (part === 'index' && vectors.approximate === undefined) await this.#loader.index(vectors, stored);
    }
    for (const name of columns) if (!segment.columns.has(name)) await this.#loader.column(segment, name);
  }

  /** More of an index that is in memory in part has come. Errors: as `use`. */
  async renewIndex(segment: Segment, part: VectorPart): Promise<void> {
    if (part.approximate?.partial !== true || segment.stored === undefined) return;
    segment.retain();
    try {
      await this.#loader.renewedIndex(part, segment.stored);
    } finally {
      segment.release();
    }
  }

  /** Vectors that are being warmed are waited for; they may be in memory then. */
  async #warmed(part: VectorPart): Promise<void> {
    const warming = this.#warming.get(part);
    if (warming === undefined) return;
    this.#hurried.add(part);
    this.#gaps.wake();
    await warming.catch(() => undefined);
  }

  // No clock tells: what is idle is not looked at.
  #dropUnusedColumns(): void {
    if (this.#uses - this.#lookedAt < COLUMN_USES * this.#segments.size) return;
    this.#lookedAt = this.#uses;
    for (const segment of this.#segments) if (!segment.isUsed && !segment.isHeld && segment.stored !== undefined) segment.dropUnusedColumns();
  }

  #makeRoom(bytes: number): boolean {
    while (this.usedBytes + bytes > this.#limitBytes) {
      const release = this.#nextRelease();
      if (release === undefined) return false;
      release();
    }
    return true;
  }

  #nextRelease(): (() => void) | undefined {
    const [loan] = this.#lent;
    if (loan !== undefined) return () => {
      this.#lent.delete(loan[0]);
      loan[1].giveBack();
    };
    return nextRelease(this.#segments);
  }
}

function partOf(segment: Segment, field: string | undefined): SegmentPart | undefined {
  return field === undefined ? undefined : segment.partOf(field);
}

function isWithoutIndex(part: SegmentPart | undefined): boolean {
  return part instanceof VectorPart && part.indexFileBytes === 0 && !part.lacksPlaces;
}
