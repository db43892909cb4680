// Int64Places: places by Int64 keys, 16 bytes each in one typed array: a hash table with linear probing, at most three
// quarters full. A deleted entry is closed up by those that had to pass it, so that nothing piles up.

import { allocate, type Allocate } from '../../model/allocate.js';
import type { Place } from './key-index.js';

/** Of an entry: lower and upper half of the key, ordinal and 1, row. No ordinal: the slot is free. */
const WORDS = 4;
const LOW = 0;
const HIGH = 1;
const ORDINAL = 2;
const ROW = 3;
const SLOTS_MIN = 16;
/** Entries that move to a larger table in one turn: about a millisecond. */
const TURN_SLOTS = 4096;

// One key, taken apart without arithmetic on bigints.
const whole = new BigInt64Array(1);
const halves = new Int32Array(whole.buffer);

export class Int64Places {
  /** A power of two of slots. */
  #words = new Int32Array(0);
  #slots = 0;
  #size = 0;
  readonly #allocate: Allocate;

  constructor(allocated: Allocate = allocate) {
    this.#allocate = allocated;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Makes room for `count` more keys: setting them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(count: number): void {
    const slots = this.#slotsFor(count);
    if (slots === this.#slots) return;
    const grown = this.#allocate(Int32Array, slots * WORDS);
    move(this.#words, 0, this.#slots, grown);
    this.#use(grown);
  }

  /** The same, a few at a time with a `pause` after each. REQUIRES: nothing is set or deleted until then. */
  async reserveInTurns(count: number, pause: () => Promise<void>): Promise<void> {
    const slots = this.#slotsFor(count);
    if (slots === this.#slots) return;
    const grown = this.#allocate(Int32Array, slots * WORDS);
    for (let first = 0; first < this.#slots; first += TURN_SLOTS) {
      move(this.#words, first, Math.min(first + TURN_SLOTS, this.#slots), grown);
      await pause();
    }
    this.#use(grown);
  }

  /** What `count` more keys take, at most. */
  bytesToAdd(count: number): number {
    return (this.#slotsFor(count) - this.#slots) * WORDS * Int32Array.BYTES_PER_ELEMENT;
  }

  get(key: bigint): Place | undefined {
    if (this.#size === 0) return undefined;
    whole[0] = key;
    return this.#placeAt(this.#find(halves[0] as number, halves[1] as number));
  }

  /** Sets the place of a key; gives the one it had. Errors: `OutOfMemory`, unless there is room. */
  set(key: bigint, ordinal: number, row: number): Place | undefined {
    this.reserve(1);
    whole[0] = key;
    const low = halves[0] as number;
    const high = halves[1] as number;
    const at = this.#find(low, high);
    const before = this.#placeAt(at);
    const words = this.#words;
    if (before === undefined) {
      words[at + LOW] = low;
      words[at + HIGH] = high;
      this.#size++;
    }
    words[at + ORDINAL] = ordinal + 1;
    words[at + ROW] = row;
    return before;
  }

  /** As `set` for each key, of rows `first` on; `replaced` is told of the places that they had, and by which row. REQUIRES: room for those that are new. */
  setAll(keys: BigInt64Array, ordinal: number, first: number, replaced: (ordinal: number, row: number, by: number) => void): void {
    const parts = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2);
    const words = this.#words;
    for (let i = 0; i < keys.length; i++) {
      const low = parts[2 * i] as number;
      const high = parts[2 * i + 1] as number;
      const at = this.#find(low, high);
      const before = words[at + ORDINAL] as number;
      const row = words[at + ROW] as number;
      if (before === 0) {
        words[at + LOW] = low;
        words[at + HIGH] = high;
        this.#size++;
      }
      words[at + ORDINAL] = ordinal + 1;
      words[at + ROW] = first + i;
      if (before !== 0) replaced(before - 1, row, first + i);
    }
  }

  /** Removes a key; gives the place it had. */
  delete(key: bigint): Place | undefined {
    if (this.#size === 0) return undefined;
    whole[0] = key;
    const at = this.#find(halves[0] as number, halves[1] as number);
    const before = this.#placeAt(at);
    if (before === undefined) return undefined;
    this.#size--;
    this.#close(at / WORDS);
    return before;
  }

  /** Removes every key of a segment. */
  deleteAll(ordinal: number): void {
    const words = this.#words;
    const keys: bigint[] = [];
    for (let at = 0; at < words.length; at += WORDS) {
      if (words[at + ORDINAL] !== ordinal + 1) continue;
      halves[0] = words[at + LOW] as number;
      halves[1] = words[at + HIGH] as number;
      keys.push(whole[0] as bigint);
    }
    for (const key of keys) this.delete(key);
  }

  #slotsFor(count: number): number {
    let slots = Math.max(SLOTS_MIN, this.#slots);
    while (this.#size + count > slots * 0.75) slots *= 2;
    return slots;
  }

  /** Where the words of a key begin, or of the free slot where it would go. */
  #find(low: number, high: number): number {
    return placeIn(this.#words, this.#slots - 1, low, high);
  }

  #placeAt(at: number): Place | undefined {
    const ordinal = this.#words[at + ORDINAL] as number;
    return ordinal === 0 ? undefined : { ordinal: ordinal - 1, row: this.#words[at + ROW] as number };
  }

  // Entries behind the hole move into it unless they are between their own slot and it.
  #close(from: number): void {
    const words = this.#words;
    const mask = this.#slots - 1;
    let hole = from;
    for (let slot = (from + 1) & mask; words[slot * WORDS + ORDINAL] !== 0; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      const home = hash(words[at + LOW] as number, words[at + HIGH] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      words.copyWithin(hole * WORDS, at, at + WORDS);
      hole = slot;
    }
    words[hole * WORDS + ORDINAL] = 0;
  }

  #use(words: Int32Array<ArrayBuffer>): void {
    this.#words = words;
    this.#slots = words.length / WORDS;
  }
}

function placeIn(words: Int32Array, mask: number, low: number, high: number): number {
  for (let slot = hash(low, high) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (words[at + ORDINAL] === 0 || (words[at + LOW] === low && words[at + HIGH] === high)) return at;
  }
}

/** Copies the entries of slots `first` to `end` into a table that has none of their keys. */
function move(from: Int32Array, first: number, end: number, to: Int32Array): void {
  const mask = to.length / WORDS - 1;
  for (let at = first * WORDS; at < end * WORDS; at += WORDS) {
    if (from[at + ORDINAL] === 0) continue;
    const free = placeIn(to, mask, from[at + LOW] as number, from[at + HIGH] as number);
    for (let word = 0; word < WORDS; word++) to[free + word] = from[at + word] as number;
  }
}

/** 32 well-mixed bits (the finaliser of MurmurHash3). */
function hash(low: number, high: number): number {
  let bits = low ^ Math.imul(high, 0x9e37_79b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}
