// TopList: the first k of what is offered, by an order without equals. It never holds more than k: once it has that many, as a
// binary heap whose root is the last of them.

import { sortedInTurns } from './sorted-in-turns.js';

export class TopList<T> {
  readonly #k: number;
  readonly #compare: (a: T, b: T) => number;
  /** Before it is full, in the order of the offers. */
  readonly #heap: T[] = [];
  /** Whether all were offered in their order until it was full. */
  #ascends = true;

  /** `compare` gives 0 for no two that are offered. */
  constructor(k: number, compare: (a: T, b: T) => number) {
    this.#k = k;
    this.#compare = compare;
  }

  offer(item: T): void {
    const heap = this.#heap;
    if (heap.length < this.#k) {
      this.#ascends &&= heap.length === 0 || this.#compare(heap[heap.length - 1] as T, item) < 0;
      heap.push(item);
      if (heap.length === this.#k) this.#becomeHeap();
    } else if (this.#k > 0 && this.#compare(item, heap[0] as T) < 0) {
      heap[0] = item;
      this.#down(0);
    }
  }

  /** First to last; of many others have their turn meanwhile. REQUIRES: nothing is offered until they are given. */
  sorted(pause: () => Promise<void>): Promise<readonly T[]> {
    return sortedInTurns(this.#heap, this.#compare, pause);
  }

  // Last to first is one, too, and one that is soon sorted.
  #becomeHeap(): void {
    if (this.#ascends) this.#heap.reverse();
    else for (let at = this.#heap.length >> 1; at-- > 0; ) this.#down(at);
  }

  #down(start: number): void {
    const heap = this.#heap;
    for (let at = start; ; ) {
      const left = at * 2 + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && this.#compare(heap[right] as T, heap[left] as T) > 0 ? right : left;
      if (this.#compare(heap[child] as T, heap[at] as T) <= 0) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const item = heap[a] as T;
    heap[a] = heap[b] as T;
    heap[b] = item;
  }
}
