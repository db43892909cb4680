// Answers: where the addon writes the rows that a search found. A small typed array that is made for one call costs
// more to hand to the addon than a small search, so small answers go by way of arrays that are used again and again.

import type { AnnOptions, Candidates } from '../../ports/core.js';

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

/** What a searcher takes and gives in one array (AddonSearcher.search). */
const REQUEST_WORDS = 8;
const PATIENCE_WORD = 4;
const requests = new Uint32Array(REQUEST_WORDS + 4 * PLACES);
const requestFloats = new Float32Array(requests.buffer);

/** As `withAnswers`, of a search that takes its request and writes its answers, with errors or not, in one array. */
export function withRequest(count: number, k: number, { effort, keep, rerank, patience }: AnnOptions, hasErrors: boolean, search: (room: Uint32Array) => void): Candidates {
  const places = count * k;
  const words = REQUEST_WORDS + count + (hasErrors ? 3 : 2) * places;
  const ours = words <= requests.length;
  const all = ours ? requests : new Uint32Array(words);
  const floats = ours ? requestFloats : new Float32Array(all.buffer);
  all[0] = k;
  all[1] = effort;
  all[2] = keep;
  all[3] = rerank;
  floats[PATIENCE_WORD] = patience;
  search(all);
  const rows = REQUEST_WORDS + count;
  const scores = rows + places;
  const errors = scores + places;
  const found = { k, counts: all.slice(REQUEST_WORDS, rows), rows: all.slice(rows, scores), scores: floats.slice(scores, errors) };
  return hasErrors ? { ...found, errors: floats.slice(errors, errors + places) } : found;
}
