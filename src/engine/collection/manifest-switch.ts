// ManifestSwitch: a copy goes from one manifest to another, or shows other own writes over the same, one switch after the
// other: one that began before another and ended after it would set the copy back, and the files of the later would go.

import type { CollectionContext } from './collection-context.js';
import { openOutbox } from './collection-opening.js';
import type { CollectionState, MissingSegment } from './collection-state.js';
import type { CurrentManifest } from '../files/collection-files.js';
import { loadTable } from './loading.js';
import type { Table } from '../table/table.js';

/** Called while nothing is written; from then on reads see it. */
type Take = (current: CurrentManifest, table: Table, unknown: readonly MissingSegment[]) => void;

export class ManifestSwitch {
  readonly #context: CollectionContext;
  readonly #state: CollectionState;
  readonly #take: Take;
  #last: Promise<void> = Promise.resolve();

  constructor(context: CollectionContext, state: CollectionState, take: Take) {
    this.#context = context;
    this.#state = state;
    this.#take = take;
  }

  /** To one whose files are all there. */
  to(current: CurrentManifest): Promise<void> {
    return this.#inTurn(async () => {
      await this.#load(current);
      await this.#state.sweep();
    });
  }

  /** As `to`; nothing of those before is kept for anybody. */
  resetTo(current: CurrentManifest): Promise<void> {
    return this.#inTurn(async () => {
      await this.#load(current);
      this.#state.manifests.forgetOthers();
      await this.#state.sweep();
    });
  }

  /** What is left of the own writes, over the manifest that is current when its turn comes. No file is removed: a pull may be storing some. */
  renewOverlay(): Promise<void> {
    return this.#inTurn(() => this.#load(this.#state.manifests.current));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #load(current: CurrentManifest): Promise<void> {
    const { environment, residency, warn } = this.#context;
    const { table, unknown } = await loadTable(environment, this.#state.files, current.manifest, residency, warn);
    await openOutbox(this.#context, this.#state, table, current.manifest, async () => this.#take(current, table, unknown));
  }
}
