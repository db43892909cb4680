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
/** Merges are behind with so many dead rows for each live one, or as many as if there were at least so many live ones. */
const DEAD_MAX = 2;
const LIVE_MIN = 1 / 4;
/** Or with so many segments below this size. */
const SMALL_MAX = 64;
const SMALL = 1 / FAN_IN_SMALL;

/** How far merges are behind if there are any to do: from 1 on they are. */
export function backlogOf(segments: readonly (SegmentSize | undefined)[]): number {
  let live = 0;
  let dead = 0;
  let small = 0;
  for (const segment of segments) {
    if (segment === undefined) continue;
    live += segment.live;
    dead += segment.dead;
    if (segment.live + segment.dead < SMALL) small++;
  }
  return Math.max(dead / (DEAD_MAX * Math.max(live, LIVE_MIN)), small / SMALL_MAX);
}

/**
 * The run that is most worth merging, if any is: the one that gains most for what it writes, or with `isBehind` the one that gains
 * most. Undefined in `segments` is what cannot be merged, nor merged across.
 */
export function worthMerging(segments: readonly (SegmentSize | undefined)[], isBehind = false): Run | undefined {
  let best: (Run & { readonly rank: number }) | undefined;
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
      const gain = dead + (live === 0 ? 0 : live * levelOf(live)) - levels;
      const worth = live === 0 ? Number.POSITIVE_INFINITY : gain / live + ROUNDING;
      const rank = isBehind ? gain : worth;
      if (worth >= 1 && (best === undefined || rank > best.rank)) best = { first, end, rank };
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
