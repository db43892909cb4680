// Letters: filters that change or judge the characters of a term. What they do to a character is the same in every
// runtime: those that our table does not know are left as they are, since runtimes differ in what they know of them.

import { classOf, EAST_ASIAN, MARK, OTHER, UNKNOWN } from './character.js';
import type { TermFilter } from './token.js';

const ASCII = /^[\0-\x7f]*$/;

export const lowercase: TermFilter = (term) => {
  if (ASCII.test(term) || every(term, (kind) => kind !== UNKNOWN)) return term.toLowerCase();
  let lower = '';
  for (const char of term) lower += classOf(char.codePointAt(0) as number) === UNKNOWN ? char : char.toLowerCase();
  return lower;
};

/** Letters that are a basic one with something through it, or two at once, and have no decomposition in Unicode. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ß: 'ss', ẞ: 'SS', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'TH', ł: 'l', Ł: 'L', ħ: 'h', Ħ: 'H', ı: 'i',
  ŋ: 'n', Ŋ: 'N', ŧ: 't', Ŧ: 'T', ĸ: 'q', ƀ: 'b', ɓ: 'b', Ɓ: 'B', ƈ: 'c', Ƈ: 'C', ɖ: 'd', Ɖ: 'D', ɗ: 'd', Ɗ: 'D', ǝ: 'e', Ǝ: 'E', ə: 'e', Ə: 'E', ɛ: 'e', Ɛ: 'E', ƒ: 'f', Ƒ: 'F',
  ɠ: 'g', Ɠ: 'G', ɣ: 'g', Ɣ: 'G', ɩ: 'i', Ɩ: 'I', ɨ: 'i', Ɨ: 'I', ƙ: 'k', Ƙ: 'K', ƚ: 'l', Ƚ: 'L', ɲ: 'n', Ɲ: 'N', ƞ: 'n', Ƞ: 'N', ɔ: 'o', Ɔ: 'O', ɵ: 'o', Ɵ: 'O', ƥ: 'p', Ƥ: 'P',
  ƭ: 't', Ƭ: 'T', ʈ: 't', Ʈ: 'T', ʋ: 'v', Ʋ: 'V', ƴ: 'y', Ƴ: 'Y', ƶ: 'z', Ƶ: 'Z', '‘': "'", '’': "'", '“': '"', '”': '"', '–': '-', '—': '-', '‐': '-', '‑': '-', '′': "'", '…': '...', '⁄': '/',
}; // prettier-ignore

/** Each character that has an ASCII form becomes it: without its marks, narrow, upright. Others stay. */
export const asciiFolding: TermFilter = (term) => {
  if (ASCII.test(term)) return term;
  let folded = '';
  for (const char of term.normalize('NFC')) folded += foldedChar(char);
  return folded;
};

function foldedChar(char: string): string {
  const known = UNDECOMPOSED[char];
  if (known !== undefined) return known;
  if (classOf(char.codePointAt(0) as number) === UNKNOWN) return char;
  const bare = char.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return bare !== '' && ASCII.test(bare) ? bare : char;
}

/** Whether all characters are of ASCII's letters and digits. */
export const isAlphanumeric = (term: string): boolean => /^[A-Za-z0-9]+$/.test(term);

const isHan = (term: string): boolean => term !== '' && every(term, (kind) => kind === EAST_ASIAN || kind === MARK);

export const alphaNumOnly: TermFilter = (term) => (isAlphanumeric(term) ? term : undefined);
export const cnCharOnly: TermFilter = (term) => (isHan(term) ? term : undefined);
/** Terms of Chinese characters and of ASCII's letters and digits. */
export const cnAlphaNumOnly: TermFilter = (term) => (isAlphanumeric(term) || isHan(term.replace(/[A-Za-z0-9]/g, '一')) ? term : undefined);
/** Without terms of punctuation and symbols alone. */
export const removePunct: TermFilter = (term) => (every(term, (kind) => kind === OTHER) ? undefined : term);

function every(term: string, holds: (kind: number) => boolean): boolean {
  for (let at = 0; at < term.length; ) {
    const codePoint = term.codePointAt(at) as number;
    if (!holds(classOf(codePoint))) return false;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return true;
}
