// The native core's checksums are those that JavaScript computes, and refuse what is no bytes.

import { expect, test } from 'vitest';
import type { Addon } from '../../src/core/native/addon.js';
import { crc32, crc32c, crc32Rows } from '../../src/format/crc.js';
import { random } from '../support/random.js';
import { addon as loaded } from './flat-cores.js';

const addon = loaded as Addon;
const SEED = 20261130;

test('the addon gives the checksums that JavaScript gives, at any alignment', () => {
  const next = random(SEED);
  const bytes = Uint8Array.from({ length: 500 }, () => next() * 256);
  for (let start = 0; start < 17; start++) {
    for (let end = start; end < bytes.length; end += 7) {
      const part = bytes.subarray(start, end);
      expect(addon.crc32(part, 77), `seed ${SEED}, ${start} to ${end}`).toBe(crc32(part, 77));
      expect(addon.crc32c(part, 77), `seed ${SEED}, ${start} to ${end}`).toBe(crc32c(part, 77));
    }
  }
  const sums = new Uint32Array(5);
  expect(addon.crc32Rows(bytes.subarray(3, 483), 96, sums)).toBe(0);
  expect(sums).toEqual(crc32Rows(bytes.subarray(3, 483), 96));
});

test('the addon refuses rows that are not there', () => {
  const bytes = new Uint8Array(100);
  for (const [given, rowBytes, sums] of [[bytes, 10, 11], [bytes, 0, 1], [bytes, -1, 1], [[], 10, 1]] as const) {
    expect(addon.crc32Rows(given as Uint8Array, rowBytes, new Uint32Array(sums))).toBe(1);
  }
  expect(addon.crc32([] as unknown as Uint8Array, 0)).toBeUndefined();
  expect(addon.crc32c(bytes, -1)).toBeUndefined();
});
