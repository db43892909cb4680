// ScalarKeeper: builds the scalar indexes of sealed segments that filters would have asked, off the path of every call and a
// few milliseconds at a time. Until one is there the column is read; where memory has no room for it, or is needed for
// something else meanwhile, it stays so.

import type { Column, Columns } from '../../model/columns.js';
import type { Field } from '../../model/field.js';
import type { IndexDefinition } from '../../model/index-definition.js';
import { fieldNamed } from '../../model/schema.js';
import { readPath } from '../../query/evaluate/json.js';
import { buildingBytes, buildJsonIndex, buildScalarIndex, type ScalarIndex } from '../../query/indexes/build.js';
import { TextIndex } from '../../query/indexes/text-index.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { ScalarWish } from './scalar-indexes.js';
import type { Segment } from '../table/segment.js';
import { analyzerOf } from '../database/analyzers.js';
import { isDamage } from '../read/visit.js';

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

  // What was read for the filter is still there, or its reading is not worth it.
  async #fulfil(segment: Segment, wish: ScalarWish): Promise<void> {
    // Who matches texts says so in the schema.
    if (wish.over === 'terms' && fieldNamed(segment.newest, wish.field).enableMatch !== true) return segment.scalars.fulfil(wish, undefined);
    const { residency } = this.#state;
    const columns = segment.columns.snapshot();
    const column = columns.byName.get(wish.field);
    let isAsked = true;
    try {
      if (column === undefined || !residency.lend(this, buildingBytes(column, columns.rows, wish.over), () => (isAsked = false))) return segment.scalars.putOff(wish);
      const index = await this.#inSteps(this.#steps(segment, columns, wish), () => isAsked);
      residency.endLoan(this);
      if (isAsked && residency.hasRoom(index?.bytes ?? 0)) segment.scalars.fulfil(wish, index);
      else segment.scalars.putOff(wish);
    } catch (error) {
      segment.scalars.fulfil(wish, undefined);
      if (!isDamage(error)) throw error;
    } finally {
      residency.endLoan(this);
    }
  }

  *#steps(segment: Segment, columns: Columns, { field, path, over }: ScalarWish): Generator<void, ScalarIndex | undefined> {
    const { predicates } = this.#state.environment.core;
    const column = columns.byName.get(field) as Column;
    if (over === 'terms') return yield* this.#textSteps(column, fieldNamed(segment.newest, field));
    if (column.type !== 'JSON') return yield* buildScalarIndex(column, this.#definitionOf(field), predicates);
    return yield* buildJsonIndex(yield* readPath(field, path, columns), predicates);
  }

  // What it takes is known only as texts are analyzed: the loan grows with it.
  *#textSteps({ values }: Column, field: Field): Generator<void, ScalarIndex | undefined> {
    const analyzer = analyzerOf(field);
    const { residency } = this.#state;
    return yield* TextIndex.build(values as readonly string[], { analyze: (text) => analyzer.analyze(text), hasRoom: (bytes) => residency.extendLoan(this, bytes) });
  }

  /** Undefined if the collection was closed meanwhile, or it is not asked for any more. */
  async #inSteps<T>(steps: Generator<void, T>, isAsked: () => boolean): Promise<T | undefined> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      await this.#state.environment.ambient.pause();
      if (this.#state.isClosed || !isAsked()) return undefined;
    }
  }

  // Asked anew after every index, while segments may have come and gone.
  #next(): Segment | undefined {
    if (this.#state.isClosed) return undefined;
    return this.#state.table().sealed.find(({ damage, scalars }) => damage === undefined && scalars.wish !== undefined);
  }
}
