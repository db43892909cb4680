// Seeded randomness for tests (mulberry32): a failing run is repeated from the seed that it printed.

/** Numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function randomInteger(next: () => number, below: number): number {
  return Math.floor(next() * below);
}

/** A vector with components in [-1, 1). */
export function randomVector(next: () => number, dim: number): Float32Array {
  return Float32Array.from({ length: dim }, () => next() * 2 - 1);
}
