// Answers: where the addon writes the rows that a search found. A small typed array that is made for one call costs
// more to hand to the addon than a small search, so small answers go by way of arrays that are used again and again.

import type { Candidates } from '../../ports/core.js';

/** Room for `count` answers of k places. */
interface Room {
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
}

const PLACES = 1024;
/** Of all cores alike: a search fills it and its answers are copied before anything else runs. */
const shared = room(PLACES, PLACES);

function room(count: number, places: number): Room {
  return { counts: new Uint32Array(count), rows: new Uint32Array(places), scores: new Float32Array(places) };
}

/** The answers that `search` writes for `count` queries and k rows each, in arrays that are the caller's. */
export function withAnswers(count: number, k: number, search: (at: Room) => void): Candidates {
  const places = count * k;
  if (places > PLACES) {
    const own = room(count, places);
    search(own);
    return { k, ...own };
  }
  search(shared);
  return { k, counts: shared.counts.slice(0, count), rows: shared.rows.slice(0, places), scores: shared.scores.slice(0, places) };
}
