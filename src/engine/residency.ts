// Residency: which parts of sealed segments are in memory. What a call needs is read from files and stays while it is
// used; where memory is limited, vectors that were used longest ago are released first, then whole segments.

import { checkIndexVersion } from '../format/index-version.js';
import { decodeCalibration } from '../format/calibration.js';
import { ElanusError, type ErrorCode } from '../model/errors.js';
import { vectorField } from '../model/schema.js';
import type { AnnIndex, Core, FlatIndex } from '../ports/core.js';
import type { Segment, SegmentIndex, StoredSegment } from './segment.js';

/** What of a segment a call needs. */
export interface Need {
  readonly columns: Iterable<string>;
  /** 'index': if it has one; 'vectors': these, and the index over them. */
  readonly part?: 'index' | 'vectors';
}

/** What tells that an index file is of no use. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['Corrupt', 'NotFound', 'Unsupported', 'InvalidArgument']);
/** The memory of a WebAssembly module does not shrink, and what was freed has gaps. */
const WASM_SHARE = 0.75;
/** What filters may keep of columns beside these, of the limit. */
const KEPT_SHARE = 1 / 16;

export class Residency {
  readonly #core: Core;
  readonly #limitBytes: number;
  readonly #warn: (message: string) => void;
  readonly #segments = new Set<Segment>();
  readonly #loading = new Map<Segment, Promise<void>>();
  /** Bytes that cannot be released, by who holds them. */
  readonly #held = new Map<object, number>();
  #uses = 0;

  constructor(core: Core, limitBytes: number | undefined, warn: (message: string) => void) {
    this.#core = core;
    this.#limitBytes = limitBytes === undefined ? Number.POSITIVE_INFINITY : core.kind === 'wasm' ? limitBytes * WASM_SHARE : limitBytes;
    this.#warn = warn;
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
    return bytes;
  }

  /** Counts a sealed segment, until `forget`. */
  watch(segment: Segment): void {
    this.#segments.add(segment);
  }

  forget(segment: Segment): void {
    this.#segments.delete(segment);
  }

  /** `holder` holds so many bytes that cannot be released: growing rows, keys; 0 to end that. Errors: `OutOfMemory`, then as before. */
  hold(holder: object, bytes: number): void {
    this.admit(bytes - (this.#held.get(holder) ?? 0));
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
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
    return this.usedBytes + bytes <= this.#limitBytes;
  }

  /** Whether everything is in memory. */
  has(segment: Segment, { columns, part }: Need): boolean {
    if (part === 'vectors' && segment.vectors === undefined) return false;
    if (part === 'index' && segment.approximate === undefined && segment.vectors === undefined) return false;
    return segment.hasColumns(columns);
  }

  /** It is used as it is in memory. */
  touch(segment: Segment): void {
    segment.lastUse = ++this.#uses;
  }

  /** Runs `work` with these parts in memory. Errors: `Corrupt`, `OutOfMemory`, those of the storage. */
  async use<T>(segment: Segment, need: Need, work: () => T | Promise<T>): Promise<T> {
    segment.retain();
    segment.users++;
    segment.lastUse = ++this.#uses;
    try {
      await this.#load(segment, need);
      return await work();
    } finally {
      segment.users--;
      segment.release();
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
    return this.has(segment, need) || (need.part === 'index' && !hasIndexFile(segment) && segment.hasColumns(need.columns));
  }

  async #loadParts(segment: Segment, { columns, part }: Need): Promise<void> {
    const stored = segment.stored as StoredSegment;
    if (part === 'vectors' && segment.vectors === undefined) await this.#loadVectors(segment, stored);
    if (part === 'index' && segment.vectors === undefined && segment.approximate === undefined) {
      const index = await this.#readIndex(segment, stored, undefined);
      if (index !== undefined) segment.useIndex(index);
    }
    for (const name of columns) {
      if (segment.columns.has(name)) continue;
      const bytes = await stored.files.columnBytes(name);
      this.admit(bytes);
      const column = await stored.files.column(name);
      segment.addColumn(name, column, bytes);
    }
  }

  async #loadVectors(segment: Segment, stored: StoredSegment): Promise<void> {
    this.admit(segment.vectorBytes);
    const { dim, metric } = vectorField(segment.schema);
    const vectors = this.#core.createFlat(dim, metric);
    try {
      for await (const { values } of stored.files.scan()) vectors.append(values);
      segment.useVectors(vectors, await this.#readIndex(segment, stored, vectors));
    } catch (error) {
      vectors.close();
      throw error;
    }
  }

  // An index is derived: without it every row is looked at, and who may write builds it again.
  async #readIndex(segment: Segment, { entry, files }: StoredSegment, vectors: FlatIndex | undefined): Promise<SegmentIndex | undefined> {
    if (entry.index === undefined || segment.indexDamaged) return undefined;
    try {
      if (segment.approximate === undefined) this.admit(entry.index.sizeBytes);
      const bytes = await files.index(entry.index);
      checkIndexVersion(bytes, entry.index.name);
      const ann = this.#core.openIndex(bytes, vectors);
      return { ann, calibration: calibrationOf(ann, entry.index.name) };
    } catch (error) {
      if (!(error instanceof ElanusError) || !USELESS.has(error.code)) throw error;
      segment.indexDamaged = true;
      this.#warn(`${entry.index.name}: not used, searches are exact: ${error.message}`);
      return undefined;
    }
  }

  #makeRoom(bytes: number): boolean {
    for (let release = this.#nextRelease(); this.usedBytes + bytes > this.#limitBytes; release = this.#nextRelease()) {
      if (release === undefined) return false;
      release();
    }
    return true;
  }

  #nextRelease(): (() => void) | undefined {
    let vectors: Segment | undefined;
    let rest: Segment | undefined;
    for (const segment of this.#segments) {
      if (segment.users > 0 || segment.stored === undefined) continue;
      if (segment.vectors !== undefined && (vectors === undefined || segment.lastUse < vectors.lastUse)) vectors = segment;
      const isHeavy = segment.approximate !== undefined || segment.columns.bytes > 0;
      if (isHeavy && (rest === undefined || segment.lastUse < rest.lastUse)) rest = segment;
    }
    if (vectors !== undefined) return () => (vectors as Segment).dropVectors();
    if (rest === undefined) return undefined;
    return () => {
      (rest as Segment).dropIndex();
      (rest as Segment).dropColumns();
    };
  }
}

function hasIndexFile({ stored, indexDamaged }: Segment): boolean {
  return stored?.entry.index !== undefined && !indexDamaged;
}

function calibrationOf(ann: AnnIndex, name: string): SegmentIndex['calibration'] {
  try {
    return decodeCalibration(ann.calibration ?? new Uint8Array(0), name);
  } catch (error) {
    ann.close();
    throw error;
  }
}
