// Sample: a hash of primary keys, so that the same rows are drawn again, in whatever segment, copy or order they are.
// The mixing is that of MurmurHash3 (A. Appleby), 32 bits.

import type { Columns } from '../../model/columns.js';
import { require } from '../../model/errors.js';

/** The hash of each row's key, unsigned. */
export function keyHashes(columns: Columns, name: string, seed: number): Uint32Array {
  const column = columns.byName.get(name);
  if (column?.type === 'VarChar') return Uint32Array.from(column.values, (text) => hashText(text, seed));
  require(column?.type === 'Int64', () => `column "${name}": expected a primary key, found ${column?.type ?? 'none'}`);
  // Little-endian, as is every machine that runs WebAssembly.
  const words = new Uint32Array(column.values.buffer, column.values.byteOffset, column.values.length * 2);
  return Uint32Array.from({ length: column.values.length }, (_, row) => finish(mix(mix(seed, words[row * 2] as number), words[row * 2 + 1] as number), 8));
}

function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 2) hash = mix(hash, text.charCodeAt(at) | (at + 1 < text.length ? text.charCodeAt(at + 1) << 16 : 0));
  return finish(hash, text.length * 2);
}

function mix(hash: number, word: number): number {
  const k = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ k, 13), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
