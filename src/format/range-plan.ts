// Range plan: which ranges of a rows file give some vectors. A request costs about as much as some tens of KiB (a
// disk read 0.1 ms, a request to a server several), so small gaps are read rather than skipped.

/** Gaps below this are read with what is around them: on a disk of 1 GB/s that takes 16 us, less than another request. */
export const GAP_BYTES_MAX = 16 * 1024;
/** Longer ranges are cut, so that several are under way at a time and none takes much memory. */
export const RANGE_BYTES_MAX = 1024 * 1024;

export interface WantedVector {
  readonly group: number;
  /** Number among the vectors of its group. */
  readonly at: number;
  /** Place in what was asked for. */
  readonly place: number;
}

export interface VectorRange {
  readonly group: number;
  /** Vectors `first` to `first + count` of the group. */
  readonly first: number;
  readonly count: number;
  readonly wanted: readonly WantedVector[];
}

export function planRanges(wanted: readonly WantedVector[], vectorBytes: number): readonly VectorRange[] {
  const ranges: { group: number; first: number; count: number; wanted: WantedVector[] }[] = [];
  for (const vector of [...wanted].sort((a, b) => a.group - b.group || a.at - b.at)) {
    const last = ranges.at(-1);
    const count = last === undefined ? 0 : vector.at + 1 - last.first;
    const joins = last?.group === vector.group && (count - 1 - last.count) * vectorBytes < GAP_BYTES_MAX && (count <= last.count || count * vectorBytes <= RANGE_BYTES_MAX);
    if (last === undefined || !joins) ranges.push({ group: vector.group, first: vector.at, count: 1, wanted: [vector] });
    else {
      last.count = count;
      last.wanted.push(vector);
    }
  }
  return ranges;
}
