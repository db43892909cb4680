// Scales of the plot. Recall is drawn by what is missing to 1, on a logarithmic scale: from .9 to .99 is as far as from .99
// to .999, as is the work to get there. Queries a second are logarithmic too.

/** Recalls beyond are drawn here: what is missing to 1 is then a few rows of a query set. */
export const RECALL_END = 0.9995;

const RECALL_TICKS: readonly number[] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999];

export interface Scale {
  /** Pixels. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

export function recallScale(least: number, from: number, to: number): Scale {
  const depth = (recall: number): number => -Math.log10(1 - Math.min(recall, RECALL_END));
  // A little before the least, so that no line begins on the axis.
  const begin = depth(least) - 0.03;
  const at = (recall: number): number => from + ((depth(recall) - begin) / (depth(1) - begin)) * (to - from);
  return { at, ticks: RECALL_TICKS.filter((tick) => tick >= least) };
}

/** `from` is the pixel of the least value. */
export function logScale(least: number, greatest: number, from: number, to: number): Scale {
  const low = Math.log10(least) - 0.05;
  const high = Math.log10(greatest) + 0.05;
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) for (const digit of [1, 2, 5]) ticks.push(digit * 10 ** power);
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from), ticks: ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high) };
}

/** Moves wished places apart to at least `gap` between neighbours, as little as it takes, within `from` .. `to` if they fit. */
export function spread(wished: readonly number[], gap: number, from: number, to: number): readonly number[] {
  const order = wished.map((_, i) => i).sort((a, b) => (wished[a] as number) - (wished[b] as number) || a - b);
  const places = [...wished];
  let last = from - gap;
  for (const i of order) last = places[i] = Math.max(places[i] as number, last + gap);
  let next = to + gap;
  for (const i of [...order].reverse()) {
    if ((places[i] as number) <= next - gap) break;
    next = places[i] = next - gap;
  }
  return places;
}
