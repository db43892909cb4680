// Grams: scripts that do not part their words are indexed by their characters and by every two neighbours. No dictionary is
// needed, so every runtime gives the same terms, and a word that no dictionary has is found as well.
//
// A character is what is written as one: a base with its marks, in the scripts of South-East Asia with the vowels that are
// written before and behind it, stacked consonants, and in Burmese the consonant that ends the syllable.

import { classOf, MARK } from './character.js';

/** Text from `start` to `end` is a gram; `unit` tells how many characters of the run are before it. */
export type GramSink = (start: number, end: number, unit: number) => void;

/** Tells all grams of the run, by where they start, the shorter first. */
export function grams(text: string, start: number, end: number, sink: GramSink): void {
  let unit = 0;
  let first = start;
  let second = unitEnd(text, first, end);
  while (second < end) {
    const third = unitEnd(text, second, end);
    sink(first, second, unit);
    sink(first, third, unit);
    [first, second] = [second, third];
    unit++;
  }
  sink(first, second, unit);
}

/** Where the character ends that begins at `start`. */
function unitEnd(text: string, start: number, end: number): number {
  let at = start + (isPair(text, start) ? 2 : 1);
  while (at < end && !begins(text, at)) at += isPair(text, at) ? 2 : 1;
  return at;
}

const isPair = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xd800;

/** Whether a character begins at `at`, which is not the start of the run. */
function begins(text: string, at: number): boolean {
  const codePoint = text.codePointAt(at) as number;
  if (classOf(codePoint) === MARK) return false;
  if (codePoint < 0xe00 || codePoint > 0x1aad) return true;
  return !isTrailingVowel(codePoint) && !joinsNext(text.charCodeAt(at - 1)) && !endsSyllable(text.charCodeAt(at + 1));
}

/** Thai and Lao: a, aa and the sign of repetition. */
function isTrailingVowel(unit: number): boolean {
  return unit === 0xe30 || unit === 0xe32 || unit === 0xe45 || unit === 0xe46 || unit === 0xeb0 || unit === 0xeb2 || unit === 0xec6;
}

/** Thai and Lao: vowels written before their consonant. Burmese, Khmer, Tai Tham: what stacks the next consonant. */
function joinsNext(unit: number): boolean {
  return (unit >= 0xe40 && unit <= 0xe44) || (unit >= 0xec0 && unit <= 0xec4) || unit === 0x1039 || unit === 0x17d2 || unit === 0x1a60;
}

/** Burmese: the mark of a consonant without a vowel, or of one that has another stacked below. */
function endsSyllable(next: number): boolean {
  return next === 0x103a || next === 0x1039;
}
