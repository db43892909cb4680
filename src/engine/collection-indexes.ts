// CollectionIndexes: the indexes that are defined for a collection, as its manifest has them, and what they mean for its
// segments.

import { planIndex, type IndexDefinition } from '../model/index-definition.js';
import { vectorField } from '../model/schema.js';
import type { IndexDescription } from './api.js';
import type { CollectionState } from './collection-state.js';
import { allIndexes, definitionOf, type Definitions } from './indexes.js';
import type { IndexWish } from './indexer.js';
import type { Segment } from './segment.js';

export class CollectionIndexes {
  readonly #state: CollectionState;
  #definition: IndexDefinition;

  constructor(state: CollectionState) {
    this.#state = state;
    this.#definition = definitionOf(state.manifests.manifest);
  }

  /** Every index, in order of the fields. */
  get all(): Definitions {
    return allIndexes(this.#state.schema, this.#state.manifests.manifest.indexes ?? []);
  }

  /** The index of the vectors: what segments are indexed and searched by. */
  get definition(): IndexDefinition {
    return this.#definition;
  }

  /** Another manifest is the current one. */
  manifestChanged(): void {
    this.#definition = definitionOf(this.#state.manifests.manifest);
  }

  /**
   * Changes the definitions that were asked for by a new manifest, if `change` gives others; then calls `changed`.
   * Definitions are read and written while nothing else is.
   */
  async change(change: (definitions: Definitions) => Definitions, changed: () => void): Promise<void> {
    const { manifests } = this.#state;
    await this.#state.writer().exclusive(async () => {
      const { indexes: before = [] } = manifests.manifest;
      const indexes = change(before);
      if (indexes === before) return;
      await manifests.change(({ indexes: _, ...rest }) => ({ ...rest, ...(indexes.length === 0 ? {} : { indexes }) }));
      this.manifestChanged();
      await this.#state.sweep();
      changed();
    });
  }

  /** How far one of `all` is, where `waiting` are the segments that wait for theirs. Only that of the vectors can be behind. */
  describe(definition: IndexDefinition, waiting: readonly Segment[]): IndexDescription {
    const table = this.#state.table();
    const isVectors = definition.fieldName === vectorField(this.#state.schema).name;
    const pendingRows = isVectors ? waiting.reduce((sum, segment) => sum + segment.liveRows, 0) : 0;
    const sealedRows = table.sealed.reduce((sum, segment) => sum + segment.liveRows, 0);
    return { ...definition, state: pendingRows > 0 ? 'InProgress' : 'Finished', totalRows: table.liveRows, indexedRows: sealedRows - pendingRows, pendingRows };
  }

  /** What the definition means for the index of each segment; undefined where it takes none. */
  wish(): IndexWish | undefined {
    const { form, lists } = planIndex(vectorField(this.#state.schema), this.#definition);
    return form === 'auto' || form === 'graph' || form === 'ivf' ? { kind: form, lists } : undefined;
  }
}
