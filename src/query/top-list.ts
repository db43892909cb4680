// TopList: the first k of what is offered, by an order without equals. It never holds more than k: a binary heap whose
// root is the last of them.

export class TopList<T> {
  readonly #k: number;
  readonly #compare: (a: T, b: T) => number;
  readonly #heap: T[] = [];

  /** `compare` gives 0 for no two that are offered. */
  constructor(k: number, compare: (a: T, b: T) => number) {
    this.#k = k;
    this.#compare = compare;
  }

  offer(item: T): void {
    const heap = this.#heap;
    if (heap.length < this.#k) {
      heap.push(item);
      this.#up(heap.length - 1);
    } else if (this.#k > 0 && this.#compare(item, heap[0] as T) < 0) {
      heap[0] = item;
      this.#down(0);
    }
  }

  /** First to last. */
  sorted(): T[] {
    return [...this.#heap].sort(this.#compare);
  }

  #up(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#compare(heap[at] as T, heap[parent] as T) <= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
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
