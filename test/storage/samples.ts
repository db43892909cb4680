// Bytes to store, and what a refusal looks like.

import { expect } from 'vitest';
import { ElanusError, type ErrorCode } from '../../src/model/errors.js';

export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

/** Bytes in which neither shifting by a chunk nor mixing up two seeds goes unseen. */
export function pattern(sizeBytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0, state = seed + 1; i < sizeBytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** As toEqual, without its cost on millions of bytes. */
export function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The ElanusError of `code` that `call` must fail with. */
export async function refusal(code: ErrorCode, call: () => Promise<unknown>): Promise<ElanusError> {
  const outcome = await call().then(() => 'no refusal', (error: unknown) => error);
  if (!(outcome instanceof ElanusError)) throw new Error(`expected ElanusError ${code}, found ${String(outcome)}`, { cause: outcome });
  expect(`${outcome.code}: ${outcome.message}`).toMatch(new RegExp(`^${code}: .`));
  return outcome;
}
