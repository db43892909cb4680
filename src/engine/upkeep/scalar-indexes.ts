// ScalarIndexes: the scalar indexes of one sealed segment that are in memory, by field and path. What was asked for and is
// not there is remembered, so that it can be built. They go when the columns go.

import type { PathStep } from '../../model/filter.js';
import type { ColumnIndexes, IndexedPart } from '../../query/column-indexes.js';
import type { ScalarIndex } from '../../query/indexes/build.js';

/** What a filter would have asked. */
export interface ScalarWish {
  readonly field: string;
  /** Into a JSON column; else empty. */
  readonly path: readonly PathStep[];
  readonly over: IndexedPart;
}

/** Fields and paths of a segment that are thought of. */
const WISHES_MAX = 1024;

export class ScalarIndexes implements ColumnIndexes {
  /** Called when something is asked for that is not there. */
  wished: () => void = () => {};
  readonly #built = new Map<string, ScalarIndex>();
  readonly #wishes = new Map<string, ScalarWish>();
  /** Built, or found to be of no use. */
  readonly #done = new Set<string>();

  /** What they hold. */
  get bytes(): number {
    let bytes = 0;
    for (const index of this.#built.values()) bytes += index.bytes;
    return bytes;
  }

  /** What is to be built next. */
  get wish(): ScalarWish | undefined {
    return this.#wishes.values().next().value;
  }

  has(field: string, path: readonly PathStep[], over: IndexedPart): boolean {
    return this.#built.has(keyOf({ field, path, over }));
  }

  find(field: string, path: readonly PathStep[], over: IndexedPart): ScalarIndex | undefined {
    const wish: ScalarWish = { field, path, over };
    const key = keyOf(wish);
    const index = this.#built.get(key);
    if (index === undefined && !this.#done.has(key) && this.#wishes.size < WISHES_MAX && !this.#wishes.has(key)) {
      this.#wishes.set(key, wish);
      this.wished();
    }
    return index;
  }

  /** Nothing is built of it if undefined: it is of no use, or cannot be. What is not wished for any more is not kept. */
  fulfil(wish: ScalarWish, index: ScalarIndex | undefined): void {
    const key = keyOf(wish);
    if (!this.#wishes.delete(key)) return;
    this.#done.add(key);
    if (index !== undefined) this.#built.set(key, index);
  }

  /** There was no room for it: it may be wished for again. */
  putOff(wish: ScalarWish): void {
    this.#wishes.delete(keyOf(wish));
  }

  /** What was made goes, as other indexes are asked for or the columns go. */
  drop(): void {
    this.keepOnly(() => false);
  }

  /** What was made of other fields goes. */
  keepOnly(isKept: (field: string) => boolean): void {
    for (const keys of [this.#built, this.#done, this.#wishes]) {
      for (const key of [...keys.keys()]) if (!isKept((JSON.parse(key) as readonly [string])[0])) keys.delete(key);
    }
  }
}

function keyOf({ field, path, over }: ScalarWish): string {
  return JSON.stringify([field, over, ...path]);
}
