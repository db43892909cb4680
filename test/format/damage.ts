// Damage: flipped bits and truncations, and the claim that a reader refuses each by an error that names the file.
// Readers under test are told that the file is called FILE.

import { expect } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';

/** `bytes` with bit `bit` of byte `at` inverted. */
export function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[at] = (damaged[at] as number) ^ (1 << bit);
  return damaged;
}

/** The error that `read` throws: it must be one that names the file. */
export function refusalOf(read: () => unknown, context: string): ElanusError {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ElanusError)) throw new Error(`${context}: expected an ElanusError`, { cause: error });
    const isRefusal = (error.code === 'Corrupt' || error.code === 'Unsupported') && error.file === 'FILE' && error.message.includes('FILE');
    if (!isRefusal) expect.fail(`${context}: expected Corrupt or Unsupported naming the file, found ${error.code}: ${error.message}`);
    return error;
  }
  throw new Error(`${context}: expected a refusal, it was read`);
}

/** Every bit of every byte flipped, and every truncation: `read` refuses each. */
export function expectEveryDamageRefused(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) refusalOf(() => read(flipped(bytes, at, bit)), `bit ${bit} of byte ${at} flipped`);
    refusalOf(() => read(bytes.subarray(0, at)), `cut to ${at} bytes`);
  }
  refusalOf(() => read(Uint8Array.of(...bytes, 0)), 'a byte longer');
}
