// Character: what a code point is to the tokenizers. It is looked up in a table of our own, because those of the runtimes
// differ by the Unicode that they know; a code point that this Unicode does not know is no part of any word.

import { CHARACTER_RUNS, RUNS_END } from './character-runs.js';

/** Spaces, punctuation, symbols. */
export const OTHER = 0;
/** Of a script that parts its words. */
export const LETTER = 1;
export const DIGIT = 2;
/** Belongs to the character before it: a mark, or one that is not seen. */
export const MARK = 3;
/** Of a script that writes syllables without parting words: Thai, Lao, Khmer, Myanmar and their like. */
export const SYLLABIC = 4;
/** Han, kana, bopomofo, hangul, Yi. */
export const EAST_ASIAN = 5;
/** Emoji and their like. */
export const PICTOGRAPH = 6;
/** Not assigned in the Unicode of the table. */
export const UNKNOWN = 7;

let table: Uint8Array | undefined;

/** `codePoint` as String.codePointAt gives it. */
export function classOf(codePoint: number): number {
  table ??= unpack();
  // Beyond the table there are tags, variation selectors and private use.
  return codePoint < RUNS_END ? (table[codePoint] as number) : codePoint >= 0xe0001 && codePoint <= 0xe01ef ? MARK : OTHER;
}

function unpack(): Uint8Array {
  const classes = new Uint8Array(RUNS_END);
  let at = 0;
  for (const [, kind = 'A', length = ''] of CHARACTER_RUNS.matchAll(/([A-H])([0-9a-v]*)/g)) {
    const end = at + (length === '' ? 1 : Number.parseInt(length, 32));
    classes.fill(kind.charCodeAt(0) - 65, at, end);
    at = end;
  }
  return classes;
}
