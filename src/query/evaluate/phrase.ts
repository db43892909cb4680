// Phrase: whether the terms of a query stand in a text as they do in the query, up to so many moves. A term of the
// query is moved by how far it stands from where the phrase would have it; the phrase matches if there are tokens of the
// text, each taken once, whose moves differ by at most `slop`. So two terms that change places take a slop of 2.

import type { Term } from '../context.js';

/** REQUIRES: both in order of their positions. */
export function phraseMatches(query: readonly Term[], text: readonly Term[], slop: number): boolean {
  if (query.length === 0) return false;
  const places = placesOf(text);
  const groups: PlacedGroup[] = [];
  for (const [term, offsets] of phraseGroups(query)) {
    const at = places.get(term);
    if (at === undefined) return false;
    groups.push({ offsets, at });
  }
  return placesFit(groups, slop);
}

/** The offsets of each term in a query. REQUIRES: in order of their positions. */
export function phraseGroups(query: readonly Term[]): ReadonlyMap<string, readonly number[]> {
  return placesOf(query);
}

/** What one term of the query asks for: the offsets that it has there, and where the text has it. Both ascend, and there is one at least. */
export interface PlacedGroup {
  readonly offsets: readonly number[];
  readonly at: readonly number[];
}

/** Whether a text that has the terms at these places matches. REQUIRES: a group at least. */
export function placesFit(groups: readonly PlacedGroup[], slop: number): boolean {
  for (const least of leastMoves(groups, slop)) if (groups.every((group) => fits(group, least, slop))) return true;
  return false;
}

/** Moves that may be the least of a match: those of all tokens, or those from which the rarest term is in reach, if they are fewer. */
function leastMoves(groups: readonly PlacedGroup[], slop: number): ReadonlySet<number> {
  const rarest = groups.reduce((a, b) => (b.at.length < a.at.length ? b : a));
  const all = groups.reduce((sum, { offsets, at }) => sum + offsets.length * at.length, 0);
  const moves = new Set<number>();
  if (all <= rarest.at.length * (slop + 1)) {
    for (const { offsets, at } of groups) for (const offset of offsets) for (const position of at) moves.add(position - offset);
    return moves;
  }
  for (const position of rarest.at) for (let less = 0; less <= slop; less++) moves.add(position - (rarest.offsets[0] as number) - less);
  return moves;
}

function placesOf(terms: readonly Term[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const { term, position } of terms) {
    const known = places.get(term);
    if (known === undefined) places.set(term, [position]);
    else known.push(position);
  }
  return places;
}

/** Whether each offset gets a place of its own, moved by `least` to `least + slop`: the first that is left, as both ascend. */
function fits({ offsets, at }: PlacedGroup, least: number, slop: number): boolean {
  let next = 0;
  for (const offset of offsets) {
    while (next < at.length && (at[next] as number) < offset + least) next++;
    if (next === at.length || (at[next] as number) > offset + least + slop) return false;
    next++;
  }
  return true;
}
