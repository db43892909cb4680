// CollectionIndexes: the indexes that are defined for a collection, as its manifest has them, and what they mean for its
// segments.

import type { IndexDefinition } from '../../model/index-definition.js';
import type { IndexDescription } from '../api.js';
import type { CollectionState } from './collection-state.js';
import { allIndexes, wishesOf, type Definitions } from './indexes.js';
import type { IndexWishes } from '../upkeep/indexer.js';
import type { Segment } from '../table/segment.js';

export class CollectionIndexes {
  readonly #state: CollectionState;

  constructor(state: CollectionState) {
    this.#state = state;
  }

  /** Every index, in order of the fields. */
  get all(): Definitions {
    return allIndexes(this.#state.schema, this.asked);
  }

  /** Those that were asked for. */
  get asked(): Definitions {
    return this.#state.manifests.manifest.indexes ?? [];
  }

  /**
   * Changes the definitions that were asked for by a new manifest, if `change` gives others; then calls `changed`.
   * Definitions are read and written while nothing else is.
   */
  async change(change: (definitions: Definitions) => Definitions, changed: () => void): Promise<void> {
    const { manifests } = this.#state;
    await this.#state.writer().exclusive(async () => {
      const before = this.asked;
      const indexes = change(before);
      if (indexes === before) return manifests.settle();
      await manifests.change(({ indexes: _, ...rest }) => ({ ...rest, ...(indexes.length === 0 ? {} : { indexes }) }));
      await this.#state.sweep();
      changed();
    });
  }

  /** How far one of `all` is, where `waiting` are the segments that wait for it. Only those of vectors can be behind. */
  describe(definition: IndexDefinition, waiting: readonly Segment[]): IndexDescription {
    const table = this.#state.table();
    const pendingRows = waiting.reduce((sum, segment) => sum + segment.liveRows, 0);
    const sealedRows = table.sealed.reduce((sum, segment) => sum + segment.liveRows, 0);
    return { ...definition, state: pendingRows > 0 ? 'InProgress' : 'Finished', totalRows: table.liveRows, indexedRows: sealedRows - pendingRows, pendingRows };
  }

  /** What they mean for the indexes of each segment. */
  wishes(): IndexWishes {
    return wishesOf(this.#state.manifests.manifest);
  }
}
