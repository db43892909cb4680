// Encrypted files: what is stored is what docs/format.md says, ranges are read alone, and nothing moved, cut or changed opens.

import { describe, expect, test } from 'vitest';
import { BlockCache } from '../../src/engine/files/block-cache.js';
import { SealedVault } from '../../src/engine/files/sealed-vault.js';
import { concatBytes, hexOf, sameBytes } from '../../src/format/bytes.js';
import { crc32c } from '../../src/format/crc.js';
import { plainSizeOf, sealedSize } from '../../src/format/sealed-file.js';
import { plainVault } from '../../src/engine/files/vault.js';
import { openFileByHand } from './by-hand.js';
import { knownVault, noise } from './support.js';

const BLOCK = 65_536;
const HEADER = 48;
const STORED_BLOCK = BLOCK + 16;
const file = { about: 'c0/rows', where: 'rows-1.parquet' };
const SIZES = [0, 1, 16, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 1000];

const changed = (bytes: Uint8Array, at: number, by = 1): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ by : byte));
const corrupt = { code: 'Corrupt', file: file.where };

describe('an encrypted file', () => {
  test.each(SIZES)('of %i bytes opens to what was sealed, also by hand, and has the size that is told', async (size) => {
    const { vault, dataKey } = await knownVault();
    const bytes = noise(size, size);
    const { bytes: stored, salt } = await vault.seal(bytes, file.about);
    expect(stored).toHaveLength(HEADER + size + 16 * Math.max(1, Math.ceil(size / BLOCK)));
    expect(stored).toHaveLength(sealedSize(size));
    expect(vault.plainSize(stored.length, 'x')).toBe(size);
    expect(salt).toBe(hexOf(stored.subarray(12, 44)));
    expect(sameBytes(await vault.open(stored, { ...file, salt }), bytes)).toBe(true);
    expect(sameBytes(openFileByHand(dataKey, stored, file.about), bytes)).toBe(true);
  });

  test('sealed twice has nothing in common but its beginning', async () => {
    const { vault } = await knownVault();
    const [a, b] = [await vault.seal(new Uint8Array(1000), file.about), await vault.seal(new Uint8Array(1000), file.about)];
    const same = a.bytes.filter((byte, at) => at >= 12 && byte === b.bytes[at]).length;
    expect(same).toBeLessThan(30);
    expect(a.salt).not.toBe(b.salt);
  });

  test('gives ranges, reading no block but those touched', async () => {
    const { vault: sealing, key, ambient } = await knownVault();
    const bytes = noise(5, 3 * BLOCK + 1000);
    const { bytes: stored, salt } = await sealing.seal(bytes, file.about);
    const ends = [0, 1, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK, 3 * BLOCK + 999, 3 * BLOCK + 1000];
    for (const from of ends) {
      for (const to of ends.filter((end) => end >= from)) {
        // Of its own, so that it has none of them yet.
        const vault = new SealedVault(key, ambient, new BlockCache(BLOCK));
        const read: [number, number][] = [];
        const range = await vault.readRange(async (offset, length) => {
          read.push([offset, length]);
          return stored.slice(offset, offset + length);
        }, stored.length, from, to - from, { ...file, salt });
        expect(sameBytes(range, bytes.subarray(from, to))).toBe(true);
        const first = Math.floor(from / BLOCK);
        const last = Math.floor((to - 1) / BLOCK);
        const starts = Array.from({ length: from === to ? 0 : last - first + 1 }, (_, at) => HEADER + (first + at) * STORED_BLOCK);
        expect(read).toEqual(starts.map((start) => [start, Math.min(STORED_BLOCK, stored.length - start)]));
      }
    }
    const vault = sealing;
    const read = async (offset: number, length: number) => stored.slice(offset, offset + length);
    expect(await vault.readRange(read, stored.length, 10, 20, file)).toEqual(bytes.slice(10, 30));
    await expect(vault.readRange(read, stored.length, 3 * BLOCK, 1001, file)).rejects.toMatchObject(corrupt);
    await expect(vault.readRange(read, stored.length, -1, 5, file)).rejects.toMatchObject(corrupt);
  });

  test('with any byte of it changed does not open', async () => {
    const { vault } = await knownVault();
    const { bytes: stored, salt } = await vault.seal(noise(1, 100), file.about);
    for (let at = 0; at < stored.length; at++) {
      const code = at >= 8 && at < 12 ? /Corrupt|Unsupported/ : /Corrupt/;
      await expect(vault.open(changed(stored, at, 1 << at % 8), { ...file, salt })).rejects.toMatchObject({ code: expect.stringMatching(code) as string, file: file.where });
    }
  });

  test('cut or lengthened anywhere does not open, also at the end of a block', async () => {
    const { vault } = await knownVault();
    const { bytes: small } = await vault.seal(noise(1, 100), file.about);
    for (let size = 0; size < small.length; size++) await expect(vault.open(small.slice(0, size), file)).rejects.toMatchObject(corrupt);
    const { bytes: stored } = await vault.seal(noise(2, 3 * BLOCK), file.about);
    for (const size of [HEADER + STORED_BLOCK, HEADER + 2 * STORED_BLOCK, stored.length - 1, stored.length - 16]) {
      await expect(vault.open(stored.slice(0, size), file)).rejects.toMatchObject(corrupt);
    }
    await expect(vault.open(concatBytes([stored, Uint8Array.of(0)]), file)).rejects.toMatchObject(corrupt);
    await expect(vault.open(concatBytes([stored, stored.subarray(stored.length - STORED_BLOCK)]), file)).rejects.toMatchObject(corrupt);
  });

  test('with two blocks in each other\'s place does not open, whole or by range', async () => {
    const { vault } = await knownVault();
    const { bytes: stored } = await vault.seal(noise(2, 3 * BLOCK), file.about);
    const swapped = stored.slice();
    swapped.set(stored.subarray(HEADER, HEADER + STORED_BLOCK), HEADER + STORED_BLOCK);
    swapped.set(stored.subarray(HEADER + STORED_BLOCK, HEADER + 2 * STORED_BLOCK), HEADER);
    await expect(vault.open(swapped, file)).rejects.toMatchObject(corrupt);
    await expect(vault.readRange(async (offset, length) => swapped.slice(offset, offset + length), swapped.length, 5, 5, file)).rejects.toMatchObject(corrupt);
    expect(await vault.readRange(async (offset, length) => swapped.slice(offset, offset + length), swapped.length, 2 * BLOCK, 5, file)).toEqual(noise(2, 3 * BLOCK).slice(2 * BLOCK, 2 * BLOCK + 5));
  });

  test('opens neither as another kind of file, nor for another collection, nor in place of another of its kind', async () => {
    const { vault } = await knownVault();
    const { vault: elsewhere } = await knownVault(2);
    const bytes = noise(1, 2 * BLOCK);
    const [a, b] = [await vault.seal(bytes, file.about), await vault.seal(bytes, file.about)];
    const rangeOf = (stored: Uint8Array, salt: string | undefined) => vault.readRange(async (offset, length) => stored.slice(offset, offset + length), stored.length, 0, 5, { ...file, salt });
    await expect(vault.open(a.bytes, { ...file, about: 'c0/del' })).rejects.toMatchObject(corrupt);
    await expect(elsewhere.open(a.bytes, file)).rejects.toMatchObject(corrupt);
    await expect(vault.open(b.bytes, { ...file, salt: a.salt })).rejects.toMatchObject(corrupt);
    await expect(rangeOf(b.bytes, a.salt)).rejects.toMatchObject(corrupt);
    // Blocks of the one behind the header of the other, which is what its salt is.
    const mixed = b.bytes.slice();
    mixed.set(a.bytes.subarray(0, HEADER));
    await expect(vault.open(mixed, { ...file, salt: a.salt })).rejects.toMatchObject(corrupt);
    expect(await rangeOf(a.bytes, a.salt)).toEqual(bytes.slice(0, 5));
  });

  test('has one of the sizes that there are', () => {
    expect([0, 47, 48, 63, HEADER + STORED_BLOCK + 1, HEADER + STORED_BLOCK + 16].map((size) => {
      try {
        return plainSizeOf(size, 'x');
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    })).toEqual(Array.from({ length: 6 }, () => 'Corrupt'));
    expect(plainSizeOf(64, 'x')).toBe(0);
    expect(plainSizeOf(HEADER + STORED_BLOCK + 17, 'x')).toBe(BLOCK + 1);
    expect(() => sealedSize(2 ** 32 * BLOCK)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });

  test('of a newer version is refused with its version', async () => {
    const { vault } = await knownVault();
    const { bytes } = await vault.seal(noise(1, 10), file.about);
    const view = new DataView(bytes.buffer);
    view.setUint32(8, 2, true);
    view.setUint32(44, crc32c(bytes.subarray(0, 44)), true);
    await expect(vault.open(bytes, file)).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('version 2') as string });
  });
});

describe('without encryption', () => {
  test('bytes are what they are, not copied', async () => {
    const bytes = noise(1, 1000);
    expect((await plainVault.seal(bytes, file.about)).bytes).toBe(bytes);
    expect(await plainVault.open(bytes, file)).toBe(bytes);
    expect((await plainVault.openLog(bytes, 'x')).bytes).toBe(bytes);
    expect(plainVault.plainSize(17, 'x')).toBe(17);
    expect(await plainVault.readRange(async (offset, length) => bytes.subarray(offset, offset + length), 1000, 10, 20, file)).toEqual(bytes.slice(10, 30));
  });

  test('an encrypted file asks for a key, and with a key a plain file is not taken', async () => {
    const { vault } = await knownVault();
    const { bytes } = await vault.seal(noise(1, 10), file.about);
    await expect(plainVault.open(bytes, file)).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining('encryption.key') as string });
    await expect(vault.open(noise(1, 10), file)).rejects.toMatchObject(corrupt);
  });
});
