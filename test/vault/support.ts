// What the vault's tests share: keys, a vault over a key that is known, and randomness from a seed.

import { bytesOfHex } from '../../src/format/bytes.js';
import { BlockCache } from '../../src/engine/files/block-cache.js';
import { SealedVault } from '../../src/engine/files/sealed-vault.js';
import { webCipher } from '../../src/platform/cipher.js';
import type { Ambient } from '../../src/ports/ambient.js';
import type { Cipher, DataKey } from '../../src/ports/cipher.js';
import { testAmbient } from '../support/database.js';
import { random } from '../support/random.js';
import { gcmOpen } from './by-hand.js';

export const KEY = bytesOfHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
export const OTHER_KEY = KEY.map((byte) => byte ^ 0x80);

export function noise(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const next = random(seed);
  return Uint8Array.from({ length }, () => next() * 256);
}

export interface KnownVault {
  readonly vault: SealedVault;
  /** The bytes of its data key. */
  readonly dataKey: Uint8Array;
  readonly key: DataKey;
  readonly ambient: Ambient;
}

export async function knownVault(seed = 1, cipher: Cipher = webCipher): Promise<KnownVault> {
  const ambient = testAmbient(seed);
  const master = await cipher.masterKey(KEY);
  const context = { nonce: ambient.randomBytes(12), about: new Uint8Array(3) };
  const wrapped = await master.generate(context);
  const key = (await master.unwrap(wrapped, context)) as DataKey;
  return { vault: new SealedVault(key, ambient, new BlockCache(4 * 2 ** 20)), dataKey: gcmOpen(KEY, context.nonce, wrapped, context.about), key, ambient };
}
