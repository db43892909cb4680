// The Cipher port by WebCrypto, which browsers, Node and workerd share. Keys are CryptoKeys: no bytes of one are seen here
// but those that the caller gives.

import { ElanusError, require } from '../model/errors.js';
import type { Cipher, DataKey, EncryptionKey, FileKey, MasterKey, WrapContext } from '../ports/cipher.js';

const AES = 'AES-GCM';
const KEY_BITS = 256;
const TAG_BITS = 128;
const WRAPPING: KeyUsage[] = ['wrapKey', 'unwrapKey'];

export const webCipher: Cipher = {
  async masterKey(key) {
    return new WebMasterKey(await keyToWrap(key));
  },
};

/**
 * The key as one that can be posted to a worker and that no script can read: a CryptoKey as it is, bytes as a
 * non-extractable one. Errors: `InvalidArgument`.
 */
export async function keyToWrap(key: EncryptionKey): Promise<CryptoKey> {
  if (isCryptoKey(key)) {
    const { name, length } = key.algorithm as AesKeyAlgorithm;
    require(name === AES && length === KEY_BITS && key.usages.includes('unwrapKey'), () => `encryption.key: expected a CryptoKey of ${AES} with ${KEY_BITS} bits and the usages wrapKey and unwrapKey, found ${name} ${length ?? ''} with ${key.usages.join(', ') || 'none'}`);
    return key;
  }
  require(key instanceof Uint8Array && key.length * 8 === KEY_BITS, () => `encryption.key: expected ${KEY_BITS / 8} bytes or a CryptoKey, found ${key instanceof Uint8Array ? `${key.length} bytes` : typeof key}`);
  return crypto.subtle.importKey('raw', own(key), AES, false, WRAPPING);
}

function isCryptoKey(key: EncryptionKey): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]';
}

class WebMasterKey implements MasterKey {
  readonly #key: CryptoKey;

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  async generate(context: WrapContext): Promise<Uint8Array<ArrayBuffer>> {
    return this.#wrap(await crypto.subtle.generateKey({ name: AES, length: KEY_BITS }, true, ['encrypt']), context);
  }

  async unwrap(wrapped: Uint8Array, context: WrapContext): Promise<DataKey | undefined> {
    const key = await unlessForged(crypto.subtle.unwrapKey('raw', own(wrapped), this.#key, gcm(context.nonce, context.about), 'HKDF', false, ['deriveKey']));
    return key && { fileKey: async (salt, info) => webFileKey(await derive(key, salt, info)) };
  }

  async rewrap(wrapped: Uint8Array, context: WrapContext, next: MasterKey, nextContext: WrapContext): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(next instanceof WebMasterKey)) throw new TypeError('rewrap: a key of another cipher');
    const key = await unlessForged(crypto.subtle.unwrapKey('raw', own(wrapped), this.#key, gcm(context.nonce, context.about), AES, true, ['encrypt']));
    return key && next.#wrap(key, nextContext);
  }

  async #wrap(key: CryptoKey, { nonce, about }: WrapContext): Promise<Uint8Array<ArrayBuffer>> {
    require(this.#key.usages.includes('wrapKey'), () => 'encryption.key: expected a CryptoKey that also has the usage wrapKey, as this writes');
    return new Uint8Array(await crypto.subtle.wrapKey('raw', key, this.#key, gcm(nonce, about)));
  }
}

function derive(key: CryptoKey, salt: Uint8Array, info: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: own(salt), info: own(info) }, key, { name: AES, length: KEY_BITS }, false, ['encrypt', 'decrypt']);
}

function webFileKey(key: CryptoKey): FileKey {
  return {
    async encrypt(nonce, plain, authentic) {
      return new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, authentic), key, own(plain)));
    },
    async decrypt(nonce, sealed, authentic) {
      const plain = await unlessForged(crypto.subtle.decrypt(gcm(nonce, authentic), key, own(sealed)));
      return plain && new Uint8Array(plain);
    },
  };
}

function gcm(nonce: Uint8Array, authentic: Uint8Array): AesGcmParams {
  return { name: AES, iv: own(nonce), additionalData: own(authentic), tagLength: TAG_BITS };
}

/** Undefined where a tag does not match, which WebCrypto calls an OperationError, as it does running out of memory. */
async function unlessForged<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && error.name === 'OperationError') return undefined;
    throw new ElanusError('StorageFailed', `decryption failed: ${String(error)}`, { cause: error });
  }
}

/** Shared memory is refused by WebCrypto; only that is copied. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
