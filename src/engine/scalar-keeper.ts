// ScalarKeeper: builds the scalar indexes of sealed segments that filters would have asked, off the path of every call and a
// few milliseconds at a time. Until one is there the column is read; where memory has no room for it, it stays so.

import type { Column } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import type { IndexDefinition } from '../model/index-definition.js';
import { readPath } from '../query/evaluate/json.js';
import { buildingBytes, buildJsonIndex, buildScalarIndex, type ScalarIndex } from '../query/indexes/build.js';
import type { CollectionState } from './collection-state.js';
import type { ScalarWish } from './scalar-indexes.js';
import type { Segment } from './segment.js';
import { isDamage } from './visit.js';

/** Segments of fewer rows are read as fast. */
export const SCALAR_ROWS_MIN = 1024;

export class ScalarKeeper {
  readonly #state: CollectionState;
  readonly #definitionOf: (field: string) => IndexDefinition | undefined;
  #running: Promise<void> | undefined;

  /** `definitionOf`: the index that was asked for on a field. */
  constructor(state: CollectionState, definitionOf: (field: string) => IndexDefinition | undefined) {
    this.#state = state;
    this.#definitionOf = definitionOf;
  }

  /** Listens to the segments that there are now; called whenever there may be others. */
  attach(): void {
    const soon = (): void => this.soon();
    for (const segment of this.#state.table().sealed) if (segment.rows >= SCALAR_ROWS_MIN) segment.scalars.wished = soon;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined || this.#next() === undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#state.isClosed) this.#state.warn(`${this.#state.name}: a scalar index could not be built, filters do without: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  /** The index that was asked for on that field is another one now. */
  changed(): void {
    for (const segment of this.#state.table().sealed) segment.scalars.drop();
  }

  /** Resolves when nothing runs any more; it ends by itself once the collection is closed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { ambient } = this.#state.environment;
    // Not within the call that wished for it.
    await ambient.pause();
    for (let segment = this.#next(); segment !== undefined; segment = this.#next()) {
      const { wish } = segment.scalars;
      if (wish !== undefined) await this.#fulfil(segment, wish);
    }
  }

  async #fulfil(segment: Segment, wish: ScalarWish): Promise<void> {
    const { residency } = this.#state;
    try {
      const index = await residency.use(segment, { columns: [wish.field] }, () => this.#build(segment, wish));
      if (!this.#state.isClosed) segment.scalars.fulfil(wish, index);
    } catch (error) {
      if (isDamage(error)) return segment.scalars.fulfil(wish, undefined);
      segment.scalars.putOff(wish);
      if (!(error instanceof ElanusError) || error.code !== 'OutOfMemory') throw error;
    } finally {
      residency.hold(this, 0);
    }
  }

  async #build(segment: Segment, { field, path }: ScalarWish): Promise<ScalarIndex | undefined> {
    const { environment, residency } = this.#state;
    const { predicates } = environment.core;
    const columns = segment.columns.snapshot();
    const column = columns.byName.get(field) as Column;
    residency.hold(this, buildingBytes(column, columns.rows));
    if (column.type !== 'JSON') return this.#inSteps(buildScalarIndex(column, this.#definitionOf(field), predicates));
    const values = await this.#inSteps(readPath(field, path, columns));
    return values && this.#inSteps(buildJsonIndex(values, predicates));
  }

  /** Undefined if the collection was closed meanwhile. */
  async #inSteps<T>(steps: Generator<void, T>): Promise<T | undefined> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      await this.#state.environment.ambient.pause();
      if (this.#state.isClosed) return undefined;
    }
  }

  // Asked anew after every index, while segments may have come and gone.
  #next(): Segment | undefined {
    if (this.#state.isClosed) return undefined;
    return this.#state.table().sealed.find(({ damage, scalars }) => damage === undefined && scalars.wish !== undefined);
  }
}
