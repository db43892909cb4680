// Letters: a vector of a text by the groups of letters of its words, hashed: texts with words that are spelled alike are near,
// also where a word is half typed or misspelled. It knows nothing of meaning; there is no model in it, so it runs anywhere.

export const LETTERS_DIM = 512;

const WORD = /[\p{L}\p{N}]+/gu;
const GROUPS = [3, 4, 5];
const WORDS_MAX = 2000;
/** Shorter words say less: their weight is less. */
const FULL_WEIGHT_LETTERS = 7;

/** Of length 1; all zeros if the text has no word. */
export function lettersVector(text: string): Float32Array {
  const vector = new Float32Array(LETTERS_DIM);
  const words = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(WORD) ?? [];
  for (const word of words.slice(0, WORDS_MAX)) addWord(vector, word);
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function addWord(vector: Float32Array, word: string): void {
  const groups = groupsOf(`<${word}>`);
  const weight = Math.min(1, word.length / FULL_WEIGHT_LETTERS) ** 2 / Math.sqrt(groups.length);
  for (const group of groups) {
    const hash = fnv1a(group);
    const at = (hash >>> 1) % LETTERS_DIM;
    vector[at] = (vector[at] as number) + (hash & 1 ? weight : -weight);
  }
}

function groupsOf(word: string): readonly string[] {
  const groups: string[] = [];
  for (const size of GROUPS) for (let at = 0; at + size <= word.length; at++) groups.push(word.slice(at, at + size));
  return groups.length === 0 ? [word] : groups;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ with a last mixing, as its low bits alone are not spread well. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
