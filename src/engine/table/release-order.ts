// Release order: what of sealed segments goes first where memory is short: vectors that were used longest ago, then indexes
// and columns. What a call uses stays.

import type { Segment } from './segment.js';
import type { SegmentPart } from './segment-part.js';

/** Releases what is next; undefined if nothing can be. */
export function nextRelease(segments: Iterable<Segment>): (() => void) | undefined {
  let vectors: SegmentPart | undefined;
  let rest: Segment | undefined;
  for (const segment of segments) {
    if (segment.isUsed || segment.stored === undefined) continue;
    for (const part of segment.parts()) if (part.isLoaded && (vectors === undefined || part.lastUse < vectors.lastUse)) vectors = part;
    const isHeavy = segment.columns.bytes > 0 || segment.parts().some(({ hasIndex }) => hasIndex);
    if (isHeavy && (rest === undefined || segment.lastUse < rest.lastUse)) rest = segment;
  }
  if (vectors !== undefined) return () => vectors.drop();
  if (rest === undefined) return undefined;
  return () => {
    for (const part of rest.parts()) part.drop();
    rest.dropColumns();
  };
}
