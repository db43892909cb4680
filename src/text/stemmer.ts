// Stemmer: what terms of one language have in common stands for them. Results are remembered, as texts say the same words
// again and again.

import type { Stem } from './languages.js';
import type { TermFilter } from './token.js';

const REMEMBERED_MAX = 16_384;
/** No word of a language is longer; and the time that a stemmer takes is bounded. */
const LENGTH_MAX = 64;

export function stemmerFilter(stem: Stem): TermFilter {
  const remembered = new Map<string, string>();
  return (term) => {
    const known = remembered.get(term);
    if (known !== undefined) return known;
    const stemmed = term.length > LENGTH_MAX ? term : stem(term) || term;
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(term, stemmed);
    return stemmed;
  };
}
