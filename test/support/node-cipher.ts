// The Cipher port by node:crypto: for the simulator, where nothing may wait for a thread, and to compare WebCrypto with.

import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Cipher, DataKey, FileKey, MasterKey, WrapContext } from '../../src/ports/cipher.js';
import { gcmOpen } from '../vault/by-hand.js';

const KEY_BYTES = 32;

/** `random` gives the data keys. */
export function nodeCipher(random: (count: number) => Uint8Array = (count) => Uint8Array.from(randomBytes(count))): Cipher {
  return {
    async masterKey(key) {
      if (!(key instanceof Uint8Array)) throw new TypeError('bytes alone');
      return new NodeMasterKey(key.slice(), random);
    },
  };
}

class NodeMasterKey implements MasterKey {
  constructor(private readonly key: Uint8Array, private readonly random: (count: number) => Uint8Array) {}

  async generate(context: WrapContext): Promise<Uint8Array<ArrayBuffer>> {
    return gcmSeal(this.key, context.nonce, this.random(KEY_BYTES), context.about);
  }

  async unwrap(wrapped: Uint8Array, context: WrapContext): Promise<DataKey | undefined> {
    const key = gcmTry(this.key, context.nonce, wrapped, context.about);
    return key && { fileKey: async (salt, info) => fileKey(new Uint8Array(hkdfSync('sha256', key, salt, info, KEY_BYTES))) };
  }

  async rewrap(wrapped: Uint8Array, context: WrapContext, next: MasterKey, nextContext: WrapContext): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const key = gcmTry(this.key, context.nonce, wrapped, context.about);
    return key && gcmSeal((next as NodeMasterKey).key, nextContext.nonce, key, nextContext.about);
  }
}

function fileKey(key: Uint8Array): FileKey {
  return {
    encrypt: async (nonce, plain, authentic) => gcmSeal(key, nonce, plain, authentic),
    decrypt: async (nonce, sealed, authentic) => gcmTry(key, nonce, sealed, authentic),
  };
}

function gcmSeal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, authentic: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(authentic);
  return Uint8Array.from(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

function gcmTry(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, authentic: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  try {
    return gcmOpen(key, nonce, sealed, authentic) as Uint8Array<ArrayBuffer>;
  } catch {
    return undefined;
  }
}
