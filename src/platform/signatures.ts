// Ed25519 by WebCrypto, which browsers, Node and workerd share.

import { require } from '../model/errors.js';
import { SIGNING_KEY_BYTES, type Signatures } from '../ports/cipher.js';

const ALGORITHM = 'Ed25519';
/** Before the 32 bytes of a private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

export const webSignatures: Signatures = {
  async signer(seed) {
    require(seed.length === SIGNING_KEY_BYTES, () => `signing key: expected ${SIGNING_KEY_BYTES} bytes, found ${seed.length}`);
    const key = await crypto.subtle.importKey('pkcs8', Uint8Array.of(...PKCS8_PREFIX, ...seed), ALGORITHM, true, ['sign']);
    const { x } = await crypto.subtle.exportKey('jwk', key);
    return {
      publicKey: bytesOfBase64Url(x ?? ''),
      sign: async (message) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, Uint8Array.from(message))),
    };
  },
  async isSignedBy(publicKey, message, signature) {
    require(publicKey.length === SIGNING_KEY_BYTES, () => `public key: expected ${SIGNING_KEY_BYTES} bytes, found ${publicKey.length}`);
    const key = await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), ALGORITHM, false, ['verify']);
    return crypto.subtle.verify(ALGORITHM, key, Uint8Array.from(signature), Uint8Array.from(message));
  },
};

function bytesOfBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
}
