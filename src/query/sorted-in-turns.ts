// SortedInTurns: a long list sorted in pieces, which are merged two by two, with others served in between.

/** Sorted, or merged, in one turn. */
export const SORTED_IN_TURN = 2048;

type Compare<T> = (a: T, b: T) => number;

/** A sorted copy; items that are equal stay as they are. Of up to `SORTED_IN_TURN` items all is done at once. */
export async function sortedInTurns<T>(items: readonly T[], compare: Compare<T>, pause: () => Promise<void>): Promise<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let first = 0; first < items.length; first += SORTED_IN_TURN) {
    if (first > 0) await pause();
    runs.push(items.slice(first, first + SORTED_IN_TURN).sort(compare));
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergedInTurns(runs[at] as readonly T[], runs[at + 1] ?? [], compare, pause));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergedInTurns<T>(a: readonly T[], b: readonly T[], compare: Compare<T>, pause: () => Promise<void>): Promise<readonly T[]> {
  if (b.length === 0) return a;
  // As where rows come in their order.
  if (compare(a[a.length - 1] as T, b[0] as T) <= 0) return [...a, ...b];
  if (compare(b[b.length - 1] as T, a[0] as T) < 0) return [...b, ...a];
  const merged: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (merged.length % SORTED_IN_TURN === 0) await pause();
    merged.push(j === b.length || (i < a.length && compare(a[i] as T, b[j] as T) <= 0) ? (a[i++] as T) : (b[j++] as T));
  }
  return merged;
}
