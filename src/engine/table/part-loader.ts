// PartLoader: reads columns, vectors and indexes of a sealed segment from its files. What is on its way is counted from before
// it is read until its segment has it, so that loads that run at once have room for all of them.

import { bytesOfHex } from '../../format/bytes.js';
import { checkIndexVersion } from '../../format/index-version.js';
import type { FileEntry } from '../../format/manifest.js';
import type { SparseColumn } from '../../model/columns.js';
import { ElanusError, type ErrorCode } from '../../model/errors.js';
import type { AnnIndex, Core } from '../../ports/core.js';
import { buildSparseIndex } from '../upkeep/sparse-indexer.js';
import { openIndex } from './open-index.js';
import { Places } from './places.js';
import type { Segment, StoredSegment } from './segment.js';
import type { SegmentPart } from './segment-part.js';
import type { SparsePart } from './sparse-part.js';
import { flatOf, type AnyFlat, type NumberFlat, type SegmentIndex, type VectorPart } from './vector-part.js';

/** Who counts memory. */
export interface MemoryCount {
  /** Makes room for so many bytes more. Errors: `OutOfMemory`. */
  admit(bytes: number): void;
  /** `holder` holds so many bytes that cannot be released; 0 to end that. Errors: `OutOfMemory`, then as before. */
  hold(holder: object, bytes: number): void;
}

/** What tells that an index file is of no use. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['Corrupt', 'NotFound', 'Unsupported', 'InvalidArgument']);

/** REQUIRES of all: the segment is in use. Errors of all: `Corrupt`, `OutOfMemory`, those of the storage. */
export class PartLoader {
  readonly #core: Core;
  readonly #memory: MemoryCount;
  readonly #warn: (message: string) => void;

  constructor(core: Core, memory: MemoryCount, warn: (message: string) => void) {
    this.#core = core;
    this.#memory = memory;
    this.#warn = warn;
  }

  async column(segment: Segment, name: string): Promise<void> {
    const { files } = segment.stored as StoredSegment;
    const bytes = await files.columnBytes(name);
    await this.#counted(bytes, () => files.column(name), (column) => segment.addColumn(name, column, bytes));
  }

  async places(part: VectorPart, stored: StoredSegment): Promise<void> {
    const valid = await stored.files.validVectors(part.field.name);
    const places = new Places();
    places.append(stored.entry.rows, valid);
    this.#memory.admit(places.bytes);
    part.places = places;
  }

  /** The index without the vectors. */
  async index(part: VectorPart, stored: StoredSegment): Promise<void> {
    const { metric } = part.field;
    await this.#counted(part.indexFileBytes, () => this.#readIndex(part, stored, undefined), (index) => {
      // The vectors may have been warmed meanwhile, and with them an index that has rows; or the metric is another now.
      if (part.vectors !== undefined || part.field.metric !== metric) index?.ann.close();
      else if (index !== undefined) part.useIndex(index);
    });
  }

  /** More of an index that is in memory in part. */
  async renewedIndex(part: VectorPart, stored: StoredSegment): Promise<void> {
    const index = await this.#readIndex(part, stored, undefined);
    if (index === undefined) return;
    // Meanwhile it may have been released, or its vectors may have come.
    if (part.approximate?.partial === true && part.vectors === undefined) part.useIndex(index);
    else index.ann.close();
  }

  /** And the index over them. `gap` resolves when the next piece may be read. */
  async vectors(part: VectorPart, stored: StoredSegment, gap?: () => Promise<void>): Promise<void> {
    const vectors = flatOf(part.field, this.#core);
    const isCurrent = (): boolean => part.field.metric === vectors.metric;
    const read = async (): Promise<SegmentIndex | undefined> => {
      for await (const { first, values } of stored.files.scan(part.field.name)) {
        vectors.append(part.definedOf(first, values));
        await gap?.();
      }
      if (!isCurrent()) return undefined;
      if (!takesRows(part.approximate)) return this.#readIndex(part, stored, vectors);
      part.approximate.ann.attach(vectors as NumberFlat);
      return part.approximate;
    };
    try {
      await this.#counted(part.vectorBytes + (takesRows(part.approximate) ? 0 : part.indexFileBytes), read, (index) => {
        if (isCurrent()) return part.useVectors(vectors, index);
        // By another metric meanwhile: who needs them reads them again.
        index?.ann.close();
        vectors.close();
      });
    } catch (error) {
      vectors.close();
      throw error;
    }
  }

  // Sparse vectors are searched by an index alone: where no file of it is of use, one is made in memory.
  async sparse(part: SparsePart, stored: StoredSegment): Promise<void> {
    const { indexFile } = part;
    if (indexFile !== undefined && !part.indexDamaged) {
      const read = async () => {
        const { bytes } = await stored.files.index(indexFile);
        checkIndexVersion(bytes, indexFile.name);
        const opened = this.#core.openSparse(bytes);
        const isText = opened.weights === 'frequencies';
        if (opened.size === stored.entry.rows && isText === (part.field.metric === 'BM25')) return opened;
        opened.close();
        throw new ElanusError('Corrupt', `expected ${stored.entry.rows} rows, found ${opened.size}`, { file: indexFile.name });
      };
      await this.#counted(indexFile.sizeBytes, () => this.#unlessUseless(part, indexFile, read), (index) => index && part.useIndex(index));
      if (part.isLoaded) return;
    }
    const build = async () => {
      const column = (await stored.files.column(part.field.name)) as SparseColumn;
      return buildSparseIndex(part.field, column, bytesOfHex(stored.entry.rowsFile.sha256), this.#core, async () => undefined);
    };
    await this.#counted(2 * (await stored.files.columnBytes(part.field.name)), build, (built) => built && part.useIndex(built.index));
  }

  // An index is derived: without it every row is looked at, and who may write builds it again.
  async #readIndex(part: VectorPart, { files }: StoredSegment, vectors: AnyFlat | undefined): Promise<SegmentIndex | undefined> {
    const { indexFile } = part;
    if (indexFile === undefined || part.indexDamaged) return undefined;
    return this.#unlessUseless(part, indexFile, async () => {
      const head = await files.index(indexFile);
      // What has come in part is for searches without vectors.
      return head.partial && vectors !== undefined ? undefined : openIndex(this.#core, head, indexFile.name, vectors as NumberFlat | undefined);
    });
  }

  async #unlessUseless<T>(part: SegmentPart, { name }: FileEntry, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ElanusError) || !USELESS.has(error.code)) throw error;
      part.indexDamaged = true;
      this.#warn(`${name}: not used, searches are exact: ${error.message}`);
      return undefined;
    }
  }

  /** Hands what `read` gives to `take`, who has it counted from then on. */
  async #counted<T>(bytes: number, read: () => Promise<T>, take: (value: T) => void): Promise<void> {
    const holder = {};
    this.#memory.hold(holder, bytes);
    let value: T;
    try {
      value = await read();
    } finally {
      this.#memory.hold(holder, 0);
    }
    take(value);
  }
}

/** Whether an index that is in memory can be one over vectors that come later. */
function takesRows(index: SegmentIndex | undefined): index is SegmentIndex & { readonly ann: Required<Pick<AnnIndex, 'attach'>> } {
  return index?.ann.attach !== undefined && index.partial !== true;
}
