// RowCoder: gives codes to the rows of segments that have no index yet, a few rows at a time, off the path of every
// call, once a search has had to look at them all. Rows that have none yet are scored exactly, so nothing waits for it.

import type { Ambient } from '../../ports/ambient.js';
import type { Core } from '../../ports/core.js';
import type { Table } from '../table/table.js';
import type { AnyFlat, NumberFlat, VectorPart } from '../table/vector-part.js';

/** Fewer rows are scanned as fast. */
export const CODED_ROWS_MIN = 4096;
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 512;

export class RowCoder {
  readonly #core: Core;
  readonly #ambient: Ambient;
  /** The table as it is now; undefined once closed. */
  readonly #table: () => Table | undefined;
  readonly #warn: (message: string) => void;
  /** Of a segment's vectors, how many there were when all of them had codes. */
  readonly #done = new WeakMap<AnyFlat, number>();
  #running: Promise<void> | undefined;
  #failed = false;

  constructor(core: Core, ambient: Ambient, table: () => Table | undefined, warn: (message: string) => void) {
    this.#core = core;
    this.#ambient = ambient;
    this.#table = table;
    this.#warn = warn;
  }

  /** Begins if there is something to do. */
  soon(): void {
    if (this.#running !== undefined || this.#failed || this.#next() === undefined) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        this.#failed = true;
        this.#warn(`rows without an index get no codes, searches of them stay exact: ${String(error)}`);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing runs any more; it ends by itself once the table is gone. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      const { size } = part.loaded;
      part.codes ??= this.#core.codesOf(part.loaded as NumberFlat);
      if (part.codes.update(STEP_ROWS) === 0) this.#done.set(part.loaded, size);
      await this.#ambient.pause();
    }
  }

  // Asked anew after every pause, in which segments may have come, gone, or got an index.
  #next(): VectorPart | undefined {
    for (const segment of this.#table()?.segments() ?? []) for (const part of segment.vectors.values()) if (this.#lacks(part)) return part;
    return undefined;
  }

  #lacks(part: VectorPart): boolean {
    const { vectors, approximate, field } = part;
    if (vectors === undefined || approximate !== undefined || field.type === 'BinaryVector') return false;
    return vectors.size >= CODED_ROWS_MIN && (this.#done.get(vectors) ?? 0) < vectors.size;
  }
}
