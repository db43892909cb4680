// Range plan: which ranges of a rows file give the vectors of some rows. A request costs about as much as some
// tens of KiB (a disk read 0.1 ms, a request to a server several), so small gaps are read rather than skipped.

/** Gaps below this are read with what is around them: on a disk of 1 GB/s that takes 16 us, less than another request. */
export const GAP_BYTES_MAX = 16 * 1024;
/** Longer ranges are cut, so that several are under way at a time and none takes much memory. */
export const RANGE_BYTES_MAX = 1024 * 1024;

export interface VectorRange {
  readonly group: number;
  /** Row of the group, and number of rows. */
  readonly first: number;
  readonly count: number;
  /** Places in the rows that were asked for, in order of rows. */
  readonly places: readonly number[];
}

/** `firsts`: number of the first row of each group, and the number of all rows. REQUIRES: `rows` below that. */
export function planRanges(rows: Uint32Array, firsts: readonly number[], vectorBytes: number): readonly VectorRange[] {
  const places = Array.from(rows, (_, place) => place).sort((a, b) => (rows[a] as number) - (rows[b] as number));
  const ranges: { group: number; first: number; count: number; places: number[] }[] = [];
  let group = 0;
  for (const place of places) {
    const row = rows[place] as number;
    if (row >= (firsts.at(-1) as number)) throw new RangeError(`row ${row}: expected one below ${firsts.at(-1)}`);
    while (row >= (firsts[group + 1] as number)) group++;
    const at = row - (firsts[group] as number);
    const last = ranges.at(-1);
    const end = last === undefined ? 0 : last.first + last.count;
    const joins = last?.group === group && (at - end) * vectorBytes < GAP_BYTES_MAX && (at + 1 - last.first) * vectorBytes <= RANGE_BYTES_MAX;
    if (last !== undefined && (joins || (last.group === group && at < end))) {
      last.count = Math.max(last.count, at + 1 - last.first);
      last.places.push(place);
    } else ranges.push({ group, first: at, count: 1, places: [place] });
  }
  return ranges;
}
