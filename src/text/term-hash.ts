// Term hash: the number of a term, by which it is kept in sparse indexes: docs/format.md, section 9. It is MurmurHash3's 32-bit
// form over the UTF-16 units of the term, two to a word, but for 2^32 - 1, which is no index of a sparse vector. Stored indexes depend on it: do not change it.
//
// Two terms may share a number: then each finds what the other is in too. Of a million distinct terms, any one shares its
// number with another in 1 of 4,295 cases (10^6 / 2^32).

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** From 0 to 2^32 - 2. */
export function termHash(term: string): number {
  const length = term.length;
  let hash = 0;
  for (let at = 0; at + 1 < length; at += 2) {
    hash ^= mixed(term.charCodeAt(at) | (term.charCodeAt(at + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (length % 2 === 1) hash ^= mixed(term.charCodeAt(length - 1));
  hash ^= length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.min((hash ^ (hash >>> 16)) >>> 0, 0xffff_fffe);
}

function mixed(word: number): number {
  const product = Math.imul(word, C1);
  return Math.imul((product << 15) | (product >>> 17), C2);
}
