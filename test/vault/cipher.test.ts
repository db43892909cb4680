// The Cipher port by WebCrypto, against node:crypto: keys wrapped and files encrypted by one are opened by the other.

import { describe, expect, test } from 'vitest';
import { keyToWrap, webCipher } from '../../src/platform/cipher.js';
import type { Cipher, DataKey, EncryptionKey } from '../../src/ports/cipher.js';
import { nodeCipher } from '../support/node-cipher.js';
import { KEY, noise, OTHER_KEY } from './support.js';

const context = { nonce: noise(1, 12), about: noise(2, 20) };
const nextContext = { nonce: noise(3, 12), about: noise(4, 8) };
const ciphers: readonly (readonly [string, Cipher, Cipher])[] = [['WebCrypto by node:crypto', webCipher, nodeCipher()], ['node:crypto by WebCrypto', nodeCipher(), webCipher]];

async function fileKey(key: DataKey | undefined) {
  if (key === undefined) throw new Error('the key was refused');
  return key.fileKey(noise(5, 32), noise(6, 9));
}

describe.each(ciphers)('what was made with %s', (_, made, opened) => {
  test('a data key is unwrapped to the same', async () => {
    const wrapped = await (await made.masterKey(KEY)).generate(context);
    expect(wrapped).toHaveLength(48);
    const a = await fileKey(await (await made.masterKey(KEY)).unwrap(wrapped, context));
    const b = await fileKey(await (await opened.masterKey(KEY)).unwrap(wrapped, context));
    for (const length of [0, 1, 65_536]) {
      const sealed = await a.encrypt(noise(7, 12), noise(8, length), noise(9, 5));
      expect(sealed).toHaveLength(length + 16);
      expect(await b.decrypt(noise(7, 12), sealed, noise(9, 5))).toEqual(noise(8, length));
      expect(await a.decrypt(noise(7, 12), sealed, noise(9, 6))).toBeUndefined();
      expect(await a.decrypt(noise(7, 12), sealed.map((byte, at) => (at === length ? byte ^ 1 : byte)), noise(9, 5))).toBeUndefined();
    }
  });

  test('a data key rewrapped for another master key is the same, and the old one opens it no more', async () => {
    const before = await made.masterKey(KEY);
    const wrapped = await before.generate(context);
    const rewrapped = await before.rewrap(wrapped, context, await made.masterKey(OTHER_KEY), nextContext);
    if (rewrapped === undefined) throw new Error('the key was refused');
    expect(await before.unwrap(rewrapped, nextContext)).toBeUndefined();
    const a = await fileKey(await before.unwrap(wrapped, context));
    const b = await fileKey(await (await opened.masterKey(OTHER_KEY)).unwrap(rewrapped, nextContext));
    expect(await b.decrypt(noise(7, 12), await a.encrypt(noise(7, 12), noise(8, 99), noise(9, 5)), noise(9, 5))).toEqual(noise(8, 99));
    expect(await before.rewrap(rewrapped, nextContext, before, context)).toBeUndefined();
  });

  test('another key, nonce or purpose unwraps nothing', async () => {
    const wrapped = await (await made.masterKey(KEY)).generate(context);
    expect(await (await opened.masterKey(OTHER_KEY)).unwrap(wrapped, context)).toBeUndefined();
    expect(await (await opened.masterKey(KEY)).unwrap(wrapped, { ...context, nonce: nextContext.nonce })).toBeUndefined();
    expect(await (await opened.masterKey(KEY)).unwrap(wrapped, { ...context, about: nextContext.about })).toBeUndefined();
  });
});

describe('a master key', () => {
  const imported = (usages: KeyUsage[], algorithm = 'AES-GCM', length = 32) => crypto.subtle.importKey('raw', noise(1, length), algorithm, false, usages);

  test('may be a CryptoKey that nobody can export', async () => {
    const key = await crypto.subtle.importKey('raw', KEY, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
    const wrapped = await (await webCipher.masterKey(key)).generate(context);
    expect(await (await webCipher.masterKey(KEY)).unwrap(wrapped, context)).toBeDefined();
    expect(await keyToWrap(key)).toBe(key);
  });

  test('of bytes becomes a CryptoKey that nobody can export and that only wraps', async () => {
    const bytes = KEY.slice();
    const key = await keyToWrap(bytes);
    bytes.fill(0);
    expect(key).toMatchObject({ extractable: false, usages: ['wrapKey', 'unwrapKey'] });
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
    expect(await (await webCipher.masterKey(KEY)).unwrap(await (await webCipher.masterKey(key)).generate(context), context)).toBeDefined();
  });

  test.each([
    ['31 bytes', noise(1, 31)],
    ['a text', 'secret' as unknown as EncryptionKey],
    ['nothing', undefined as unknown as EncryptionKey],
    ['an array', Array.from(KEY) as unknown as EncryptionKey],
    ['a CryptoKey of 128 bits', imported(['wrapKey', 'unwrapKey'], 'AES-GCM', 16)],
    ['a CryptoKey of another algorithm', imported(['wrapKey', 'unwrapKey'], 'AES-KW')],
    ['a CryptoKey for something else', imported(['encrypt', 'decrypt'])],
  ])('is refused if it is %s', async (_, key) => {
    await expect(webCipher.masterKey(await key)).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('encryption.key') as string });
  });

  test('that can only unwrap reads, and says so when it is to write', async () => {
    const key = await webCipher.masterKey(await crypto.subtle.importKey('raw', KEY, 'AES-GCM', false, ['unwrapKey']));
    const wrapped = await (await webCipher.masterKey(KEY)).generate(context);
    expect(await key.unwrap(wrapped, context)).toBeDefined();
    await expect(key.generate(context)).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('wrapKey') as string });
  });
});
