// BatchRoom: memory that the vectors of one batch after the other lie in. Fresh memory costs more than what is done with
// it: the system zeroes it, and collecting it takes as long again.

import type { Lender } from '../files/lender.js';

/** Of all that is kept for the next batch. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;
/** Smaller arrays come from the heap of JavaScript. */
const KEPT_BYTES_MIN = 64 * 1024;
/** What is kept serves batches down to this share of it. */
const USED_SHARE_MIN = 0.25;

/** Makes a typed array of that type and length, whose values are anything. */
export type MakeArray = <T extends ArrayBufferView>(type: ArrayType<T>, length: number) => T;

interface ArrayType<T> {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** What one batch has taken. */
export interface BatchMemory {
  readonly make: MakeArray;
  /** Nobody looks at it any more. */
  free(): void;
}

export class BatchRoom {
  #kept: ArrayBuffer[] = [];
  readonly #lender: Lender | undefined;

  /** `lender` counts what is kept, where memory is limited. */
  constructor(lender?: Lender) {
    this.#lender = lender;
  }

  /** For one batch, which is freed, or left to the collector. */
  memory(): BatchMemory {
    const taken: ArrayBuffer[] = [];
    return {
      make: (type, length) => {
        const buffer = this.#take(length * type.BYTES_PER_ELEMENT);
        taken.push(buffer);
        return new type(buffer, 0, length);
      },
      free: () => this.#keep(taken.splice(0)),
    };
  }

  /** Keeps nothing. */
  clear(): void {
    this.#kept = [];
    this.#lender?.endLoan(this);
  }

  #take(bytes: number): ArrayBuffer {
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= bytes && bytes >= byteLength * USED_SHARE_MIN);
    return this.#kept.splice(at, at === -1 ? 0 : 1)[0] ?? new ArrayBuffer(bytes);
  }

  // The newest first: what did not serve goes.
  #keep(buffers: readonly ArrayBuffer[]): void {
    let bytes = 0;
    const kept = [...buffers, ...this.#kept].filter(({ byteLength }) => byteLength >= KEPT_BYTES_MIN && (bytes += byteLength) <= KEPT_BYTES_MAX);
    const keptBytes = kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#lender?.endLoan(this);
    const mayKeep = keptBytes === 0 || this.#lender === undefined || this.#lender.lend(this, keptBytes, () => (this.#kept = []));
    this.#kept = mayKeep ? kept : [];
  }
}

/** Of memory that is nobody else's. */
export const freshArray: MakeArray = (type, length) => new type(new ArrayBuffer(length * type.BYTES_PER_ELEMENT), 0, length);
