// Decrypted blocks: each is opened once while it is kept, by whoever asks first, and damage is not remembered.

import { expect, test } from 'vitest';
import { BlockCache, blockCacheBytes } from '../../src/engine/files/block-cache.js';
import { SEALED_BLOCK_BYTES } from '../../src/format/sealed-file.js';
import { knownVault } from './support.js';

test('who asks at the same time, or later, gets the block that was opened first; the longest unused goes', async () => {
  const cache = new BlockCache(2 * SEALED_BLOCK_BYTES);
  let opened = 0;
  const open = async (): Promise<Uint8Array> => Uint8Array.of(opened++);
  const [a, again] = await Promise.all([cache.get('a', open), cache.get('a', open)]);
  expect(again).toBe(a);
  await cache.get('b', open);
  expect(await cache.get('a', open)).toBe(a);
  await cache.get('c', open);
  expect(await cache.get('a', open)).toBe(a);
  expect(await cache.get('b', open)).toEqual(Uint8Array.of(3));
});

test('what failed is opened again', async () => {
  const cache = new BlockCache(SEALED_BLOCK_BYTES);
  await expect(cache.get('a', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
  expect(await cache.get('a', async () => Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});

test('it takes at most a sixteenth of a limited memory', () => {
  expect(blockCacheBytes(undefined)).toBe(16 * 2 ** 20);
  expect(blockCacheBytes(64 * 2 ** 20)).toBe(4 * 2 ** 20);
});

test('ranges of an encrypted file are read from its blocks, each of which is read and decrypted once', async () => {
  const { vault } = await knownVault();
  const plain = Uint8Array.from({ length: 3 * SEALED_BLOCK_BYTES + 100 }, (_, i) => i * 7 + (i >> 8));
  const { bytes, salt } = await vault.seal(plain, 'a');
  const file = { about: 'a', where: 'a', salt };
  let reads = 0;
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    reads++;
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  };
  for (let turn = 0; turn < 3; turn++) {
    for (const [offset, length] of [[0, 10], [5, SEALED_BLOCK_BYTES], [SEALED_BLOCK_BYTES - 1, 2], [3 * SEALED_BLOCK_BYTES - 1, 101], [70_000, 1]] as const) {
      expect(await vault.readRange(read, bytes.length, offset, length, file)).toEqual(plain.slice(offset, offset + length));
    }
  }
  expect(reads).toBe(4);
  await Promise.all(Array.from({ length: 20 }, (_, i) => vault.readRange(read, bytes.length, i * 50, 50, file)));
  expect(reads).toBe(4);
});
