// Encryption as every preset takes it: a key in the options, WebCrypto behind it.

import type { Encryption } from '../engine/environment.js';
import { keyToWrap, webCipher } from '../platform/cipher.js';
import type { EncryptionKey } from '../ports/cipher.js';

export interface EncryptionOptions {
  /**
   * 32 random bytes, not a password; or a CryptoKey of AES-GCM with 256 bits and the usages `wrapKey` and `unwrapKey`, which
   * need not be extractable. Whoever loses it loses the database.
   */
  readonly key: EncryptionKey;
}

/** For the environment of a database. */
export function encryptionBy(options: EncryptionOptions | undefined): Encryption | undefined {
  return options && { cipher: webCipher, key: options.key };
}

/** What a page posts to its worker: the key as a CryptoKey that no script can read. Errors: `InvalidArgument`. */
export async function encryptionToPost(options: EncryptionOptions | undefined): Promise<EncryptionOptions | undefined> {
  return options && { key: await keyToWrap(options.key) };
}
