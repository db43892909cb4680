// Word lists: filters that are made of words: stop words, parts of compounds, synonyms.

import type { TermFilter } from './token.js';

export function stopFilter(words: Iterable<string>): TermFilter {
  const stopped = new Set(words);
  return (term) => (stopped.has(term) ? undefined : term);
}

/**
 * A compound becomes its parts where words of the list make up all of it, the longest first; else it stays. Time is that of
 * the term's length times the longest word's.
 */
export function decompounder(words: readonly string[]): TermFilter {
  const parts = new Set(words);
  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  return (term) => split(term, parts, longest) ?? term;
}

/** From the end to the start: `ends[i]` is where the part ends that begins at i, if words make up the rest from there. */
function split(term: string, parts: ReadonlySet<string>, longest: number): readonly string[] | undefined {
  const ends = new Array<number>(term.length + 1).fill(0);
  ends[term.length] = term.length;
  for (let start = term.length - 1; start >= 0; start--) {
    for (let end = Math.min(term.length, start + longest); end > start; end--) {
      if (ends[end] === 0 || !parts.has(term.slice(start, end))) continue;
      ends[start] = end;
      break;
    }
  }
  if (ends[0] === 0 || term === '') return undefined;
  const found: string[] = [];
  for (let at = 0; at < term.length; at = ends[at] as number) found.push(term.slice(at, ends[at]));
  return found;
}

/**
 * Rules as `a, b => c, d`, where a and b become c and d, or `a, b, c`, which are equal: with `expand` each becomes all of
 * them, without it the first.
 */
export function synonyms(rules: readonly string[], expand: boolean): TermFilter {
  const becomes = new Map<string, string[]>();
  const add = (from: string, to: readonly string[]): void => {
    const all = becomes.get(from) ?? [];
    for (const word of to) if (!all.includes(word)) all.push(word);
    becomes.set(from, all);
  };
  for (const rule of rules) {
    const [left = '', right] = rule.split('=>').map((side) => side.split(',').map((word) => word.trim()).filter((word) => word !== ''));
    for (const word of left) add(word, right ?? (expand ? left : (left as string[]).slice(0, 1)));
  }
  return (term) => becomes.get(term) ?? term;
}
