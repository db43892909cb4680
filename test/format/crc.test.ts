// Checksums against published check values, and against a bit-by-bit computation of the same polynomials.

import { expect, test } from 'vitest';
import { crc32, crc32c, crc32Joined, crc32Rows } from '../../src/format/crc.js';
import { randomOf } from './samples.js';

const CHECK = new TextEncoder().encode('123456789');

function bitwise(bytes: Uint8Array, polynomial: number): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the check values of both polynomials come out', () => {
  expect(crc32(CHECK)).toBe(0xcbf43926);
  expect(crc32c(CHECK)).toBe(0xe3069283);
  expect(crc32(new Uint8Array(0))).toBe(0);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
});

test('any length at any alignment agrees with the bitwise computation, whole or in parts', () => {
  const seed = 20_261;
  const random = randomOf(seed);
  const bytes = Uint8Array.from({ length: 1700 }, () => random() * 256);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end < bytes.length; end += end < 100 ? 1 : 97) {
      const part = bytes.subarray(start, end);
      const middle = Math.floor(part.length / 3);
      expect(crc32(part), `seed ${seed}`).toBe(bitwise(part, 0xedb88320));
      expect(crc32c(part), `seed ${seed}`).toBe(bitwise(part, 0x82f63b78));
      expect(crc32c(part.subarray(middle), crc32c(part.subarray(0, middle)))).toBe(crc32c(part));
    }
  }
});

test.each([0, 1, 2, 3, 31, 64, 100, 1024, 3072])('the checksum of parts of %i bytes is joined from theirs', (partBytes) => {
  const random = randomOf(partBytes);
  const parts = Array.from({ length: 9 }, () => Uint8Array.from({ length: partBytes }, () => random() * 256));
  const before = Uint8Array.from({ length: 7 }, () => random() * 256);
  const whole = Buffer.concat([before, ...parts]);
  expect(crc32Joined(Uint32Array.from(parts, (part) => crc32(part)), partBytes, crc32(before))).toBe(bitwise(whole, 0xedb88320));
  expect(crc32Joined(new Uint32Array(0), partBytes, 5)).toBe(5);
});

test('rows have the checksums that they have by themselves', () => {
  const random = randomOf(12);
  const bytes = Uint8Array.from({ length: 9 * 96 }, () => random() * 256);
  expect([...crc32Rows(bytes, 96)]).toEqual(Array.from({ length: 9 }, (_, row) => bitwise(bytes.subarray(row * 96, (row + 1) * 96), 0xedb88320)));
  expect([...crc32Rows(new Uint8Array(0), 96)]).toEqual([]);
});
