// Tokenizers: from a text to tokens, by the names that Milvus gives them. None depends on the Unicode or on the
// dictionaries of the runtime, so that the same text has the same terms everywhere.

import { EAST_ASIAN, SYLLABIC } from './character.js';
import { grams } from './grams.js';
import type { Token, Tokenizer } from './token.js';
import { scanWords } from './word-scan.js';

/** Characters that are not seen and change no word: soft hyphens, joiners, marks of direction. */
const UNSEEN = /[\u00ad\u034f\u061c\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g;
const WIDE = /[\uff00-\uffef]/;

/**
 * Words as letters and digits make them; `joined`: as UAX #29 has them. Scripts without words give grams. Terms are
 * composed (NFC), full and half width forms are folded, and what is not seen is left out.
 */
export function wordTokenizer(joined: boolean): Tokenizer {
  return (text) => {
    const tokens: Token[] = [];
    let position = 0;
    scanWords(text, joined, (start, end, kind, plain) => {
      if (kind === EAST_ASIAN || kind === SYLLABIC) position = addGrams(tokens, text, start, end, plain, position);
      else {
        const term = plain ? text.slice(start, end) : normalized(text.slice(start, end));
        if (term !== '') tokens.push({ term, start, end, position: position++ });
      }
    });
    return tokens;
  };
}

/** Parts at white space, of which there is what UAX #44 has, and changes nothing. */
export const whitespaceTokenizer: Tokenizer = (text) => {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g)) {
    const [term] = match;
    tokens.push({ term, start: match.index, end: match.index + term.length, position: tokens.length });
  }
  return tokens;
};

/** The position after the run. */
function addGrams(tokens: Token[], text: string, start: number, end: number, plain: boolean, position: number): number {
  // A run that normalising changes is cut after it; its grams then all stand where the run does.
  const run = plain ? text : normalized(text.slice(start, end));
  const [from, to] = plain ? [start, end] : [0, run.length];
  let last = position;
  grams(run, from, to, (first, after, unit) => {
    last = position + unit;
    tokens.push({ term: run.slice(first, after), start: plain ? first : start, end: plain ? after : end, position: last });
  });
  return last + 1;
}

function normalized(term: string): string {
  const seen = term.replace(UNSEEN, '');
  return WIDE.test(seen) ? seen.normalize('NFKC') : seen.normalize('NFC');
}

