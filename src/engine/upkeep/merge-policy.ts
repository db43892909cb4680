// Merge policy: which adjacent sealed segments are worth merging. A pure function of their sizes, 1 being the size at which
// a growing segment is sealed.
//
// Every row has a level: the logarithm of its segment's size when that was written. A merge is worth what it writes if its
// rows gain as many levels, or as many dead rows go. So all merges together write, for each row, at most the levels
// between the smallest and the largest segment, and once what died in sealed segments.

/** What the policy knows of a sealed segment. */
export interface SegmentSize {
  readonly live: number;
  readonly dead: number;
}

/** Segments `first` to `end`, less that. */
export interface Run {
  readonly first: number;
  readonly end: number;
}

/** A merged segment has at most this size, or that of one segment. Batches make sealed ones somewhat larger than 1. */
export const MERGED_SIZE_MAX = 5;
/** Times that a segment grows for one level, up to size 1 and beyond: small ones cost a search little. */
const FAN_IN_SMALL = 8;
const FAN_IN = 4;
/** Segments that are merged at once at most. */
const SEGMENTS_MAX = 64;
/** What adding up sizes may lose. */
const ROUNDING = 1e-9;

/** The run that is most worth merging, if any is. Undefined in `segments` is what cannot be merged, nor merged across. */
export function worthMerging(segments: readonly (SegmentSize | undefined)[]): Run | undefined {
  let best: (Run & { readonly worth: number }) | undefined;
  for (let first = 0; first < segments.length; first++) {
    let live = 0;
    let dead = 0;
    let levels = 0;
    for (let end = first + 1; end <= Math.min(segments.length, first + SEGMENTS_MAX); end++) {
      const segment = segments[end - 1];
      if (segment === undefined) break;
      live += segment.live;
      dead += segment.dead;
      levels += segment.live === 0 ? 0 : segment.live * levelOf(segment.live + segment.dead);
      if (end - first > 1 && live > MERGED_SIZE_MAX) break;
      const worth = live === 0 ? Number.POSITIVE_INFINITY : (dead + live * levelOf(live) - levels) / live + ROUNDING;
      if (worth >= 1 && (best === undefined || worth > best.worth)) best = { first, end, worth };
    }
  }
  return best && { first: best.first, end: best.end };
}

/** Runs, in order, whose merging leaves as few segments as may be, and no dead row. */
export function allMerging(segments: readonly (SegmentSize | undefined)[]): readonly Run[] {
  const runs: Run[] = [];
  let first = 0;
  while (first < segments.length) {
    let live = 0;
    let dead = 0;
    let end = first;
    for (let segment = segments[end]; segment !== undefined; segment = segments[end]) {
      if (end > first && (live + segment.live > MERGED_SIZE_MAX || end - first === SEGMENTS_MAX)) break;
      live += segment.live;
      dead += segment.dead;
      end++;
    }
    if (end - first > 1 || dead > 0) runs.push({ first, end });
    first = Math.max(end, first + 1);
  }
  return runs;
}

function levelOf(size: number): number {
  return Math.log(size) / Math.log(size < 1 ? FAN_IN_SMALL : FAN_IN);
}
