// NgramIndex: of each text a signature in which every run of a few UTF-16 units sets a bit. A text that has what a pattern
// takes literally has all bits of its runs; who has them is a candidate, to be looked at.

import { bitsetBytes, setBit, type Bitset } from '../../model/bitset.js';
import type { ColumnIndex, IndexAnswer, IndexQuestion } from '../column-indexes.js';
import type { LikePattern } from '../like.js';

const WORD_BITS = 32;
/** Bits of a signature for each unit of a text on average: about 40 % of them are set. */
const BITS_PER_UNIT = 2;
const WORDS_MAX = 64;
/** Texts that are looked at between two steps. */
const STEP_ROWS = 4096;
/** Where more may match than this share, looking at every text is as fast. */
const CANDIDATE_SHARE = 0.5;

export class NgramIndex implements ColumnIndex {
  readonly form = 'ngram';
  readonly bytes: number;
  readonly #gram: number;
  readonly #rows: number;
  /** One word of each row, then the next of each. */
  readonly #planes: readonly Uint32Array[];

  private constructor(gram: number, rows: number, planes: readonly Uint32Array[]) {
    this.#gram = gram;
    this.#rows = rows;
    this.#planes = planes;
    this.bytes = planes.reduce((sum, plane) => sum + plane.byteLength, 0);
  }

  /** Runs are `gram` units long. A step takes a few milliseconds. */
  static *build(texts: readonly string[], gram: number): Generator<void, NgramIndex> {
    const planes = Array.from({ length: wordsFor(texts) }, () => new Uint32Array(texts.length));
    const bits = planes.length * WORD_BITS;
    for (let row = 0; row < texts.length; row++) {
      const text = texts[row] as string;
      for (let at = 0; at + gram <= text.length; at++) {
        const bit = bitOf(text, at, gram, bits);
        const plane = planes[bit >>> 5] as Uint32Array;
        plane[row] = (plane[row] as number) | (1 << (bit & 31));
      }
      if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    return new NgramIndex(gram, texts.length, planes);
  }

  /** What one of these texts holds. */
  static bytesFor(texts: readonly string[]): number {
    return wordsFor(texts) * texts.length * Uint32Array.BYTES_PER_ELEMENT;
  }

  answer(question: IndexQuestion): IndexAnswer | undefined {
    const masks = question.kind === 'like' ? this.#masks(question.pattern) : undefined;
    if (masks === undefined) return undefined;
    const { rows, count } = this.#having(masks);
    return count > this.#rows * CANDIDATE_SHARE ? undefined : { rows, exact: false };
  }

  /** What each word must have; undefined if the pattern has no run that is long enough. */
  #masks({ pieces }: LikePattern): Uint32Array | undefined {
    const masks = new Uint32Array(this.#planes.length);
    let isEmpty = true;
    for (const run of pieces.flat()) {
      if (typeof run !== 'string') continue;
      for (let at = 0; at + this.#gram <= run.length; at++) {
        const bit = bitOf(run, at, this.#gram, masks.length * WORD_BITS);
        masks[bit >>> 5] = (masks[bit >>> 5] as number) | (1 << (bit & 31));
        isEmpty = false;
      }
    }
    return isEmpty ? undefined : masks;
  }

  /** REQUIRES: a mask that is not 0. */
  #having(masks: Uint32Array): { readonly rows: Bitset; readonly count: number } {
    const rows = new Uint8Array(bitsetBytes(this.#rows));
    const words = [...masks.keys()].filter((word) => masks[word] !== 0);
    const planes = words.map((word) => this.#planes[word] as Uint32Array);
    const wanted = words.map((word) => (masks[word] as number) | 0);
    const plane = planes[0] as Uint32Array;
    const mask = wanted[0] as number;
    let count = 0;
    for (let row = 0; row < plane.length; row++) {
      if (((plane[row] as number) & mask) !== mask || !hasAll(planes, wanted, row)) continue;
      setBit(rows, row);
      count++;
    }
    return { rows, count };
  }
}

function hasAll(planes: readonly Uint32Array[], wanted: readonly number[], row: number): boolean {
  for (let at = 1; at < planes.length; at++) {
    const mask = wanted[at] as number;
    if ((((planes[at] as Uint32Array)[row] as number) & mask) !== mask) return false;
  }
  return true;
}

function wordsFor(texts: readonly string[]): number {
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  return Math.min(WORDS_MAX, Math.max(1, Math.ceil((units * BITS_PER_UNIT) / Math.max(1, texts.length) / WORD_BITS)));
}

/** FNV-1a over the units, mixed. */
function bitOf(text: string, at: number, gram: number, bits: number): number {
  let hash = 0x811c_9dc5;
  for (let unit = at; unit < at + gram; unit++) hash = Math.imul(hash ^ text.charCodeAt(unit), 0x0100_0193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b_3c6d) >>> 8) % bits;
}
