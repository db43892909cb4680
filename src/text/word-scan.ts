// Word scan: cuts a text into words by the classes of its characters, in one pass over it. Scripts that part their words
// give words; those that do not give runs, which are cut further by `grams`.

import { classOf, DIGIT, EAST_ASIAN, LETTER, MARK, PICTOGRAPH, SYLLABIC } from './character.js';

/** Text from `start` to `end` (UTF-16 units) is a word, or a run of a script without words. `plain`: it needs no normalising. */
export type WordSink = (start: number, end: number, kind: number, plain: boolean) => void;

const MID_LETTER = new Set([...":.'’‘··‧․︓﹕﹒：．＇"].map((char) => char.charCodeAt(0)));
const MID_DIGIT = new Set([...".,;'’‘․٬،﹒，．；＇"].map((char) => char.charCodeAt(0)));
const UNDERSCORE = 0x5f;
const DOUBLE_QUOTE = 0x22;

/**
 * Tells every word in order. A word is letters and digits with their marks. `joined`: as UAX #29 has it, also what stands
 * between two letters or digits without parting them (can't, 3.14, a_b), and pictographs are words too.
 */
export function scanWords(text: string, joined: boolean, sink: WordSink): void {
  const length = text.length;
  let at = 0;
  while (at < length) {
    const codePoint = text.codePointAt(at) as number;
    const kind = classOf(codePoint);
    const next = at + (codePoint > 0xffff ? 2 : 1);
    if (kind === LETTER || kind === DIGIT || (joined && codePoint === UNDERSCORE)) at = word(text, at, joined, sink);
    else if (kind === SYLLABIC || kind === EAST_ASIAN || (joined && kind === PICTOGRAPH)) at = run(text, at, kind, sink);
    else at = next;
  }
}

/** The end of the word that begins at `start`. */
function word(text: string, start: number, joined: boolean, sink: WordSink): number {
  const length = text.length;
  let at = start;
  let base = 0; // the class of the last character that is no mark
  let before = 0; // and that character
  let plain = true;
  let hasLetters = false;
  while (at < length) {
    const codePoint = text.codePointAt(at) as number;
    const kind = classOf(codePoint);
    if (kind === LETTER || kind === DIGIT) {
      [base, before] = [kind, codePoint];
      hasLetters = true;
      if (codePoint >= 0xff00 && codePoint <= 0xffef) plain = false;
    } else if (kind === MARK) plain = false;
    else if (!joined || !joins(text, at, codePoint, base, before)) break;
    else if (codePoint === UNDERSCORE) base = UNDERSCORE;
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (hasLetters) sink(start, at, LETTER, plain);
  return at;
}

/** Whether what stands at `at`, no letter, digit or mark, goes on with a word. */
function joins(text: string, at: number, codePoint: number, base: number, before: number): boolean {
  if (codePoint === UNDERSCORE) return true;
  const next = text.codePointAt(at + 1) ?? 0;
  if (base === LETTER) {
    if (codePoint === DOUBLE_QUOTE) return isHebrew(before) && isHebrew(next);
    return MID_LETTER.has(codePoint) && classOf(next) === LETTER;
  }
  return base === DIGIT && MID_DIGIT.has(codePoint) && classOf(next) === DIGIT;
}

const isHebrew = (codePoint: number): boolean => codePoint >= 0x5d0 && codePoint <= 0x5ea;

/** The end of the run of characters of one kind, with their marks, that begins at `start`. */
function run(text: string, start: number, kind: number, sink: WordSink): number {
  const length = text.length;
  let at = start;
  let plain = true;
  while (at < length) {
    const codePoint = text.codePointAt(at) as number;
    const found = classOf(codePoint);
    if (found === MARK) plain &&= kind === SYLLABIC && codePoint < 0x2000;
    else if (found !== kind) break;
    else if ((codePoint >= 0xff00 && codePoint <= 0xffef) || (codePoint >= 0x1100 && codePoint <= 0x11ff)) plain = false;
    at += codePoint > 0xffff ? 2 : 1;
  }
  sink(start, at, kind, plain);
  return at;
}
