// Warmer: reads vectors of sealed segments into memory, off the path of every call, as far as there is room. Until then
// they are searched in their files.

import { ElanusError } from '../../model/errors.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { Segment } from './segment.js';
import type { Task } from '../database/tasks.js';
import { unlessDamaged } from '../read/visit.js';

export class Warmer {
  readonly #state: CollectionState;
  #running: Promise<void> | undefined;

  constructor(state: CollectionState) {
    this.#state = state;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined || this.#state.isReleased || !this.#state.table().sealed.some(isCold)) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (this.#state.isClosed || (error instanceof ElanusError && error.code === 'OutOfMemory')) return;
        this.#state.warn(`${this.#state.name}: rows could not be read into memory, they are searched in their files: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing runs any more; it ends by itself once the collection is closed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { tasks } = this.#state;
    const { sealed } = this.#state.table();
    const rows = sealed.reduce((sum, segment) => sum + (isCold(segment) ? segment.rows : 0), 0);
    await tasks.run(this.#state, 'load', rows, () => this.#state.isClosed, (task) => this.#loadAll(sealed, task));
  }

  async #loadAll(sealed: readonly Segment[], task: Task): Promise<void> {
    const { residency, environment } = this.#state;
    let done = 0;
    for (const segment of sealed) {
      await environment.ambient.pause();
      if (this.#state.isClosed || this.#state.isReleased) return;
      // It may have been merged while others were read.
      if (!isCold(segment) || !this.#state.table().sealed.includes(segment)) continue;
      for (const part of segment.parts()) {
        if (part.isLoaded) continue;
        if (!residency.hasRoom(part.vectorBytes + part.indexFileBytes)) return;
        await unlessDamaged(this.#state, segment, () => residency.warm(segment, part, environment.ambient.pause));
        if (segment.damage !== undefined) break;
      }
      task.progress((done += segment.rows));
    }
  }
}

function isCold(segment: Segment): boolean {
  return segment.stored?.files.isArriving === false && segment.damage === undefined && segment.parts().some(({ isLoaded }) => !isLoaded);
}
