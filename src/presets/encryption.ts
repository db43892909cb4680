// Encryption as every preset takes it: a key in the options, WebCrypto behind it.

import type { Encryption } from '../engine/database/environment.js';
import { KEY_PROOF, keyAbout, sealedKeyOfHex } from '../format/sealed-key.js';
import { ElanusError } from '../model/errors.js';
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

/** Errors: `WrongKey` if the owner of a database, which gave `proof`, has another key than `options`, or one of both has none. */
export async function requireSameKey(proof: string | undefined, options: EncryptionOptions | undefined, name: string): Promise<void> {
  if (proof === undefined && options === undefined) return;
  if (proof === undefined) throw new ElanusError('WrongKey', `${name}: this database is not encrypted: open it without encryption`);
  if (options === undefined) throw new ElanusError('WrongKey', `${name}: this database is encrypted: open it with its key, as encryption.key`);
  const { nonce, wrapped } = sealedKeyOfHex(proof, name, 'the key of the tab that has it');
  const key = await (await webCipher.masterKey(options.key)).unwrap(wrapped, { nonce, about: keyAbout(KEY_PROOF) });
  if (key === undefined) throw new ElanusError('WrongKey', `${name}: the tab that has this database opened it with another key`);
}

/** What a page posts to its worker: the key as a CryptoKey that no script can read. Errors: `InvalidArgument`. */
export async function encryptionToPost(options: EncryptionOptions | undefined): Promise<EncryptionOptions | undefined> {
  return options && { key: await keyToWrap(options.key) };
}
