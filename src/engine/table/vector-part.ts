// VectorPart: the vectors of one field of a segment, and what is built over them, as far as they are in memory. Once the
// segment is stored, either may be released and read again from its files.

import type { Calibration } from '../../format/calibration.js';
import { vectorBytes } from '../../format/extents.js';
import type { Allocate } from '../../model/allocate.js';
import { countBits } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import { definedRows } from '../../model/column-rows.js';
import { valuesPerRow, type Column } from '../../model/columns.js';
import { floatsOf } from '../../model/half.js';
import type { DenseField } from '../../model/schema.js';
import type { AcceleratedIndex, AnnIndex, Core, DenseElement, FlatCodes, FlatIndex, MetricOf, VectorElement } from '../../ports/core.js';
import { Places } from './places.js';
import { SegmentPart, type PartOwner } from './segment-part.js';

const COPY_ROWS = 1024;

/** Vectors of any type. */
export type AnyFlat = FlatIndex<VectorElement>;
/** Vectors of numbers: what there are codes and approximate indexes of. */
export type NumberFlat = FlatIndex<DenseElement>;

/** Approximate search of a segment, and what its parameters give. */
export interface SegmentIndex {
  readonly ann: AnnIndex;
  readonly calibration: Calibration;
  /** Only the beginning of its file has come, which calibration says nothing of. Never over vectors in memory. */
  readonly partial?: boolean;
}

export class VectorPart extends SegmentPart {
  field: DenseField;
  /** Undefined while they are not in memory. */
  vectors: AnyFlat | undefined;
  /** Over the vectors if they are in memory, else without rows. Undefined until it is built or read. */
  approximate: SegmentIndex | undefined;
  /** Codes of the rows, for searches without an index; undefined until one has asked for them. */
  codes: FlatCodes | undefined;
  /** Set when the vectors have been attached to an accelerator, once. */
  accelerated: Promise<AcceleratedIndex | undefined> | undefined;
  /** Which rows the vectors are of, where some rows have none; undefined if that is not known yet, or vector i is row i's. */
  places: Places | undefined;

  #prepared: AnyFlat | undefined;

  constructor(field: DenseField, owner: PartOwner) {
    super(owner);
    this.field = field;
  }

  get hasIndex(): boolean {
    return this.approximate !== undefined;
  }

  get isLoaded(): boolean {
    return this.vectors !== undefined;
  }

  get count(): number {
    return this.vectors?.size ?? this.owner.rows - this.#nulls;
  }

  get vectorBytes(): number {
    return this.count * vectorBytes(this.field);
  }

  get memoryBytes(): number {
    return (this.vectors === undefined ? 0 : this.vectorBytes) + (this.places?.bytes ?? 0) + this.indexBytes;
  }

  /** Whether it is not known yet which rows the vectors are of. */
  get lacksPlaces(): boolean {
    return this.places === undefined && this.#nulls > 0;
  }

  get #nulls(): number {
    const extents = this.owner.stored?.entry.vectors[this.field.name] ?? [];
    return extents.reduce((sum, { nulls = 0 }) => sum + nulls, 0);
  }

  get indexBytes(): number {
    return (this.approximate?.ann.memoryBytes ?? 0) + (this.codes?.memoryBytes ?? 0);
  }

  /** Of a segment that is in memory. */
  get loaded(): AnyFlat {
    if (this.vectors === undefined) throw new ElanusError('StorageFailed', 'vectors were searched before they were loaded');
    return this.vectors;
  }

  bytesToAppend({ valid }: Column, rows: number): number {
    const defined = valid === undefined ? rows : countBits(valid);
    const places = valid === undefined && this.places === undefined ? 0 : (this.places?.bytesToAppend(rows) ?? Places.bytesWithMore(this.owner.rows, rows));
    return defined * vectorBytes(this.field) + places;
  }

  reserve({ valid }: Column, rows: number, allocated: Allocate): void {
    if (valid !== undefined) this.places ??= Places.whole(this.owner.rows);
    this.places?.reserve(rows, allocated);
  }

  /** REQUIRES: reserve. */
  append(column: Column, rows: number): void {
    this.loaded.append(definedRows(column).values as Float32Array);
    this.places?.append(rows, column.valid);
  }

  /** Vectors behind are of no row from now on. */
  takeBack(rows: number): void {
    this.places ??= Places.whole(this.loaded.size);
    this.places.cut(rows);
  }

  /** The vector of a row; undefined if that is null. REQUIRES: not lacksPlaces. */
  read(row: number): ReturnType<AnyFlat['read']> | undefined {
    const place = this.places === undefined ? row : this.places.of(row);
    return place === undefined ? undefined : this.loaded.read(place, 1);
  }

  /** Of the vectors of rows from `first` on, those that are not null. */
  definedOf<V extends ReturnType<AnyFlat['read']>>(first: number, values: V): V {
    const { places } = this;
    if (places === undefined) return values;
    const perRow = valuesPerRow(this.field);
    let count = 0;
    for (let at = 0; at * perRow < values.length; at++) {
      if (places.of(first + at) !== undefined) values.copyWithin(perRow * count++, at * perRow, (at + 1) * perRow);
    }
    return values.subarray(0, count * perRow) as V;
  }

  /** Takes an index over these rows instead of what it has. */
  useIndex(index: SegmentIndex): void {
    this.approximate?.ann.close();
    this.approximate = index;
    this.indexDamaged = false;
    this.codes?.close();
    this.codes = undefined;
  }

  /** Takes vectors, and the index over them, that were read from its files; their places are known by then. */
  useVectors(vectors: AnyFlat, index: SegmentIndex | undefined): void {
    if (this.approximate !== index) this.approximate?.ann.close();
    this.approximate = index;
    this.vectors = vectors;
  }

  /** A copy of vectors that grow, for another metric, until `useMetric`, or `forgetMetric`. Nothing is appended meanwhile. Errors: `OutOfMemory`. */
  prepareMetric(field: DenseField, core: Core): void {
    if (this.owner.stored === undefined) this.#prepared = copyOf(this.loaded, field, core);
  }

  forgetMetric(): void {
    this.#prepared?.close();
    this.#prepared = undefined;
  }

  /** Its field has another metric: what is stored is read again, what grows was copied. REQUIRES: prepareMetric; it is not being sealed. */
  useMetric(field: DenseField): void {
    this.field = field;
    this.indexDamaged = false;
    this.drop();
    this.vectors = this.#prepared;
    this.#prepared = undefined;
  }

  drop(): void {
    this.accelerated?.then((index) => index?.close(), () => undefined);
    this.accelerated = undefined;
    this.dropIndex();
    this.vectors?.close();
    this.vectors = undefined;
    if (this.owner.stored !== undefined) this.places = undefined;
  }

  /** Releases index and codes. */
  dropIndex(): void {
    this.approximate?.ann.close();
    this.approximate = undefined;
    this.codes?.close();
    this.codes = undefined;
  }
}

/** An empty exact index of the vectors of a field. Errors: `OutOfMemory`. */
export function flatOf(field: DenseField, core: Core): AnyFlat {
  return core.createFlat(field.dim, field.metric as MetricOf<VectorElement>, field.type);
}

function copyOf(vectors: AnyFlat, field: DenseField, core: Core): AnyFlat {
  const copy = flatOf(field, core);
  try {
    for (let first = 0; first < vectors.size; first += COPY_ROWS) copy.append(vectors.read(first, Math.min(COPY_ROWS, vectors.size - first)));
    return copy;
  } catch (error) {
    copy.close();
    throw error;
  }
}

/** A row as a query. */
export function queryOf(rows: NumberFlat, row: number): Float32Array {
  return floatsOf(rows.element, rows.read(row, 1));
}
