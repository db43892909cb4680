// Posting growth: how the lists of postings in memory grow, whose room doubles, and what that takes.

/** Places of a list that begins. */
export const POSTINGS_FIRST = 4;
/** Of a term beside its rows and values; of one of these. */
export const TERM_BYTES = 120;
export const POSTING_BYTES = 8;

/** What a term has of lists of that length. */
interface Listed {
  readonly rows: { readonly length: number };
  readonly count: number;
}

/** What postings of these terms, one for each, take more in memory. */
export function postingBytesToAdd(terms: Uint32Array, listed: ReadonlyMap<number, Listed>): number {
  const counts = new Map<number, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  let bytes = 0;
  for (const [term, count] of counts) {
    const list = listed.get(term);
    const before = list?.rows.length ?? 0;
    let room = Math.max(before, POSTINGS_FIRST);
    while (room < (list?.count ?? 0) + count) room *= 2;
    bytes += (room - before) * POSTING_BYTES + (list === undefined ? TERM_BYTES : 0);
  }
  return bytes;
}
