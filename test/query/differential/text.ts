// Terms and samples of the differential test.

export interface PlacedTerm {
  readonly term: string;
  readonly position: number;
}

/** An analyzer simple enough to be seen through: words of letters and digits, small, without "the". */
export function termsOf(text: string): readonly PlacedTerm[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((term, position) => ({ term, position })).filter(({ term }) => term !== 'the');
}

const MASK = 0xffff_ffffn;

/** Whether the hash of a key, in unlimited arithmetic, falls below the share. */
export function sampled(key: bigint | string, share: number, seed: number): boolean {
  const words = typeof key === 'string' ? unitPairs(key) : [key & MASK, (key >> 32n) & MASK];
  let hash = BigInt(seed);
  for (const word of words) {
    const mixed = (rotated((word * 0xcc9e2d51n) & MASK, 15n) * 0x1b873593n) & MASK;
    hash = (rotated(hash ^ mixed, 13n) * 5n + 0xe6546b64n) & MASK;
  }
  hash ^= BigInt(typeof key === 'string' ? key.length * 2 : 8);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & MASK;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & MASK;
  hash ^= hash >> 16n;
  return Number(hash) < Math.round(share * 2 ** 32);
}

function rotated(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (32n - bits))) & MASK;
}

function unitPairs(text: string): readonly bigint[] {
  const units = Array.from({ length: text.length }, (_, at) => BigInt(text.charCodeAt(at)));
  return units.flatMap((unit, at) => (at % 2 === 1 ? [] : [unit | ((units[at + 1] ?? 0n) << 16n)]));
}
