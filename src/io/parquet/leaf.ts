// Leaf: one column's entries with their levels, read page by page. A row of a repeated column may go on in the next page, so
// it is given only once the entry behind it, or the end, is there.

import { ElanusError } from '../../model/errors.js';
import type { ImportPlace } from '../place.js';
import { dataViewOf } from '../../format/bytes.js';
import { readHybrid } from './bits.js';
import { convertOf, type Convert } from './meaning.js';
import { unsupported, type Page, type PageReader } from './pages.js';
import type { SchemaNode } from './schema.js';
import { readDictionary, readValues, type Numbers, type Values } from './values.js';

/** Entries of one row in one column. */
export const ROW_ENTRIES_MAX = 2 ** 20;
/** What the pages of all columns may take together, unpacked. */
export const HELD_BYTES_MAX = 1024 * 1024 * 1024;

/** Of one row group, shared by its leaves. */
export interface Held {
  bytes: number;
  /** Entries that were taken. */
  taken: number;
}

interface Loaded {
  readonly entries: number;
  /** Undefined where all are 0. */
  readonly repetition: Uint8Array | undefined;
  /** Undefined where all values are there. */
  readonly definition: Uint8Array | undefined;
  readonly values: Values;
  readonly heldBytes: number;
  /** The next entry. */
  at: number;
  /** Its value, if it has one. */
  valueAt: number;
}

export class Leaf {
  readonly node: SchemaNode;
  readonly place: ImportPlace;
  readonly #pages: PageReader;
  readonly #held: Held;
  readonly #convert: Convert;
  readonly #queue: Loaded[] = [];
  #dictionary: Values | undefined;
  /** Rows that begin in the queue. */
  #begun = 0;
  #ended = false;

  constructor(node: SchemaNode, pages: PageReader, held: Held, place: ImportPlace) {
    this.node = node;
    this.place = place;
    this.#pages = pages;
    this.#held = held;
    this.#convert = convertOf(node, place);
  }

  /** Rows that are there whole. */
  get rowsReady(): number {
    return this.#begun - (this.#ended || this.node.repeated === 0 ? 0 : 1);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Reads the next data page. Errors: `Corrupt`, `Unsupported`. */
  async load(): Promise<void> {
    const page = await this.#pages.next();
    if (page === undefined) {
      this.#ended = true;
      return;
    }
    // Levels take two bytes an entry, numbers of a dictionary four and what they give eight.
    const heldBytes = page.body.length * 2 + page.values * 14;
    this.#held.bytes += heldBytes;
    if (this.#held.bytes > HELD_BYTES_MAX) throw unsupported(page.place, `its columns' pages take more than ${HELD_BYTES_MAX} bytes at once: write the file in smaller pages`);
    try {
      if (page.kind === 'dictionary') {
        if (this.#dictionary !== undefined) throw new Error('a second dictionary');
        this.#dictionary = readDictionary(page.body, page.values, this.node.element, this.#convert);
      } else this.#push(page, heldBytes);
    } catch (error) {
      if (error instanceof ElanusError) throw error;
      throw page.place.corrupt(error instanceof Error ? error.message : String(error), error);
    }
  }

  #push(page: Page, heldBytes: number): void {
    const { defined, repeated } = this.node;
    let rest = page.body;
    const levels = (most: number, given: number | undefined): Uint8Array | undefined => {
      if (most === 0 && given === undefined) return undefined;
      const [bytes, after] = given === undefined ? withLength(rest) : [rest.subarray(0, given), rest.subarray(given)];
      rest = after;
      if (most === 0) return undefined;
      const read = new Uint8Array(page.values);
      if (page.values > 0) readHybrid({ bytes, at: 0 }, 32 - Math.clz32(most), read);
      if ((most & (most + 1)) !== 0) requireAtMost(read, most);
      return read;
    };
    const repetition = levels(repeated, page.levelBytes?.repetition);
    const definition = levels(defined, page.levelBytes?.definition);
    const nulls = definition === undefined ? 0 : countOther(definition, defined);
    const values = readValues(rest, page.encoding, page.values - nulls, this.node.element, this.#convert, this.#dictionary);
    const begun = repetition === undefined ? page.values : page.values - countOther(repetition, 0);
    if (this.#begun === 0 && this.#queue.length === 0 && repetition !== undefined && page.values > 0 && repetition[0] !== 0) throw new Error('goes on with a row that never began');
    this.#begun += begun;
    if (page.values > 0) this.#queue.push({ entries: page.values, repetition, definition: nulls === 0 ? undefined : definition, values, heldBytes, at: 0, valueAt: 0 });
    else this.#held.bytes -= heldBytes;
  }

  /** Levels of the next entry; the repetition is 0 where there is none. */
  get definition(): number {
    const page = this.#next();
    return page.definition === undefined ? this.node.defined : (page.definition[page.at] as number);
  }

  get repetition(): number {
    const page = this.#queue[0];
    return page?.repetition === undefined ? 0 : (page.repetition[page.at] as number);
  }

  /** Takes the next entry; null if its value is not there. */
  take(): unknown {
    const page = this.#next();
    const there = page.definition === undefined || page.definition[page.at] === this.node.defined;
    const value = there ? page.values.get(page.valueAt) : null;
    if (this.repetition === 0) this.#begun--;
    page.at++;
    if (there) page.valueAt++;
    this.#held.taken++;
    this.#dropRead(page);
    return value;
  }

  /**
   * Takes a row's list of numbers at once, as they lie in memory; undefined, and nothing is taken, where some are missing, they
   * are no plain numbers, or they go on in another page.
   */
  takeNumbers(): Numbers | undefined {
    const page = this.#next();
    const { repetition, definition, values } = page;
    if (repetition === undefined || values.numbers === undefined) return undefined;
    const next = repetition.indexOf(0, page.at + 1);
    if (next < 0 && this.#queue.length > 1 && this.#queue[1]?.repetition?.[0] !== 0) return undefined;
    const count = (next < 0 ? page.entries : next) - page.at;
    if (count > ROW_ENTRIES_MAX) throw this.place.corrupt(`a list of ${count} values, at most ${ROW_ENTRIES_MAX}`);
    if (definition !== undefined && countOther(definition.subarray(page.at, page.at + count), this.node.defined) > 0) return undefined;
    const numbers = values.numbers.slice(page.valueAt, page.valueAt + count);
    page.at += count;
    page.valueAt += count;
    this.#begun--;
    this.#held.taken += count;
    this.#dropRead(page);
    return numbers;
  }

  #next(): Loaded {
    const page = this.#queue[0];
    if (page === undefined) throw this.place.corrupt('ends within a row: its lists are not those of the other columns');
    return page;
  }

  #dropRead(page: Loaded): void {
    if (page.at < page.entries) return;
    this.#queue.shift();
    this.#held.bytes -= page.heldBytes;
  }
}

/** The bytes that a length of 4 bytes in front tells, and the rest. */
function withLength(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const length = bytes.length < 4 ? bytes.length : dataViewOf(bytes).getUint32(0, true);
  if (length > bytes.length - 4) throw new Error(`levels of ${length} bytes, where ${bytes.length - 4} are left`);
  return [bytes.subarray(4, 4 + length), bytes.subarray(4 + length)];
}

/** Of levels whose bits could say more. */
function requireAtMost(levels: Uint8Array, most: number): void {
  for (let i = 0; i < levels.length; i++) if ((levels[i] as number) > most) throw new Error(`level ${levels[i]}, at most ${most}`);
}

function countOther(levels: Uint8Array, level: number): number {
  let count = 0;
  for (let i = 0; i < levels.length; i++) if (levels[i] !== level) count++;
  return count;
}
